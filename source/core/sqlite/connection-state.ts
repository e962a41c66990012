import type {Database} from './database.ts';
import {dropTemporaryObjects} from './temporary-objects.ts';

/** Flags and limits of a connection, by the name of their PRAGMA (https://www.sqlite.org/pragma.html). */
export type ConnectionState = ReadonlyMap<string, number>;

/** Settings that a statement can change within a transaction and that affect later statements. */
const pragmas = [
	'analysis_limit',
	'automatic_index',
	'cell_size_check',
	'count_changes',
	'defer_foreign_keys',
	'empty_result_callbacks',
	'full_column_names',
	'ignore_check_constraints',
	'legacy_alter_table',
	'query_only',
	'read_uncommitted',
	'recursive_triggers',
	'reverse_unordered_selects',
	'secure_delete',
	'short_column_names',
	'temp_store',
	'trusted_schema',
	'writable_schema',
] as const;

/** This setting cannot be read (https://www.sqlite.org/pragma.html#pragma_case_sensitive_like). */
const caseSensitiveLike = 'case_sensitive_like';

/** Reads the settings of the connection that a migration may change. */
export function readConnectionState(db: Database): ConnectionState {
	// The query reads the schema, which another process may have locked. In a transaction it has not.
	const query = db.inTransaction ? settingsQuery(db) : undefined;
	const settings = query === undefined ? pragmas.flatMap((name) => settingOf(db, name)) : settingsIn(db, query);
	return new Map([...settings, [caseSensitiveLike, isLikeSensitive(db)]]);
}

/** The settings that a connection can read, and the query that reads them. */
interface SettingsQuery {
	readonly names: readonly string[];
	readonly sql: string;
}

const queries = new WeakMap<Database, SettingsQuery>();

/**
 * Returns a query that reads all settings at once, so that it is compiled only once: a PRAGMA has to be compiled again each time, and a connection gets
 * slower with each statement that the garbage collector has not freed yet. Undefined if a table has the name of a table-valued PRAGMA.
 */
function settingsQuery(db: Database): SettingsQuery | undefined {
	const ofPragmas = "lower(substr(name, 1, 7)) = 'pragma_'";
	const isHidden = `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE ${ofPragmas}) OR EXISTS (SELECT 1 FROM sqlite_temp_schema WHERE ${ofPragmas})`;
	if (db.value(isHidden) !== 0) return undefined;
	const known = queries.get(db);
	if (known !== undefined) return known;
	const available = new Set(db.tuples('SELECT name FROM pragma_pragma_list').map(([name]) => String(name)));
	const names = pragmas.filter((name) => available.has(name));
	const query = {names, sql: `SELECT ${names.map((name) => `(SELECT ${name} FROM pragma_${name})`).join(', ')}`};
	queries.set(db, query);
	return query;
}

function settingsIn(db: Database, {names, sql}: SettingsQuery): readonly [string, number][] {
	const [values = []] = db.tuples(sql);
	return names.flatMap((name, index): [string, number][] => (values[index] == null ? [] : [[name, Number(values[index])]]));
}

function isLikeSensitive(db: Database): number {
	return Number(db.value("SELECT NOT ('a' LIKE 'A')"));
}

/** Sets the settings that differ. The program may have replaced LIKE with its own function, which setting it would remove. */
export function restoreConnectionState(db: Database, state: ConnectionState): void {
	const now = readConnectionState(db);
	for (const [name, value] of state) if (now.get(name) !== value) db.exec(`PRAGMA ${name} = ${value}`);
}

function settingOf(db: Database, name: string): readonly [string, number][] {
	const value = db.value(`PRAGMA ${name}`);
	return value === undefined ? [] : [[name, Number(value)]];
}

/**
 * Resets the connection to the state that a migration finds when it runs alone: no temporary objects, the original settings, and `changes()` and
 * `last_insert_rowid()` of a connection that has written nothing. `total_changes()` cannot be reset.
 */
export function resetConnection(db: Database, state: ConnectionState): void {
	dropTemporaryObjects(db);
	restoreConnectionState(db, state);
	db.exec('CREATE TEMP TABLE lite_migr_reset (id INTEGER PRIMARY KEY)');
	db.exec('INSERT INTO temp.lite_migr_reset (id) VALUES (0)');
	db.exec('DELETE FROM temp.lite_migr_reset WHERE id > 0');
	db.exec('DROP TABLE temp.lite_migr_reset');
}
