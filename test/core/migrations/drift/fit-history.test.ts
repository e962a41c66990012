import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {noDecisions} from '../../../../source/core/diff/question.ts';
import {draftMigration} from '../../../../source/core/migrations/draft/draft.ts';
import {fitHistory} from '../../../../source/core/migrations/drift/fit-history.ts';
import {checksumOf} from '../../../../source/core/migrations/files/list.ts';
import {migrationsIn} from '../../../../source/core/migrations/files/source.ts';
import type {MigrationFormat} from '../../../../source/core/migrations/files/write.ts';
import {recordApplied} from '../../../../source/core/migrations/history/history.ts';
import {baseSchema} from '../../../../source/core/migrations/replay/comparison-base.ts';
import {replay} from '../../../../source/core/migrations/replay/replay.ts';
import {schemaDifferences} from '../../../../source/core/migrations/replay/schema-differences.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';
import {projectForEachTest} from '../../../project-folder.ts';

const project = projectForEachTest();

const start = [
	'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)',
	'CREATE TABLE log (line TEXT)',
	'CREATE INDEX user_name ON user (name)',
	'CREATE VIEW names AS SELECT name FROM user',
	'CREATE TRIGGER logged AFTER INSERT ON user BEGIN INSERT INTO log VALUES (new.name); END',
];

/** Compares these models with a database that was created by a migration and then changed by hand. */
async function fitted(byHand: string, models: readonly string[], format: MigrationFormat = 'ts') {
	const kinds = {TABLE: 'createTable', INDEX: 'createIndex', VIEW: 'createView', TRIGGER: 'createTrigger'} as const;
	const calls = start.map((sql) => `op.${kinds[sql.split(' ')[1] as keyof typeof kinds]}(\`${sql}\`);`);
	const path = project.migration('20260101_000000_start', calls.join('\n'));
	const db = project.open();
	try {
		for (const sql of start) db.exec(sql);
		recordApplied(db, {name: '20260101_000000_start', checksum: checksumOf(readFileSync(path, 'utf8')), durationMs: 0, toolVersion: '1'});
		db.exec(byHand);
		const base = await baseSchema({db, migrations: migrationsIn(project.migrationsDir)});
		const expected = schemaFrom(models);
		const draft = draftMigration({from: base.schema, models: expected, decisions: {...noDecisions, allowDrops: true}});
		expect(draft.questions).toEqual([]);
		const found = await fitHistory(base, draft.operations, {ignore: [], format});
		return {...found, plain: draft.operations, drifted: base.schema, built: schemaFrom(start), expected};
	} finally {
		db.close();
	}
}

function schemaFrom(statements: readonly string[]) {
	const db = openInMemory();
	for (const sql of statements) db.exec(sql);
	return introspect(db);
}

const drifts: readonly [what: string, byHand: string, models?: readonly string[]][] = [
	['a column that was added', 'ALTER TABLE user ADD COLUMN nick TEXT'],
	['a column that was dropped', 'ALTER TABLE user DROP COLUMN age'],
	['a table that was added', 'CREATE TABLE stray (x); CREATE INDEX stray_x ON stray (x)'],
	['a table that was dropped', 'DROP TRIGGER logged; DROP TABLE log'],
	['an index that was dropped', 'DROP INDEX user_name'],
	['an index that was changed', 'DROP INDEX user_name; CREATE UNIQUE INDEX user_name ON user (name)'],
	['a view that was added', 'CREATE VIEW ages AS SELECT age FROM user'],
	['a view that was dropped', 'DROP VIEW names'],
	['a trigger that was added', 'CREATE TRIGGER gone AFTER DELETE ON user BEGIN INSERT INTO log VALUES (old.name); END'],
	['a trigger that was dropped', 'DROP TRIGGER logged'],
	[
		'a table that was dropped and has another definition in the models',
		'DROP TRIGGER logged; DROP TABLE log',
		start.map((sql) => sql.replace('(line TEXT)', '(line TEXT, at TEXT)')),
	],
	[
		'all of these together',
		'ALTER TABLE user ADD COLUMN nick TEXT; ALTER TABLE user DROP COLUMN age; DROP VIEW names; CREATE TABLE stray (x); DROP INDEX user_name',
	],
];

describe('a migration for a database that was changed by hand', () => {
	test.each(drifts)('also fits a database built from the migrations: %s', async (_what, byHand, models = start) => {
		const {operations, newDatabaseProblem, drifted, built, expected} = await fitted(byHand, models);
		expect(newDatabaseProblem).toBeUndefined();
		for (const from of [drifted, built]) {
			const {schema} = await replay(from, [{name: 'fix', path: 'fix.ts', operations}]);
			expect(schemaDifferences(schema, expected)).toEqual([]);
		}
	});

	test('combines the changes of a table without keeping a fill for a dropped column', async () => {
		const {operations} = await fitted('ALTER TABLE user DROP COLUMN age; ALTER TABLE user ADD COLUMN nick TEXT', start);
		expect(operations).toEqual([{kind: 'changeTable', table: 'user', sql: start[0], fill: {}}]);
	});
});

test('operations that fit both schemas are left unchanged', async () => {
	const {operations, plain, from, drifted} = await fitted('CREATE TABLE stray (x)', [
		...start,
		'CREATE TABLE stray (x)',
		'CREATE TABLE tag (name TEXT)',
	]);
	expect(operations).toBe(plain);
	expect(from).toBe(drifted);
});

test('operations that cannot be written for both schemas are reported', async () => {
	const {newDatabaseProblem} = await fitted('ALTER TABLE user ADD COLUMN nick TEXT', start, 'sql');
	expect(newDatabaseProblem).toMatch(/nick/);
});

test('plain SQL fits both schemas if SQLite has a statement for it', async () => {
	const {operations, newDatabaseProblem} = await fitted('CREATE TABLE stray (x)', start, 'sql');
	expect(newDatabaseProblem).toBeUndefined();
	expect(operations).toEqual([{kind: 'dropTable', table: 'stray', ifExists: true}]);
});
