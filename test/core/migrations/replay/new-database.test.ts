import {describe, expect, test} from 'vitest';
import {loadMigrations, migrationsIn} from '../../../../source/core/migrations/files/source.ts';
import {buildNewDatabase} from '../../../../source/core/migrations/replay/new-database.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {tokenOfAlterColumn} from '../../local-features.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {run} = runnerFor(project);

const build = async () => await buildNewDatabase(await loadMigrations(migrationsIn(project.migrationsDir)));

/** True if `upgrade` really creates a new database. */
async function upgradeSucceeds(): Promise<boolean> {
	return (await run({consent: true})).at(-1)?.type === 'done';
}

describe('building a new database in memory', () => {
	test.each([
		['a column in double quotes that does not exist', 'INSERT INTO t (a) SELECT "newcol" FROM t;', 'no such column: "newcol"', /'newcol'/],
		['an UPDATE with such a column', 'UPDATE t SET a = "draft";', 'no such column: "draft"', /'draft'/],
		[
			'a function of another program',
			'UPDATE t SET a = my_func(a);',
			'no such function: my_func',
			/my_func\(\), which is a function of another program/,
		],
		['a table that is not created by any migration', 'DELETE FROM gone;', 'no such table: gone', undefined],
		[
			'the ALTER COLUMN of libSQL',
			'ALTER TABLE t ALTER COLUMN a TO a TEXT NOT NULL;',
			`near "${tokenOfAlterColumn}": syntax error`,
			/extension of libSQL/,
		],
		['a module of another program', 'CREATE VIRTUAL TABLE v USING vec0(x);', 'no such module: vec0', undefined],
		['a row twice', "INSERT INTO t VALUES (1, 'x'); INSERT INTO t VALUES (1, 'y');", 'UNIQUE constraint failed: t.id', undefined],
		['rows that break a later rule', "INSERT INTO t (a) VALUES ('x'), ('x'); CREATE UNIQUE INDEX i ON t (a);", 'UNIQUE constraint failed', undefined],
		[
			'rows without a parent',
			'CREATE TABLE c (t INTEGER REFERENCES t(id)); INSERT INTO c VALUES (7);',
			'the migrations would leave 1 row in c without a parent row',
			undefined,
		],
		['a pragma that a transaction refuses', 'PRAGMA synchronous = OFF;', 'Safety level may not be changed inside a transaction', undefined],
	])('finds the error that upgrade would fail with: %s', async (_what, sql, message, hint) => {
		project.migration('1_a.sql', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);\n');
		project.migration('2_b.sql', `-- the second\n\n${sql}\n`);
		const {problems} = await build();
		expect(problems).toMatchObject([{message: expect.stringContaining(message)}]);
		if (!message.includes('parent row')) expect(problems[0]?.location).toMatchObject({file: expect.stringMatching(/2_b\.sql$/), line: 3});
		if (hint !== undefined) expect(problems[0]?.hint).toMatch(hint);
		expect(await upgradeSucceeds()).toBe(false);
	});

	test('finds a migration that relies on a temporary table of another one', async () => {
		project.migration('1_a.sql', 'CREATE TEMP TABLE scratch (x); CREATE TABLE t (a);');
		project.migration('2_b.sql', 'INSERT INTO scratch VALUES (1);');
		expect((await build()).problems).toMatchObject([{message: 'no such table: scratch'}]);
		expect(await upgradeSucceeds()).toBe(false);
	});

	test('finds all failing statements about rows, and still returns the schema', async () => {
		project.migration('1_a.sql', 'CREATE TABLE t (a TEXT);\nINSERT INTO t SELECT "x";\n');
		project.migration('2_b', `op.execute('UPDATE t SET a = f(a)'); op.addColumn('t', 'b TEXT');`);
		const {schema, problems} = await build();
		expect(problems.map(({message, location}) => [message.slice(0, 14), location?.line])).toEqual([
			['no such column', 2],
			['no such functi', 4],
		]);
		expect(schema?.tables[0]?.columns.map(({name}) => name)).toEqual(['a', 'b']);
	});

	test.each([
		['rows that migrations insert and change', "INSERT INTO t (a) VALUES ('x'); UPDATE t SET a = upper(a); DELETE FROM t WHERE a = 'Y';"],
		['pragmas that a transaction ignores', 'PRAGMA foreign_keys=OFF; PRAGMA defer_foreign_keys=ON; PRAGMA foreign_keys=ON;'],
		['a rebuild by hand', 'CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t;'],
		['a trigger', "CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET a = 'y'; END; INSERT INTO t (a) VALUES ('x');"],
	])('finds nothing if upgrade succeeds: %s', async (_what, sql) => {
		project.migration('1_a.sql', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);\n');
		project.migration('2_b.sql', sql);
		expect((await build()).problems).toEqual([]);
		expect(await upgradeSucceeds()).toBe(true);
	});

	test('never runs code, and after it checks no statement against rows that the code may have written', async () => {
		project.migration('1_a', `op.createTable('CREATE TABLE t (a TEXT)'); op.execute("INSERT INTO t VALUES (NULL)");`);
		project.migration('2_b', `op.run((db) => { globalThis.hasRun = true; db.exec("UPDATE t SET a = 'x'"); });`);
		project.migration('3_c', `op.changeTable('t', 'CREATE TABLE t (a TEXT NOT NULL)'); op.execute('INSERT INTO t SELECT a FROM t WHERE a IS NULL');`);
		expect((await build()).problems).toEqual([]);
		expect(globalThis).not.toHaveProperty('hasRun');
		project.migration('4_d', `op.execute('UPDATE t SET a = "no"');`);
		expect((await build()).problems).toMatchObject([{message: expect.stringContaining('no such column: "no"')}]);
	});

	test('lets a migration outside the transaction begin its own', async () => {
		project.migration(
			'1_a',
			`op.execute('BEGIN'); op.createTable('CREATE TABLE t (a TEXT)'); op.execute('COMMIT'); op.execute('VACUUM');`,
			undefined,
			'export const transaction = false;',
		);
		expect((await build()).problems).toEqual([]);
	});
});
