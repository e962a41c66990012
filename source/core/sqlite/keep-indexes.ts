import {readIndex} from '../ddl/read.ts';
import type {RewriteStep} from '../plan/step.ts';
import {nameKey, quoted} from '../schema/identifiers.ts';
import {clean} from '../text/clean.ts';
import type {Database} from './database.ts';
import {StepError} from './step-error.ts';
import {unknownCollations} from './suspended-indexes.ts';
import {writeSchema} from './write-schema.ts';

/** Indexes that were detached from a table before it is dropped, with the pages they are stored in. */
export type DetachedIndexes = ReadonlyMap<string, DetachedIndex>;

/** The number of rows of a table, and whether its indexes are worth keeping. */
export interface TableSize {
	readonly rows: number;
	readonly isLarge: boolean;
}

export interface DetachedIndex {
	readonly name: string;
	readonly page: number;
	readonly sql: string;
}

/**
 * The minimum number of rows for keeping indexes. For fewer rows, building them takes a few milliseconds, about as long as loading the schema twice.
 */
export const minRowsToKeep = 10_000;

/**
 * Takes the indexes of a rewrite that stay valid from the old table, so DROP TABLE does not free their pages. Until `attachIndexes`, no row of
 * `sqlite_schema` mentions these pages. They are not free either, so nothing else uses them (docs/decisions/0020).
 *
 * Takes an index only if it has an entry for each row and no value that the copy could have changed. Takes none in a database with auto_vacuum, where
 * DROP TABLE may move pages. From a small table, takes only an index that cannot be built because its collation belongs to another program.
 */
export function detachIndexes(db: Database, {table, keptIndexes}: RewriteStep, {rows, isLarge}: TableSize): DetachedIndexes {
	if (keptIndexes.length === 0 || db.value('PRAGMA auto_vacuum') !== 0) return new Map();
	const isUnknown = unknownCollations(db);
	const found = new Map<string, DetachedIndex>();
	for (const {name, stale} of keptIndexes) {
		const row = schemaRow(db, table, name);
		if (row === undefined) continue;
		const isSoundIndex = () => isSound(db, table, row.name, stale, rows);
		const isKept = isUnknown(readIndex(row.sql), undefined) ? withoutCollations(db, row, isSoundIndex) : isLarge && isSoundIndex();
		if (isKept) found.set(nameKey(name), row);
	}
	if (found.size === 0) return found;
	writeSchema(db, () => {
		for (const {name} of found.values()) requireOne(db.run(`DELETE FROM sqlite_schema WHERE type = 'index' AND name = ?`, name), name);
	});
	return found;
}

/** Attaches indexes to the table that now has the rows. */
export function attachIndexes(db: Database, table: string, indexes: readonly DetachedIndex[]): void {
	if (indexes.length === 0) return;
	writeSchema(db, () => {
		for (const {name, page, sql} of indexes) {
			const row = `INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('index', ?, ?, ?, ?)`;
			requireOne(db.run(row, name, table, page, sql), name);
		}
	});
}

function schemaRow(db: Database, table: string, index: string): DetachedIndex | undefined {
	const [row] = db.tuples(
		`SELECT name, rootpage, sql FROM sqlite_schema WHERE type = 'index' AND name = ? COLLATE NOCASE AND tbl_name = ? COLLATE NOCASE`,
		index,
		table,
	);
	const [name, page, sql] = row ?? [];
	return typeof name === 'string' && typeof page === 'number' && page > 1 && typeof sql === 'string' ? {name, page, sql} : undefined;
}

/** Reads all entries of an index. */
function isSound(db: Database, table: string, index: string, stale: string, rows: number): boolean {
	const [counts] = db.tuples(`SELECT count(*), count(*) FILTER (WHERE ${stale}) FROM ${quoted(table)} INDEXED BY ${quoted(index)}`);
	return counts?.[0] === rows && counts[1] === 0;
}

/**
 * Does some work while an index has the collation BINARY, which changes the order of its entries but not their number and values. Without its own
 * collation, SQLite cannot read the index.
 */
function withoutCollations<T>(db: Database, {name, sql}: DetachedIndex, work: () => T): T {
	const {table, columns} = readIndex(sql);
	const define = (text: string) => {
		writeSchema(db, () => requireOne(db.run(`UPDATE sqlite_schema SET sql = ? WHERE type = 'index' AND name = ?`, text, name), name));
	};
	const binary = columns.map(({expression}) => `${expression.text} COLLATE BINARY`).join(', ');
	define(`CREATE INDEX ${quoted(name)} ON ${quoted(table)} (${binary})`);
	const result = work();
	define(sql);
	return result;
}

function requireOne(changed: number, index: string): void {
	if (changed !== 1) throw new StepError('plan', `index ${clean(index)} is not in the schema`, 'keeping indexes');
}
