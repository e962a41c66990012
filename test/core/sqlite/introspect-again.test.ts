import {expect, test} from 'vitest';
import {changedOwners} from '../../../source/core/operations/changed-owners.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {introspect, introspectAgain} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';

const execute = (sql: string): Operation => ({kind: 'execute', sql, parameters: []});

/** Returns the tables whose rows are read again after a statement, or undefined if everything is. Checks that reading them is enough. */
function readAgain(operation: Operation, sql = 'sql' in operation ? operation.sql : ''): readonly string[] | undefined {
	const db = openInMemory();
	db.exec('CREATE TABLE a (x, y); CREATE INDEX i ON a (x); CREATE TABLE b (x); CREATE VIEW v AS SELECT x FROM a');
	db.exec('CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END');
	const before = introspect(db);
	db.exec(sql);
	const owners = changedOwners(before, [operation], {runsStatements: true});
	if (owners !== undefined) expect(introspectAgain(db, before, owners)).toEqual(introspect(db));
	db.close();
	return owners && [...owners];
}

test.each<[string, readonly string[]]>([
	['CREATE TABLE c (x)', ['c']],
	['create unique index J on A (y)', ['a']],
	['ALTER TABLE main."A" ADD COLUMN z', ['a']],
	['DROP TABLE a', ['a']],
	['DROP INDEX IF EXISTS i', ['a']],
	['DROP VIEW v', ['v']],
	['DROP TRIGGER t', ['a']],
	['CREATE TRIGGER t2 AFTER DELETE ON b BEGIN SELECT 1; END', ['b']],
])('after %s, only its own rows are read again', (sql, owners) => {
	expect(readAgain(execute(sql))).toEqual(owners);
});

test.each([
	'ALTER TABLE a RENAME TO c',
	'ALTER TABLE a RENAME COLUMN x TO z',
	'ALTER TABLE b DROP COLUMN x',
	'CREATE TABLE c AS SELECT 1 AS x',
	'CREATE VIRTUAL TABLE f USING fts5(x)',
	'CREATE TEMP TABLE c (x)',
	'INSERT INTO b VALUES (1)',
	'PRAGMA user_version = 1',
])('after %s, everything is read again', (sql) => {
	expect(readAgain(execute(sql), sql.includes('DROP COLUMN') ? '' : sql)).toBeUndefined();
});

test('after operations, the rows of the tables that they name are read again', () => {
	expect(readAgain({kind: 'addColumn', table: 'A', definition: 'z'}, 'ALTER TABLE a ADD COLUMN z')).toEqual(['a']);
	expect(readAgain({kind: 'dropIndex', index: 'I'}, 'DROP INDEX i')).toEqual(['a']);
	expect(readAgain({kind: 'dropTrigger', trigger: 'missing', ifExists: true}, '')).toEqual([]);
	expect(readAgain({kind: 'renameTable', table: 'a', to: 'c'}, 'ALTER TABLE a RENAME TO c')).toBeUndefined();
});
