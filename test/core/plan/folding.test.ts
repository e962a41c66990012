import {describe, expect, test} from 'vitest';
import {perform} from '../../../source/core/migrations/replay/perform.ts';
import {checkTarget} from '../../../source/core/migrations/replay/target-check.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import {statementsOf} from '../../../source/core/plan/statements.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {beginGuarded} from '../../../source/core/sqlite/transaction.ts';
import {execute} from '../../laws/database.ts';
import {localFeatures} from '../local-features.ts';

const schema = `
CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, zip TEXT);
CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user(id), n TEXT);
CREATE INDEX user_zip ON user(zip);
INSERT INTO user VALUES (1, 'Ada', '10'), (2, 'Bob', NULL);
INSERT INTO post VALUES (1, 2, '3');
`;
const add = (table: string, definition: string): Operation => ({kind: 'addColumn', table, definition});

/** Plans operations as a user might write them, executes them, and returns a summary of the steps. */
async function stepsOf(operations: readonly Operation[]): Promise<readonly string[]> {
	const db = openInMemory();
	db.exec(schema);
	const planned = plan(introspect(db), operations);
	await execute(db, planned.steps, () => checkTarget(planned, introspect(db)));
	expect(db.tuples('SELECT id, name FROM user')).toEqual([
		[1, 'Ada'],
		[2, 'Bob'],
	]);
	expect(db.tuples('SELECT id, user_id FROM post')).toEqual([[1, 2]]);
	db.close();
	return planned.steps.map(({strategy, object}) => `${strategy} ${object}`);
}

describe('operations in any order', () => {
	test('need one copy of a parent, even if a child is dropped in between', async () => {
		const steps = await stepsOf([
			{kind: 'createTable', sql: 'CREATE TABLE child (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user(id))'},
			add('user', 'mail TEXT UNIQUE'),
			{kind: 'dropTable', table: 'child'},
			add('user', 'phone TEXT UNIQUE'),
		]);
		expect(steps).toEqual(['instant child', 'rewrite user', 'drop child']);
	});

	test('need one copy per table, even with operations on other tables in between', async () => {
		const steps = await stepsOf([
			add('user', 'mail TEXT UNIQUE'),
			{
				kind: 'changeTable',
				table: 'post',
				sql: 'CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user(id), n INTEGER)',
				fill: {},
			},
			{kind: 'createTable', sql: 'CREATE TABLE tag (id INTEGER PRIMARY KEY)'},
			{kind: 'dropIndex', index: 'user_zip'},
			add('user', 'code TEXT UNIQUE'),
			{kind: 'dropColumn', table: 'user', column: 'zip'},
			add('post', 'made TEXT DEFAULT CURRENT_TIMESTAMP'),
			{kind: 'createIndex', sql: 'CREATE INDEX user_code ON user(code, mail)'},
		]);
		expect(steps).toEqual(['rewrite user', 'rewrite post', 'instant tag']);
	});

	test('need one copy even with a new view and a new trigger on the table in between', async () => {
		const steps = await stepsOf([
			add('user', 'mail TEXT UNIQUE'),
			{kind: 'createView', sql: 'CREATE VIEW mails AS SELECT mail FROM user'},
			{kind: 'createTrigger', sql: 'CREATE TRIGGER user_new AFTER INSERT ON user BEGIN SELECT new.mail; END'},
			add('user', 'code TEXT UNIQUE'),
		]);
		expect(steps).toEqual(['rewrite user', 'instant mails', 'instant user_new']);
	});

	test('need no step if they undo each other', async () => {
		expect(await stepsOf([add('user', 'mail TEXT UNIQUE'), {kind: 'dropColumn', table: 'user', column: 'mail'}])).toEqual([]);
	});

	test('are combined into one copy only if one of them needs a copy', async () => {
		expect(
			await stepsOf([add('user', 'mail TEXT'), {kind: 'createIndex', sql: 'CREATE INDEX user_mail ON user(mail)'}, add('user', 'n INT DEFAULT 0')]),
		).toEqual(['instant user', 'instant user', 'index user_mail']);
	});

	// The plan is for the newest SQLite.
	test.runIf(localFeatures.alterConstraints)('are not moved past a statement that may read or write the rows', async () => {
		const steps = await stepsOf([
			add('user', 'mail TEXT'),
			{kind: 'execute', sql: "UPDATE user SET mail = name || '@'", parameters: []},
			{kind: 'changeTable', table: 'user', sql: 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, zip TEXT, mail TEXT NOT NULL)', fill: {}},
		]);
		expect(steps).toEqual(['instant user', "data UPDATE user SET mail = name || '@'", 'scan user']);
	});
});

describe('a copy after a rename', () => {
	test('keeps the triggers of the table as the rename rewrote them', async () => {
		const db = openInMemory();
		db.exec(`
			CREATE TABLE t (a, b);
			CREATE TABLE log (x);
			CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.b); UPDATE t SET b = b + 1; END;
		`);
		const operations: readonly Operation[] = [
			{kind: 'renameColumn', table: 't', column: 'b', to: 'c'},
			{kind: 'renameTable', table: 't', to: 'u'},
			{kind: 'changeTable', table: 'u', sql: 'CREATE TABLE u (a UNIQUE, c)', fill: {}},
		];
		const performing = perform(db, operations);
		await beginGuarded(db);
		const last = await (async () => {
			for (let next = await performing.next(); ; next = await performing.next()) if (next.done === true) return next.value;
		})();
		db.exec('COMMIT');
		db.exec('INSERT INTO u VALUES (1, 2)');
		expect(db.tuples('SELECT * FROM u')).toEqual([[1, 3]]);
		expect(db.tuples('SELECT * FROM log')).toEqual([[2]]);
		expect(last.steps.flatMap(statementsOf).at(-1)).toContain('UPDATE "u" SET c = c + 1');
	});
});
