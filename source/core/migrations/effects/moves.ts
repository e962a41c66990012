import type {TrackedTable} from '../../operations/table-names.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {beforeSchema} from '../../sqlite/attach.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import {columnKeys, movedRows, type SomeRows} from './carried.ts';
import {comparisonOf, countOf} from './compare-rows.ts';
import {tableStorage, trackedPairs} from './row-storage.ts';
import type {StatementWatch} from './statement-watch.ts';
import type {WriteRecord} from './write-record.ts';

/** Returns the tables that exist and may have received rows: those that were written, and those that the run created. */
export function receivers({written, changed}: WriteRecord): readonly TrackedTable[] {
	return [...changed.keys()].filter((table) => !table.isDropped && (written.has(table) || table.origin === null));
}

/** Rows that tables lost and others received. Each received row answers for one lost row only. */
export class Moves {
	readonly #db: Database;
	readonly #watch: StatementWatch;
	/** Rows that were already searched for. */
	readonly #earlier: SomeRows[] = [];
	#found = 0;

	constructor(db: Database, watch: StatementWatch) {
		this.#db = db;
		this.#watch = watch;
	}

	of(gone: SomeRows, rowsGone: number, from: string): {readonly rows: number; readonly notes: readonly string[]} {
		const names = columnKeys(gone);
		const tables = receivers(this.#watch.record).flatMap((table) => {
			if (table.isVirtual || sameName(table.origin ?? table.replaces ?? '', from)) return [];
			const received = this.#received(table);
			return received !== undefined && columnKeys(received).some((name) => names.includes(name)) ? [{table, received}] : [];
		});
		if (tables.length === 0) return {rows: 0, notes: []};
		const each = tables.map(({table, received}) => ({
			name: table.now,
			rows: Math.min(movedRows(this.#db, [gone], [received], names), this.#mostOf(table)),
		}));
		const most = each.reduce((sum, {rows}) => sum + rows, 0);
		const all = tables.map(({received}) => received);
		const rows = Math.min(rowsGone, most, each.length === 1 ? most : movedRows(this.#db, [gone], all, names), this.#unclaimed(gone, all, most));
		this.#earlier.push(gone);
		this.#found += rows;
		let left = rows;
		const notes = each.flatMap(({name, rows: some}): readonly string[] => {
			const moved = Math.min(some, left);
			left -= moved;
			return moved === 0 ? [] : [`${plural(moved, 'row')} moved to ${clean(name)}`];
		});
		return {rows, notes};
	}

	/** Returns the column of another table that received all values of a column, with the key of their rows and under its name. */
	intoColumn(gone: SomeRows, values: number, column: string): string | undefined {
		const names = columnKeys(gone);
		if (names.length < 2) return undefined;
		const found = receivers(this.#watch.record).find((table) => {
			if (table.isVirtual || table.columns.has(nameKey(column))) return false;
			const {columns, from} = tableStorage(this.#db, 'main', table.now);
			const received: SomeRows = {columns, side: 'n', from: `FROM ${from} AS n WHERE 1`};
			return names.every((name) => columnKeys(received).includes(name)) && movedRows(this.#db, [gone], [received], names) === values;
		});
		return found === undefined ? undefined : `${found.now}.${column}`;
	}

	/** The received rows that do not answer for lost rows of other tables yet. */
	#unclaimed(gone: SomeRows, received: readonly SomeRows[], most: number): number {
		if (this.#found === 0 || most === 0) return most;
		const shared = this.#earlier.reduce((names, rows) => names.filter((name) => columnKeys(rows).includes(name)), columnKeys(gone));
		if (shared.length === 0) return most;
		return movedRows(this.#db, [...this.#earlier, gone], received, shared) - movedRows(this.#db, this.#earlier, received, shared);
	}

	/** A row that only got a different key looks like a received one, so no table counts more received rows than its number of rows has grown. */
	#mostOf(table: TrackedTable): number {
		const rows = (schema: string, name: string) => countOf(this.#db, tableStorage(this.#db, schema, name));
		return Math.max(0, rows('main', table.now) - (table.origin === null ? 0 : rows(beforeSchema, table.origin)));
	}

	#received(table: TrackedTable): SomeRows | undefined {
		const now = tableStorage(this.#db, 'main', table.now);
		if (table.origin === null) return {columns: now.columns, side: 'n', from: `FROM ${now.from} AS n WHERE 1`};
		const before = tableStorage(this.#db, beforeSchema, table.origin);
		const comparison = comparisonOf(this.#db, before, now, trackedPairs(table, before, now), !table.isRewritten, this.#watch.keptRowids.get(table));
		if (comparison === undefined) return undefined;
		const isOld = `EXISTS (SELECT 1 FROM ${before.from} AS b WHERE ${comparison.matchBackwards})`;
		return {columns: now.columns, side: 'n', from: `FROM ${now.from} AS n WHERE NOT ${isOld}`};
	}
}
