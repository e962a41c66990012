import {cursorOver, isWord} from '../ddl/cursor.ts';
import {tokenName} from '../ddl/lexer.ts';
import {renameIn} from '../ddl/statements/rename-in.ts';
import {advance} from '../operations/advance.ts';
import type {Operation} from '../operations/operation.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findIndex} from '../schema/lookup.ts';
import {thrownText} from '../text/thrown.ts';
import type {Database} from './database.ts';
import {introspect} from './introspect.ts';
import {missingExtension} from './missing-extension.ts';
import {writeSchema} from './write-schema.ts';

/**
 * How to read this file. Every RENAME and DROP COLUMN reads all definitions of the database, and fails at an index with a collation that another program
 * provides, even on a table that the statement does not concern. These statements change no entry of an index. So the rows of such indexes in
 * `sqlite_schema` are removed for the statement, and inserted again with the new names. Their pages stay as they are, and nothing else uses them: no row
 * mentions them, and they are not free. The caller has begun a transaction, and rolls back if anything fails.
 */

/** A row of `sqlite_schema` about an index. */
interface IndexRow {
	readonly rowid: unknown;
	readonly name: string;
	readonly table: string;
	readonly page: unknown;
	readonly sql: string;
}

/** Executes ALTER TABLE. Indexes with unknown collations do not stop it. */
export function alterTable(db: Database, sql: string): void {
	try {
		db.exec(sql);
	} catch (error) {
		if (missingExtension(thrownText(error))?.startsWith('collation ') !== true) throw error;
		const rows = indexesWithUnknownCollation(db);
		if (rows.length === 0) throw error;
		const renamed = afterRename(db, sql, rows);
		writeSchema(db, () => {
			for (const {rowid} of rows) db.run('DELETE FROM sqlite_schema WHERE rowid = ?', rowid as number);
		});
		db.exec(sql);
		writeSchema(db, () => {
			for (const {rowid, name, table, page, sql: text} of renamed) {
				const row = `INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql) VALUES (?, 'index', ?, ?, ?, ?)`;
				db.run(row, rowid as number, name, table, page as number, text);
			}
		});
	}
}

/** True if the definition of an index names a collation that the connection does not have. */
export function hasUnknownCollation(db: Database, sql: string): boolean {
	const {tokens} = cursorOver(sql);
	const named = tokens.flatMap((token, index) => (isWord(tokens[index - 1], 'COLLATE') ? [nameKey(tokenName(token))] : []));
	if (named.length === 0) return false;
	const known = new Set(db.tuples('SELECT name FROM pragma_collation_list').map(([name]) => nameKey(String(name))));
	return named.some((name) => !known.has(name));
}

function indexesWithUnknownCollation(db: Database): readonly IndexRow[] {
	return db
		.tuples(`SELECT rowid, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`)
		.map(([rowid, name, table, page, sql]) => ({rowid, name: String(name), table: String(table), page, sql: String(sql)}))
		.filter(({sql}) => hasUnknownCollation(db, sql));
}

/** Returns the rows as the statement leaves them. Only a rename changes them. */
function afterRename(db: Database, sql: string, rows: readonly IndexRow[]): readonly IndexRow[] {
	const rename = renameIn(sql);
	if (rename === undefined) return rows;
	const {table, column, to} = rename;
	const operation: Operation = column === undefined ? {kind: 'renameTable', table, to} : {kind: 'renameColumn', table, column, to};
	const after = advance(introspect(db), operation);
	return rows.map((row) => {
		const index = findIndex(after, row.name);
		return index === undefined ? row : {...row, table: index.table, sql: index.sql};
	});
}
