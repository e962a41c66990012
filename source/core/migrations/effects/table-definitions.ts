import {readTable} from '../../ddl/read.ts';
import type {SqlValue} from '../../operations/operation.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';

/** A table as `sqlite_schema` describes it (https://www.sqlite.org/schematab.html). */
export interface Definition {
	readonly rowid: number;
	readonly name: string;
	readonly sql: string;
	readonly isVirtual: boolean;
}

/** Returns the tables of the database that meet a condition on `s`, without SQLite's own tables and the shadow tables of virtual ones. */
export function definitionsIn(db: Database, where = '1', ...parameters: readonly SqlValue[]): readonly Definition[] {
	const rows = db.tuples(
		`SELECT s.rowid, s.name, s.sql, s.rootpage = 0 FROM sqlite_schema AS s WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND (${where})`,
		...parameters,
	);
	const virtual = rows.some(([, , , isVirtual]) => isVirtual === 1) || hasVirtualTables(db) ? shadowTables(db) : new Set();
	return rows
		.filter(([, name]) => !virtual.has(nameKey(String(name))))
		.map(([rowid, name, sql, isVirtual]) => ({rowid: Number(rowid), name: String(name), sql: String(sql), isVirtual: isVirtual === 1}));
}

function hasVirtualTables(db: Database): boolean {
	return db.value(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND rootpage = 0 LIMIT 1`) !== undefined;
}

function shadowTables(db: Database): ReadonlySet<string> {
	const rows = db.tuples(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'`);
	return new Set(rows.map(([name]) => nameKey(String(name))));
}

/** Returns the names of the columns, in the order of the statement. */
export function columnNames({sql}: Definition): readonly string[] {
	return readTable(sql).columns.map(({name}) => name);
}
