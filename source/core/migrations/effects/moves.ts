import type {TrackedTable} from '../../operations/table-names.ts';
import {sameName} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import {movedRows, type SomeRows} from './carried.ts';
import {comparisonOf} from './compare-rows.ts';
import {tableStorage, trackedPairs} from './row-storage.ts';
import {beforeSchema} from './state-before.ts';
import type {StatementWatch} from './statement-watch.ts';

/** Returns the tables that exist and may have received rows: those that were written, and those that the run created. */
export function receivers({written, changed}: StatementWatch): readonly TrackedTable[] {
	return [...changed.keys()].filter((table) => !table.isDropped && (written.has(table) || table.origin === null));
}

/** Rows that one table lost and another one received. Each received row answers for one lost row only. */
export class Moves {
	readonly #db: Database;
	readonly #watch: StatementWatch;
	readonly #taken = new Map<TrackedTable, number>();

	constructor(db: Database, watch: StatementWatch) {
		this.#db = db;
		this.#watch = watch;
	}

	of(gone: SomeRows, rowsGone: number, from: string): {readonly rows: number; readonly notes: readonly string[]} {
		const notes: string[] = [];
		let rows = 0;
		for (const table of receivers(this.#watch)) {
			if (rows === rowsGone) break;
			if (table.isVirtual || sameName(table.origin ?? table.replaces ?? '', from)) continue;
			const received = this.#received(table);
			if (received === undefined) continue;
			const moved = Math.min(movedRows(this.#db, gone, received), rowsGone - rows, this.#free(table));
			if (moved === 0) continue;
			this.#taken.set(table, (this.#taken.get(table) ?? 0) + moved);
			rows += moved;
			notes.push(`${plural(moved, 'row')} moved to ${clean(table.now)}`);
		}
		return {rows, notes};
	}

	/** A row that only got another key looks like one that was received: no table received more rows than it has in addition. */
	#free(table: TrackedTable): number {
		const rows = (schema: string, name: string) => Number(this.#db.value(`SELECT count(*) FROM ${tableStorage(this.#db, schema, name).from}`));
		const before = table.origin === null ? 0 : rows(beforeSchema, table.origin);
		return Math.max(0, rows('main', table.now) - before - (this.#taken.get(table) ?? 0));
	}

	#received(table: TrackedTable): SomeRows | undefined {
		const now = tableStorage(this.#db, 'main', table.now);
		if (table.origin === null) return {columns: now.columns, from: `FROM ${now.from} AS n WHERE 1`};
		const before = tableStorage(this.#db, beforeSchema, table.origin);
		const pairs = trackedPairs(table, before, now);
		const comparison = comparisonOf(before, now, pairs, !table.isRewritten);
		if (comparison === undefined) return undefined;
		return {columns: now.columns, from: `FROM ${now.from} AS n WHERE NOT EXISTS (SELECT 1 FROM ${before.from} AS b WHERE ${comparison.match})`};
	}
}
