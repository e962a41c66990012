import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {loadBetterSqlite3} from '../../../../source/core/sqlite/driver/better-sqlite3.ts';
import {currentDriver, inDriver} from '../../../../source/core/sqlite/driver/choose.ts';
import type {Driver} from '../../../../source/core/sqlite/driver/driver.ts';
import {loadNodeSqlite} from '../../../../source/core/sqlite/driver/node-sqlite.ts';
import {type ProjectFolder, projectFolder, projectForEachTest} from '../../../project-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();

/** The beginnings of CREATE statements, which SQLite stores in one form. */
const heads = ['CREATE TABLE', 'create  table', 'CREATE TABLE IF NOT EXISTS', 'CREATE /* a */ TABLE'];

/** Returns the calls of migrations that create many tables and then change some of them in each way, in the order of `choices`. */
function migrationsFor(choices: readonly Choice[], tables: number): readonly string[] {
	const created = Array.from({length: tables}, (_, at) => [
		`op.createTable(\`${heads[at % heads.length]} t${at} (\n\tid INTEGER PRIMARY KEY AUTOINCREMENT,\n\ta TEXT UNIQUE,\n\tb INTEGER REFERENCES t${at + 1} (id) -- the next one\n)\`);`,
		...(at % 3 === 0 ? [`op.createIndex('CREATE INDEX i${at} ON t${at} (b)');`] : []),
		...(at % 5 === 0 ? [`op.addColumn('t${at}', 'early TEXT');`] : []),
	]);
	return [...created.map((calls) => calls.join(' ')), ...choices.map(({kind, table}, at) => changeOf(kind, `t${table}`, at))];
}

const kinds = ['addColumn', 'addColumn', 'check', 'index', 'table', 'view', 'trigger', 'required', 'unique', 'renameColumn'] as const;

interface Choice {
	readonly kind: (typeof kinds)[number];
	readonly table: number;
}

function changeOf(kind: Choice['kind'], table: string, at: number): string {
	switch (kind) {
		case 'addColumn':
			return `op.addColumn('${table}', 'c${at} TEXT DEFAULT 1');`;
		case 'check':
			return `op.addColumn('${table}', 'c${at} INTEGER CHECK (c${at} > 0)');`;
		case 'index':
			return `op.createIndex('CREATE UNIQUE INDEX j${at} ON ${table} (b, a)');`;
		case 'table':
			return `op.createTable('CREATE TABLE n${at} (id INTEGER PRIMARY KEY AUTOINCREMENT, b REFERENCES ${table} (id))');`;
		case 'view':
			return `op.createView('CREATE VIEW v${at} AS SELECT a FROM ${table}');`;
		case 'trigger':
			return `op.createTrigger('CREATE TRIGGER g${at} AFTER INSERT ON ${table} BEGIN UPDATE t0 SET a = new.a WHERE id = 0; END');`;
		case 'required':
			return `op.addColumn('${table}', 'c${at} TEXT NOT NULL', {fill: "'x'"});`;
		case 'unique':
			return `op.addColumn('${table}', 'c${at} TEXT UNIQUE');`;
		case 'renameColumn':
			return `op.addColumn('${table}', 'c${at} TEXT'); op.renameColumn('${table}', 'c${at}', 'd${at}');`;
	}
}

function write(to: ProjectFolder, migrations: readonly string[]): void {
	for (const [at, calls] of migrations.entries()) to.migration(`20260101_${String(100000 + at)}_change`, calls);
}

function definitions(of: ProjectFolder): unknown {
	return of.database((db) => [
		db.tuples("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name <> '_lite_migr' ORDER BY name"),
		db.value('PRAGMA integrity_check'),
		db.value('SELECT count(*) FROM _lite_migr'),
	]);
}

// The tests of node:sqlite hide better-sqlite3.
const drivers: readonly (readonly [string, () => Driver])[] = [
	...(currentDriver().name === 'better-sqlite3' ? [['better-sqlite3', () => loadBetterSqlite3(undefined)] as const] : []),
	['node:sqlite', loadNodeSqlite],
];

describe.each(drivers)('a new database with hundreds of changes: %s', (_name, driver) => {
	test('is the one that the same migrations build in two runs', {timeout: 120_000}, async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.record({kind: fc.constantFrom(...kinds), table: fc.integer({min: 0, max: 99})}), {minLength: 10, maxLength: 40}),
				async (choices) => {
					const migrations = migrationsFor(choices, 100);
					const [atOnce, inTwo] = [projectFolder(), projectFolder()];
					for (const one of [atOnce, inTwo]) write(one, migrations);
					await inDriver(driver(), async () => {
						await runnerFor(atOnce).done();
						await runnerFor(inTwo).done({steps: 1});
						await runnerFor(inTwo).done();
					});
					expect(definitions(atOnce)).toEqual(definitions(inTwo));
				},
			),
			{numRuns: Number(process.env.LAWS ?? 8) / 4},
		);
	});
});

describe('a new database with hundreds of changes', () => {
	test('is unchanged if one of the last migrations fails, and the error names it', async () => {
		write(project, [...migrationsFor([], 150), "op.createIndex('CREATE INDEX late ON t1 (missing(a))');"]);
		const {failed} = runnerFor(project);
		expect(await failed()).toMatchObject({
			location: {file: expect.stringContaining('20260101_100150_change.ts')},
			message: expect.stringContaining('no such function: missing'),
		});
		expect(project.files('.')).not.toContain('app.db');
	});

	test('that another program filled in the meantime keeps its objects', async () => {
		project.exec('CREATE TABLE other (x); CREATE INDEX other_x ON other (x); INSERT INTO other VALUES (1)');
		write(project, migrationsFor([], 100));
		await runnerFor(project).done();
		expect(project.value('SELECT x FROM other')).toBe(1);
		expect(project.value('PRAGMA integrity_check')).toBe('ok');
	});

	test.each(['t1', 'short'])('is not created if a temporary table hides table %s, and the error names that migration', async (table) => {
		const hidden = `op.execute('CREATE TEMP TABLE ${table} (x)'); op.addColumn('${table}', 'hidden TEXT');`;
		const migrations = [...migrationsFor([], 10), "op.createTable('CREATE TABLE short (a)');", hidden, `op.addColumn('${table}', 'y TEXT');`];
		write(project, [...migrations, "op.execute('CREATE TABLE last (x)');"]);
		expect(await runnerFor(project).failed()).toMatchObject({
			location: {file: expect.stringContaining('20260101_100011_change.ts')},
			message: expect.stringContaining(`the temporary table ${table} hides the table ${table} of the database`),
		});
		expect(project.files('.')).not.toContain('app.db');
	});
});
