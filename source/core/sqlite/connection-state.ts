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

/** Reads the settings of the connection that a migration may change. */
export function readConnectionState(db: Database): ConnectionState {
	return new Map(pragmas.flatMap((name) => settingOf(db, name)));
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
	for (const [name, value] of state) {
		const [now] = settingOf(db, name);
		if (now?.[1] !== value) db.exec(`PRAGMA ${name} = ${value}`);
	}
	// This setting can be written but not read.
	db.exec('PRAGMA case_sensitive_like = OFF');
	db.exec('CREATE TEMP TABLE lite_migr_reset (id INTEGER PRIMARY KEY)');
	db.exec('INSERT INTO temp.lite_migr_reset (id) VALUES (0)');
	db.exec('DELETE FROM temp.lite_migr_reset WHERE id > 0');
	db.exec('DROP TABLE temp.lite_migr_reset');
}
