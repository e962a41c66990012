import {cursorOver, isWord} from '../ddl/cursor.ts';
import {columnsIn} from '../ddl/expression.ts';
import {tokenName} from '../ddl/lexer.ts';
import {readIndex} from '../ddl/read.ts';
import {renameIn} from '../ddl/statements/rename-in.ts';
import {MigrError} from '../errors.ts';
import {advance} from '../operations/advance.ts';
import type {Operation} from '../operations/operation.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findColumn, findIndex, findTable} from '../schema/lookup.ts';
import type {Index, Schema, Table} from '../schema/schema.ts';
import {clean} from '../text/clean.ts';
import {thrownText} from '../text/thrown.ts';
import type {Database} from './database.ts';
import {hasCollation} from './has-extension.ts';
import {introspect} from './introspect.ts';
import {missingExtension} from './missing-extension.ts';
import {keepingRowCounters} from './row-counters.ts';
import {writeSchema} from './write-schema.ts';

/**
 * How to read this file. Every RENAME and DROP COLUMN reads all definitions of the database, and fails at an index with a collation that another program
 * provides, even on a table that the statement does not concern. These statements change no entry of an index. So the rows of such indexes in
 * `sqlite_schema` are removed for the statement, and inserted again with the new names. Their pages stay as they are, and nothing else uses them: no row
 * mentions them, and they are not free. If anything fails, the transaction is rolled back.
 */

/** A row of `sqlite_schema` about an index. */
interface IndexRow {
	readonly rowid: unknown;
	readonly name: string;
	readonly table: string;
	readonly page: unknown;
	readonly sql: string;
}

/**
 * Executes ALTER TABLE. Indexes with unknown collations do not stop it, unless it drops one of their columns. `changes()` and `last_insert_rowid()` keep
 * their values.
 */
export function alterTable(db: Database, sql: string): void {
	try {
		db.exec(sql);
	} catch (error) {
		if (missingExtension(thrownText(error))?.startsWith('collation ') !== true) throw error;
		inTransaction(db, () => {
			const before = introspect(db);
			const rows = rowsWithUnknownCollation(db, before);
			if (rows.length === 0) throw error;
			const renamed = afterRename(before, sql, rows);
			keepingRowCounters(db, () => {
				withoutRows(db, rows, renamed, () => {
					db.exec(sql);
					if (renamed === rows) requireColumns(before, introspect(db), rows);
				});
			});
		});
	}
}

/** Does some work in the transaction of the caller, or in its own: a migration can run outside a transaction. */
function inTransaction(db: Database, work: () => void): void {
	if (db.inTransaction) {
		work();
		return;
	}
	db.exec('BEGIN IMMEDIATE');
	try {
		work();
		db.exec('COMMIT');
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
	}
}

/** Does some work without rows of `sqlite_schema`, and inserts them again as `after`. */
function withoutRows(db: Database, rows: readonly IndexRow[], after: readonly IndexRow[], work: () => void): void {
	writeSchema(db, () => {
		for (const {rowid} of rows) db.run('DELETE FROM sqlite_schema WHERE rowid = ?', rowid as number);
	});
	work();
	writeSchema(db, () => {
		for (const {rowid, name, table, page, sql} of after) {
			const row = `INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql) VALUES (?, 'index', ?, ?, ?, ?)`;
			db.run(row, rowid as number, name, table, page as number, sql);
		}
	});
}

/** @throws MigrError with SQLite's message if a column of an index was dropped */
function requireColumns(before: Schema, after: Schema, rows: readonly IndexRow[]): void {
	for (const {name, table, sql} of rows) {
		const remaining = findTable(after, table);
		const used = columnsOf(readIndex(sql));
		const dropped = findTable(before, table)?.columns.find((column) => used.has(nameKey(column.name)) && !hasColumn(remaining, column.name));
		if (dropped === undefined) continue;
		throw new MigrError('migration', `error in index ${clean(name)} after drop column: no such column: ${clean(dropped.name)}`);
	}
}

function hasColumn(table: Table | undefined, name: string): boolean {
	return table !== undefined && findColumn(table, name) !== undefined;
}

/** Returns the columns that an index reads, in lower case. */
function columnsOf({columns, where, table}: Index): ReadonlySet<string> {
	return new Set([...columns.map(({expression}) => expression.text), where?.text ?? ''].flatMap((text) => columnsIn(text, table)));
}

/**
 * Returns a test for indexes with a collation that the connection does not have: one that their definition names, or that a column of their table has.
 */
export function unknownCollations(db: Database): (index: Index, table: Table | undefined) => boolean {
	const known = new Map<string, boolean>();
	const isUnknown = (collation: string | undefined) => {
		if (collation === undefined) return false;
		if (!known.has(nameKey(collation))) known.set(nameKey(collation), hasCollation(db, collation));
		return known.get(nameKey(collation)) === false;
	};
	return (index, table) => {
		const {tokens} = cursorOver(index.sql);
		if (tokens.some((token, at) => isWord(tokens[at - 1], 'COLLATE') && isUnknown(tokenName(token)))) return true;
		const columns = table?.columns.filter(({collate}) => isUnknown(collate)) ?? [];
		if (columns.length === 0) return false;
		const named = columnsOf(index);
		return columns.some(({name}) => named.has(nameKey(name)));
	};
}

function rowsWithUnknownCollation(db: Database, schema: Schema): readonly IndexRow[] {
	const isConcerned = unknownCollations(db);
	return db
		.tuples(`SELECT rowid, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`)
		.map(([rowid, name, table, page, sql]) => ({rowid, name: String(name), table: String(table), page, sql: String(sql)}))
		.filter(({sql, table}) => isConcerned(readIndex(sql), findTable(schema, table)));
}

/** Returns the rows as the statement leaves them. Only a rename changes them. */
function afterRename(before: Schema, sql: string, rows: readonly IndexRow[]): readonly IndexRow[] {
	const rename = renameIn(sql);
	if (rename === undefined) return rows;
	const {table, column, to} = rename;
	const operation: Operation = column === undefined ? {kind: 'renameTable', table, to} : {kind: 'renameColumn', table, column, to};
	const after = advance(before, operation);
	return rows.map((row) => {
		const index = findIndex(after, row.name);
		return index === undefined ? row : {...row, table: index.table, sql: index.sql};
	});
}
