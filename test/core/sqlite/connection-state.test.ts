import {expect, test} from 'vitest';
import {readConnectionState, resetConnection, restoreConnectionState} from '../../../source/core/sqlite/connection-state.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';

const changed =
	'PRAGMA legacy_alter_table = ON; PRAGMA recursive_triggers = ON; PRAGMA ignore_check_constraints = ON; PRAGMA case_sensitive_like = ON';

function settings(db: Database): Readonly<Record<string, number>> {
	return Object.fromEntries(readConnectionState(db));
}

test('settings are the same whether they are read in a transaction or outside', () => {
	const db = openInMemory();
	db.exec(changed);
	const outside = settings(db);
	db.exec('BEGIN');
	expect(settings(db)).toEqual(outside);
	expect(outside).toMatchObject({legacy_alter_table: 1, recursive_triggers: 1, ignore_check_constraints: 1, case_sensitive_like: 1, query_only: 0});
	db.close();
});

test('settings that a migration changes are reset, each time', () => {
	const db = openInMemory();
	db.exec('BEGIN');
	const state = readConnectionState(db);
	for (let run = 0; run < 3; run++) {
		db.exec(`${changed}; PRAGMA defer_foreign_keys = ON; CREATE TEMP TABLE t (id)`);
		resetConnection(db, state);
		expect(readConnectionState(db)).toEqual(state);
		expect(db.value('SELECT count(*) FROM sqlite_temp_schema')).toBe(0);
	}
	db.close();
});

test('a table with the name of a PRAGMA does not hide its setting', () => {
	const db = openInMemory();
	db.exec('BEGIN');
	const state = readConnectionState(db);
	db.exec('CREATE TABLE "Pragma_query_only" (query_only); INSERT INTO pragma_query_only VALUES (1)');
	expect(readConnectionState(db)).toEqual(state);
	db.exec('PRAGMA legacy_alter_table = ON');
	restoreConnectionState(db, state);
	expect(readConnectionState(db)).toEqual(state);
	db.close();
});
