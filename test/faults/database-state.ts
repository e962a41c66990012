import {createHash} from 'node:crypto';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {basename, dirname} from 'node:path';
import {expect} from 'vitest';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';

/** The state of a database after a fault, as the next program finds it. */
export interface DatabaseState {
	/** Empty if the file is intact. */
	readonly damage: readonly string[];
	/** All definitions, and for each table the number of rows and a digest of their values. Timestamps of the history are omitted. */
	readonly contents: string;
}

/** Opens the file, which rolls back an unfinished transaction of a killed process, and reads everything. */
export function stateOf(path: string): DatabaseState {
	const db = openDatabase(path);
	try {
		const damage = [
			...db.all('PRAGMA integrity_check').map((row) => String(row.integrity_check)),
			...db.all('PRAGMA foreign_key_check').map((row) => `foreign key: ${JSON.stringify(row)}`),
		].filter((line) => line !== 'ok');
		return {damage, contents: contentsIn(db)};
	} finally {
		db.close();
	}
}

function contentsIn(db: Database): string {
	const objects = db.all("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_autoindex%' ESCAPE '!' ORDER BY type, name");
	const tables = objects.filter(({type, sql}) => type === 'table' && !String(sql).startsWith('CREATE VIRTUAL')).map(({name}) => String(name));
	return [...objects.map(({sql}) => String(sql)), ...tables.map((table) => rowsOf(db, table))].join('\n');
}

function rowsOf(db: Database, table: string): string {
	const columns = table === '_lite_migr' ? ['name'] : db.all('SELECT name FROM pragma_table_info(?)', table).map(({name}) => String(name));
	const values = columns.map((column) => `quote(${quoted(column)})`).join(" || ',' || ");
	// One text for all rows: reading 100,000 rows one by one takes five times as long.
	const [[rows, lines] = []] = db.tuples(`SELECT count(*), group_concat(${values}, char(10)) FROM ${quoted(table)} NOT INDEXED`);
	const digest = createHash('sha256').update(String(lines)).digest('hex');
	return `${table}: ${rows} rows, ${digest.slice(0, 16)}`;
}

/** Checks that the database is intact and that its contents are among `allowed`. Returns the name of these contents. */
export function expectWhole<Name extends string>(path: string, allowed: Readonly<Record<Name, string>>): Name {
	const {damage, contents} = stateOf(path);
	expect(damage).toEqual([]);
	const found = (Object.keys(allowed) as Name[]).find((name) => allowed[name] === contents);
	if (found === undefined) expect(contents).toBe(Object.values(allowed)[0]);
	return found as Name;
}

/** Returns stray files in the folder of a database, such as journals, partial copies and locks. */
export function leftovers(database: string): readonly string[] {
	const folder = dirname(database);
	const known = new Set([basename(database), 'backups', 'migrate.toml', 'migrations', 'models']);
	const inBackups = existsSync(`${folder}/backups`) ? readdirSync(`${folder}/backups`).filter((name) => /^\.|-(?:journal|wal|shm)$/.test(name)) : [];
	return [...readdirSync(folder).filter((name) => !known.has(name)), ...inBackups.map((name) => `backups/${name}`)];
}

export function digestOf(path: string): string {
	return createHash('sha256').update(readFileSync(path)).digest('hex');
}
