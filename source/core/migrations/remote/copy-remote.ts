import {readSchema, type SchemaRow} from '../../ddl/read.ts';
import {shadowTablesOf} from '../../ddl/shadow-tables.ts';
import {MigrError} from '../../errors.ts';
import type {SqlValue} from '../../operations/operation.ts';
import {rowidOf} from '../../operations/rowid.ts';
import {literal, nameKey, quoted} from '../../schema/identifiers.ts';
import {isRowidAlias} from '../../schema/key-columns.ts';
import type {Schema, Table} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {digestQuery, joined, mostDigestedRows} from './table-digest.ts';

/** The contents of a copy of a database on a server. */
export interface RemoteCopy {
	/** All rows of its tables, except the migration history. */
	readonly rows: number;
	/** The number of rows of each table, by its name as stored. */
	readonly tables: ReadonlyMap<string, number>;
	/** For each table, by the same names: an SQL condition that is true if its rows have changed since they were read. */
	readonly changed: ReadonlyMap<string, string>;
	/** False if the copy has no rows except the migration history, because there are too many. */
	readonly isWhole: boolean;
	/** Virtual tables, which are copied without their rows. */
	readonly emptied: readonly string[];
}

/** The most rows that are copied. */
export const mostCopiedRows = 250_000;

/** Rows per query. */
const page = 2000;

/** The number of attempts to copy. */
const attempts = 3;

/**
 * Copies a database on a server into an empty local one: the schema, and all rows with their exact values and rowids. It is read with many queries,
 * so it is read again if another client changed the schema or the history in the meantime.
 *
 * @param history the table whose rows are copied in any case
 * @throws MigrError if the server cannot be reached, `locked` if the database keeps changing, or if the local SQLite cannot create an object
 */
export function copyRemote(remote: Database, local: Database, history: string): RemoteCopy {
	local.exec('PRAGMA foreign_keys = OFF');
	for (let attempt = 1; ; attempt++) {
		const before = versionText(remote, history);
		local.exec('BEGIN');
		try {
			const copy = copyOnce(remote, local, history);
			if (versionText(remote, history) === before) {
				local.exec('COMMIT');
				return copy;
			}
		} catch (error) {
			// A schema that changes makes queries fail. A row that moves is read twice.
			const isTorn = versionText(remote, history) !== before || /constraint failed/.test(String(error));
			if (!isTorn || attempt === attempts) throw error;
		}
		if (local.inTransaction) local.exec('ROLLBACK');
		if (attempt === attempts) throw new MigrError('locked', `another client keeps changing ${clean(remote.path)}`, {hint: 'run the command again'});
	}
}

/** Returns a text that differs after a change of the schema or of the history. */
function versionText(remote: Database, history: string): string {
	const schema = remote.tuples('SELECT name, sql FROM sqlite_schema ORDER BY rowid');
	const hasHistory = schema.some(([name]) => typeof name === 'string' && nameKey(name) === nameKey(history));
	return JSON.stringify([schema, hasHistory ? remote.tuples(`SELECT name FROM ${quoted(history)} ORDER BY name`) : []]);
}

function copyOnce(remote: Database, local: Database, history: string): RemoteCopy {
	const stored = remote
		.all('SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid')
		.map((row) => ({type: String(row.type), name: String(row.name), sql: String(row.sql)}))
		// Tables of SQLite and of Cloudflare.
		.filter(({name}) => !/^(?:sqlite_|_cf_)/i.test(name));
	const schema = readSchema(stored as readonly unknown[] as readonly SchemaRow[]);
	const shadows = new Set(
		schema.virtualTables
			.flatMap((table) =>
				shadowTablesOf(
					table,
					stored.map(({name}) => name),
				),
			)
			.map(nameKey),
	);
	const own = stored.filter(({name}) => !shadows.has(nameKey(name)));
	const isUtf8 = remote.value("SELECT hex('a')") === '61';
	for (const {sql} of own.filter(({type}) => type === 'table')) local.exec(sql);
	const counted = schema.tables.map((table) => [table, Number(remote.value(`SELECT count(*) FROM ${quoted(table.name)}`))] as const);
	const isHistory = (table: Table): boolean => nameKey(table.name) === nameKey(history);
	const rows = counted.reduce((sum, [table, count]) => (isHistory(table) ? sum : sum + count), 0);
	const isWhole = rows <= mostCopiedRows;
	const changed = new Map<string, string>();
	for (const [table, count] of counted) {
		// Before the rows are read, so a change while they are read is also noticed.
		changed.set(table.name, changedSince(remote, table, count));
		if (count > 0 && (isWhole || isHistory(table))) copyRows(remote, local, table, isUtf8);
	}
	copySequences(remote, local, schema);
	for (const {sql} of own.filter(({type}) => type !== 'table')) local.exec(sql);
	return {
		rows,
		isWhole,
		changed,
		tables: new Map(counted.map(([{name}, count]) => [name, count])),
		emptied: schema.virtualTables.map(({name}) => name),
	};
}

