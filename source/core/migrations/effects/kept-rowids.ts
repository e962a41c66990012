import type {TrackedTable} from '../../operations/table-names.ts';
import type {Database} from '../../sqlite/database.ts';
import {type RowStorage, tableStorage} from './row-storage.ts';

/**
 * Which rowids of a table still belong to the rows they belonged to at the start. After rows were deleted, SQLite may reuse rowids larger than the
 * last one for new rows (https://www.sqlite.org/autoinc.html). From then on, only smaller rowids identify the original rows.
 */
export class KeptRowids {
	readonly #db: Database;
	readonly #storages = new Map<TrackedTable, RowStorage | undefined>();
	/** Tables that may have lost rows since their last rowid was looked up. */
	readonly #shrunk = new Set<TrackedTable>();
	readonly #last = new Map<TrackedTable, number | bigint>();

	constructor(db: Database) {
		this.#db = db;
	}

	/** The smallest value that the last rowid of each table has had. A table that is missing here kept all its rowids. */
	get last(): ReadonlyMap<TrackedTable, number | bigint> {
		return this.#last;
	}

	/** Called after a change of the schema, because tables may be stored elsewhere. */
	forgetStorage(): void {
		this.#storages.clear();
	}

	beforeInsert(tables: readonly TrackedTable[]): void {
		for (const table of tables) if (this.#shrunk.delete(table)) this.#keep(table);
	}

	beforeDelete(tables: readonly TrackedTable[]): void {
		for (const table of tables) this.#shrunk.add(table);
	}

	#keep(table: TrackedTable): void {
		const storage = this.#implicitRowids(table);
		if (storage === undefined) return;
		const {from, rowid} = storage;
		const last = this.#db.value(`SELECT max(${rowid}) FROM ${from}`) as number | bigint | null;
		const most = this.#last.get(table);
		if (most === undefined || last === null || last < most) this.#last.set(table, last ?? smallestRowid);
	}

	/** Where the rows of a table from the start are, if it has rowids that are not its key. */
	#implicitRowids(table: TrackedTable): RowStorage | undefined {
		if (table.origin === null || table.isVirtual || table.isDropped) return undefined;
		if (!this.#storages.has(table)) {
			const storage = tableStorage(this.#db, 'main', table.now);
			const isKey = storage.key.length > 0 && storage.collations.length === 0;
			this.#storages.set(table, storage.rowid === undefined || isKey ? undefined : storage);
		}
		return this.#storages.get(table);
	}
}

const smallestRowid = -(2n ** 63n);
