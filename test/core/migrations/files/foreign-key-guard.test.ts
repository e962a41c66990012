import Native from 'better-sqlite3';
import {beforeEach, describe, expect, test} from 'vitest';
import {writeMigration} from '../../../../source/core/migrations/files/write.ts';
import type {Operation} from '../../../../source/core/operations/operation.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {runnerFor} from '../run.ts';
import {runners, statements} from '../sql-runners.ts';

const project = projectForEachTest();
const {done} = runnerFor(project);

const readable = /lite-migr: foreign keys must be off, or dropping a table deletes rows that refer to it/;

/** Returns the upgrade section of a migration as a .sql file. */
function upgradeOf(operations: readonly Operation[]): string {
	const text = project.database((db) => writeMigration('sql', introspect(db), operations));
	project.migration('1_a.sql', text);
	return text.split('-- downgrade')[0] ?? '';
}

const contents = () => project.all('SELECT * FROM parent').length + JSON.stringify(project.all('SELECT * FROM child ORDER BY id'));

const rewriteParent: Operation = {
	kind: 'changeTable',
	table: 'parent',
	sql: 'CREATE TABLE parent (id INTEGER PRIMARY KEY, v INTEGER, up INTEGER REFERENCES parent(id) ON DELETE CASCADE)',
	fill: {},
};

beforeEach(() => {
	project.exec(`CREATE TABLE parent (id INTEGER PRIMARY KEY, v TEXT, up INTEGER REFERENCES parent(id) ON DELETE CASCADE);
		INSERT INTO parent VALUES (1, '1', NULL), (2, '2', 1), (3, '3', 2);`);
});

function child(action: string): void {
	project.exec(`CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER DEFAULT 1 REFERENCES parent(id) ${action});
		INSERT INTO child VALUES (1, 1), (2, 2), (3, NULL);`);
}

describe('a .sql migration that rewrites a table with children', () => {
	describe.each(['ON DELETE CASCADE', 'ON DELETE SET NULL', 'ON DELETE SET DEFAULT', 'ON DELETE RESTRICT', ''])('%s', (action) => {
		test.each(Object.keys(runners))('keeps every row in a program with foreign keys on, and fails with a clear error: %s', (runner) => {
			child(action);
			const sql = upgradeOf([rewriteParent]);
			const before = contents();
			expect(runners[runner]?.(project.file, sql)).toMatch(readable);
			expect(contents()).toBe(before);
		});
	});

	test('keeps every row of a table that references itself', () => {
		project.exec('CREATE TABLE child (id INTEGER PRIMARY KEY)');
		const sql = upgradeOf([rewriteParent]);
		const native = new Native(project.file);
		native.pragma('foreign_keys = ON');
		expect(() => native.exec(`BEGIN;${sql};COMMIT`)).toThrow(readable);
		native.close();
		expect(project.value('SELECT count(*) FROM parent')).toBe(3);
	});

	test('runs statement by statement with foreign keys off, and leaves no temporary objects', () => {
		child('ON DELETE CASCADE');
		const sql = upgradeOf([rewriteParent]);
		const before = contents();
		const native = new Native(project.file);
		native.pragma('foreign_keys = OFF');
		native.transaction(() => statements(sql).map((one) => native.prepare(one).run()))();
		expect(native.prepare('SELECT count(*) AS n FROM sqlite_temp_schema').get()).toEqual({n: 0});
		expect(native.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name LIKE '%lite_migr%'").get()).toEqual({n: 0});
		native.close();
		expect(contents()).toBe(before);
	});

	test('is applied and undone by lite-migr without a confirmation for the guard', async () => {
		child('ON DELETE CASCADE');
		upgradeOf([{...rewriteParent, sql: rewriteParent.sql.replace('v INTEGER', 'v TEXT NOT NULL')}]);
		const before = contents();
		await done();
		expect(project.value("SELECT sql FROM sqlite_schema WHERE name = 'parent'")).toContain('NOT NULL');
		expect(contents()).toBe(before);
		await done({direction: 'downgrade'});
		expect(contents()).toBe(before);
		expect(project.value("SELECT sql FROM sqlite_schema WHERE name = 'parent'")).not.toContain('NOT NULL');
	});
});

describe('the guard of a .sql migration', () => {
	test.each([
		['drops a table with children', [{kind: 'dropTable', table: 'parent'}], true],
		[
			'rewrites a renamed table with children',
			[
				{kind: 'renameTable', table: 'parent', to: 'p2'},
				{...rewriteParent, table: 'p2', sql: rewriteParent.sql.replace('TABLE parent', 'TABLE p2')},
			],
			true,
		],
		[
			'rewrites a table that no other table references',
			[{kind: 'changeTable', table: 'child', sql: 'CREATE TABLE child (id INTEGER PRIMARY KEY, p TEXT REFERENCES parent(id))', fill: {}}],
			false,
		],
		['drops a table that no other table references', [{kind: 'dropTable', table: 'child'}], false],
		['adds a column', [{kind: 'addColumn', table: 'parent', definition: 'w TEXT'}], false],
	] as const)('is written only if rows could be deleted: %s', (_what, operations, isGuarded) => {
		child('ON DELETE CASCADE');
		expect(upgradeOf(operations).includes('pragma_foreign_keys')).toBe(isGuarded);
	});
});