/** Returns a condition that is true if the rows of a table have changed. A large table is only counted. */
function changedSince(remote: Database, table: Table, count: number): string {
	if (count > mostDigestedRows) return `(SELECT count(*) FROM ${quoted(table.name)}) <> ${count}`;
	const digest = digestQuery(table);
	return `(${digest}) <> ${literal(String(remote.value(digest)))}`;
}

/** Copies rows with the types of their values, because in a column without a type 1.0 differs from 1, and text as bytes if it may not be valid UTF-8. */
function copyRows(remote: Database, local: Database, table: Table, isUtf8: boolean): void {
	const rowid = rowidOf(table);
	const columns = table.columns.filter(({generated}) => generated === undefined);
	const alias = columns.findIndex((column) => isRowidAlias(table, column));
	const names = [...(rowid === undefined || alias >= 0 ? [] : [rowid]), ...columns.map(({name}) => quoted(name))];
	const values = names.map((name) => (isUtf8 ? `iif(typeof(${name}) = 'text' AND ${name} GLOB '*[^ -~]*', CAST(${name} AS BLOB), ${name})` : name));
	const types = joined(names.map((name) => `substr(typeof(${name}), 1, 1)`));
	const exact = names.map(
		(_, index) =>
			`CASE substr(types, ${index + 1}, 1) WHEN 'r' THEN CAST(v${index} AS REAL) WHEN 't' THEN CAST(v${index} AS TEXT) ELSE v${index} END`,
	);
	const given = names.map((_, index) => `? AS v${index}`).join(', ');
	const insert = `INSERT INTO ${quoted(table.name)} (${names.join(', ')}) SELECT ${exact.join(', ')} FROM (SELECT ? AS types, ${given})`;
	const key = rowid === undefined ? undefined : {name: rowid, at: 1 + Math.max(alias, 0)};
	for (const row of pages(remote, table, [types, ...values], key)) local.run(insert, ...row);
}

/** The rowid of a table, and its place among the values that are read. */
interface PageKey {
	readonly name: string;
	readonly at: number;
}

/** Yields all rows, in pages by rowid. A table without one is read at once. */
function* pages(remote: Database, table: Table, values: readonly string[], key: PageKey | undefined): Generator<readonly SqlValue[]> {
	const query = `SELECT ${values.join(', ')} FROM ${quoted(table.name)}`;
	if (key === undefined) {
		yield* remote.tuples(query);
		return;
	}
	let last: SqlValue | undefined;
	for (;;) {
		const after = last === undefined ? '' : ` WHERE ${key.name} > ${String(last)}`;
		const rows = remote.tuples(`${query}${after} ORDER BY ${key.name} LIMIT ${page}`);
		yield* rows;
		last = rows.at(-1)?.[key.at];
		if (rows.length < page) return;
	}
}

/** Copies the AUTOINCREMENT counters (https://www.sqlite.org/autoinc.html). */
function copySequences(remote: Database, local: Database, {tables}: Schema): void {
	if (!tables.some(({primaryKey}) => primaryKey?.autoincrement === true)) return;
	local.exec('DELETE FROM sqlite_sequence');
	for (const [name, seq] of remote.tuples('SELECT name, seq FROM sqlite_sequence'))
		local.run('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', name ?? null, seq ?? null);
}
