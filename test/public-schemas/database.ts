import {DatabaseSync} from 'node:sqlite';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Database} from '../../source/core/sqlite/database.ts';

export interface ProgramFeatures {
	/** Statements after the tables were filled, such as those that create the table of a migration tool. */
	readonly last?: readonly string[];
	readonly collation?: string | undefined;
	readonly functions?: readonly string[] | undefined;
}

/**
 * Creates a database file with these scripts and fills it, as the sqlite3 library of most programs does: it reads double quotes as text where no column
 * has the name. An index with a collation of the program is created with another one, whose name is then replaced in the stored definitions.

 * @throws Error with the message of SQLite
 */
export function createDatabase(file: string, scripts: readonly string[], {last = [], collation, functions = []}: ProgramFeatures = {}): void {
	const db = new DatabaseSync(file, {enableDoubleQuotedStringLiterals: true, enableForeignKeyConstraints: false, defensive: false});
	try {
		for (const name of functions) db.function(name, {varargs: true}, () => null);
		for (const script of scripts) db.exec(collation === undefined ? script : script.replaceAll(new RegExp(`\\b${collation}\\b`, 'gi'), standIn));
		insertRows(db);
		for (const script of last) db.exec(script);
		if (collation !== undefined)
			db.exec(
				`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '${standIn}', '${collation}') WHERE sql GLOB '*${standIn}*'; PRAGMA writable_schema = OFF`,
			);
	} finally {
		db.close();
	}
}

/** Mixed case that no project uses. */
const standIn = 'nOcAsE';

const rowsPerTable = 3;

/** Inserts rows into every table whose constraints allow it. */
function insertRows(db: DatabaseSync): void {
	const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all();
	for (const {name} of triggers) db.exec(`DROP TRIGGER ${quoted(String(name))}`);
	const tables = db.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'").all();
	for (const {name} of tables) {
		for (let row = 1; row <= rowsPerTable; row++) insertRow(db, String(name), row);
	}
	for (const {sql} of triggers) db.exec(String(sql));
}

/** Tries different kinds of values until the constraints of the table accept a row. */
function insertRow(db: DatabaseSync, table: string, row: number): void {
	const columns = db.prepare('SELECT name, type, "notnull" AS required, pk FROM pragma_table_info(?)').all(table);
	if (columns.length === 0) return;
	const kinds: ((type: string, position: number) => string)[] = [
		(type, position) => (/INT|BOOL|DATE|TIME|REAL|FLOA|DOUB|NUM|DEC/i.test(type) ? `${row + position}` : `'${row}-${position}-é'`),
		(type) => (/INT|BOOL|DATE|TIME|REAL|FLOA|DOUB|NUM|DEC/i.test(type) ? `${row}` : `'${row}'`),
		() => `${row}`,
		() => `${row % 2}`,
		() => `'${row}'`,
		() => `'${String(row).repeat(32)}'`,
		() => `'{"row": ${row}}'`,
	];
	for (const value of kinds) {
		const values = columns.map(({type, pk}, position) => (Number(pk) > 0 && /INT/i.test(String(type)) ? `${row}` : value(String(type), position)));
		if (
			inserts(
				db,
				table,
				columns.map(({name}) => String(name)),
				values,
			)
		)
			return;
	}
	const required = columns.filter(({required, pk}) => Number(required) === 1 || Number(pk) > 0);
	for (const value of kinds) {
		const values = required.map(({type, pk}, position) => (Number(pk) > 0 && /INT/i.test(String(type)) ? `${row}` : value(String(type), position)));
		if (
			inserts(
				db,
				table,
				required.map(({name}) => String(name)),
				values,
			)
		)
			return;
	}
}

function inserts(db: DatabaseSync, table: string, columns: readonly string[], values: readonly string[]): boolean {
	const into = columns.length === 0 ? 'DEFAULT VALUES' : `(${columns.map(quoted).join(', ')}) VALUES (${values.join(', ')})`;
	try {
		db.exec(`INSERT INTO ${quoted(table)} ${into}`);
		return true;
	} catch {
		// The next kind of values may satisfy the constraints.
		return false;
	}
}

/** All rows of a database: the values of every column, with their types, by table. */
export type Rows = ReadonlyMap<string, readonly string[]>;

/**
 * Reads all rows, including those of shadow tables. A table with an index whose collation is missing cannot be read: it has no rows here, and no
 * command can write any.
 */
export function readRows(db: Database, tables: readonly {readonly name: string; readonly columns: readonly string[]}[]): Rows {
	return new Map(
		tables.map(({name, columns}) => {
			const values = columns.map((column) => `typeof(${quoted(column)}) || ' ' || quote(${quoted(column)})`);
			return [name, rowsOf(db, `SELECT ${values.join(', ')} FROM ${quoted(name)}`)] as const;
		}),
	);
}

function rowsOf(db: Database, select: string): readonly string[] {
	try {
		return db
			.tuples(select)
			.map((row) => row.join(' | '))
			.toSorted();
	} catch (error) {
		if (!/no such collation sequence|no query solution/.test((error as Error).message)) throw error;
		return [];
	}
}

/** Returns the tables that store rows, with their columns as SQLite reports them. Virtual tables are omitted: their shadow tables store the rows. */
export function storedTables(db: Database): readonly {readonly name: string; readonly columns: readonly string[]}[] {
	const names = db.all(
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
	);
	return names.map(({name}) => ({
		name: String(name),
		columns: db.all('SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1', String(name)).map((column) => String(column.name)),
	}));
}
