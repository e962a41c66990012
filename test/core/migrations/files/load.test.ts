import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {checksumOf, listMigrations} from '../../../../source/core/migrations/files/list.ts';
import {loadMigration} from '../../../../source/core/migrations/files/load.ts';
import {newMigrationName} from '../../../../source/core/migrations/files/names.ts';
import {loadMigrations, migrationsIn} from '../../../../source/core/migrations/files/source.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {otherProcess} from '../../sqlite/other-process.ts';
import {thrownBy} from '../../sqlite/temporary-folder.ts';

const project = projectForEachTest();

function file(name: string, text: string): string {
	mkdirSync(project.migrationsDir, {recursive: true});
	const path = `${project.migrationsDir}/${name}`;
	writeFileSync(path, text);
	return path;
}

const read = async () => (await loadMigrations(migrationsIn(project.migrationsDir)))[0];

describe('the name of a migration', () => {
	const now = new Date('2026-11-22T17:52:03.900Z');

	test('is the time in UTC, followed by the given name', () => {
		expect(newMigrationName('add-Orders_2', now, [])).toBe('20261122_175203_add-Orders_2');
	});

	test('is unique, and sorts after other migrations of the same second', () => {
		const first = newMigrationName('b', now, ['20200101_000000_x']);
		const second = newMigrationName('a', now, [first]);
		const third = newMigrationName('a', now, [first, second]);
		expect([third, second, first].sort()).toEqual([first, second, third]);
		expect(new Set([first, second, third]).size).toBe(3);
	});

	test('ignores a file whose time is far in the future', () => {
		expect(newMigrationName('a', now, ['29990101_000000_bad'])).toBe('20261122_175203_a');
	});

	test.each(['', '../x', 'a b', 'ä', 'a.b', 'a/b', 'a\n', "a'", 'x'.repeat(200)])('is rejected if it is %j', async (name) => {
		expect((await thrownBy(() => newMigrationName(name, now, []))).code).toBe('usage');
	});
});

describe('the migrations folder', () => {
	test('is read in the order of the names, in all formats, and other files are skipped', async () => {
		file('2_b.sql', 'CREATE TABLE b (x);');
		file('1_a.ts', 'export function upgrade(op) { op.createTable("CREATE TABLE a (x)"); }');
		file('3_c.mjs', 'export const upgrade = async (op) => { await null; op.dropTable("a"); };');
		file('4_d.js', 'export function upgrade(op) { op.dropTable("b"); }');
		for (const name of ['.hidden.ts', '_shared.ts', 'README.md', '1_a.d.ts', '5_e.ts.bak']) file(name, 'nonsense');
		mkdirSync(`${project.migrationsDir}/6_folder.ts`);
		const migrations = await loadMigrations(migrationsIn(project.migrationsDir));
		expect(migrations.map(({name, format, upgrade}) => [name, format, upgrade.map(({kind}) => kind)])).toEqual([
			['1_a', 'ts', ['createTable']],
			['2_b', 'sql', ['execute']],
			['3_c', 'ts', ['dropTable']],
			['4_d', 'ts', ['dropTable']],
		]);
	});

	test('may contain migrations with any supported extension', async () => {
		file('20240101_000000_a.cjs', 'module.exports = {upgrade(op) { op.execute("SELECT 1"); }};');
		file('20240102_000000_b.cts', 'exports.upgrade = (op: any): void => op.execute("SELECT 2");');
		file('20240103_000000_c.SQL', 'SELECT 3;');
		const migrations = await loadMigrations(migrationsIn(project.migrationsDir));
		expect(migrations.map(({name, upgrade}) => [name, upgrade.length])).toEqual([
			['20240101_000000_a', 1],
			['20240102_000000_b', 1],
			['20240103_000000_c', 1],
		]);
	});

	test('is rejected if two migrations have the same name, or if a file is not a migration', async () => {
		file('1_a.ts', 'export function upgrade() {}');
		file('1_a.sql', '');
		expect((await thrownBy(() => listMigrations(project.migrationsDir))).message).toContain('two migrations named 1_a');
		rmSync(`${project.migrationsDir}/1_a.sql`);
		file('helpers.ts', '');
		expect((await thrownBy(() => listMigrations(project.migrationsDir))).message).toContain('helpers.ts is not a migration');
	});

	test('has checksums that ignore line endings, trailing whitespace and a byte order mark', () => {
		expect(checksumOf('\ufeffa  \r\n b\t\r\n\r\n')).toBe(checksumOf('a\n b'));
		expect(checksumOf('a\nb')).not.toBe(checksumOf('a\n b'));
	});
});

describe('a migration in TypeScript', () => {
	test('gets a suggestion if it misspells an operation', async () => {
		const path = file('1_a.ts', "export function upgrade(op) {\n\top.createTabel('CREATE TABLE a (x)');\n}\n");
		expect(await thrownBy(read)).toMatchObject({hint: 'did you mean op.createTable? Nothing was run', location: {file: path, line: 2}});
		file('1_a.ts', 'export function upgrade(op) {\n\top.something();\n}\n');
		expect(await thrownBy(read)).toMatchObject({hint: 'fix the migration; nothing was run'});
	});

	test('records the line of each operation', async () => {
		file(
			'1_a.ts',
			`import type {MigrationBuilder} from 'lite-migr';\n\nexport function upgrade(op: MigrationBuilder): void {\n\top.dropTable('a');\n\n\tfor (const name of ['b', 'c']) op.dropTable(name);\n}\n`,
		);
		expect((await read())?.upgrade.map(({origin}) => origin?.line)).toEqual([4, 6, 6]);
	});

	test.each([
		['does not export upgrade', 'export const x = 1;', 'does not export a function upgrade', undefined],
		['cannot be parsed', 'export function upgrade(op) {\n\top.dropTable(\n}', '', 3],
		['has an enum', 'const a = 1;\nenum Color {Red}\nexport function upgrade() {}', 'Node cannot strip this TypeScript', 2],
		['throws when it is loaded', 'const a = 1;\nthrow new Error("bad day");', 'bad day', 2],
		['throws when it is recorded', 'export function upgrade(op) {\n\tthrow new Error("bad day");\n}', 'bad day', 2],
		['throws a string', 'export function upgrade(op) { throw "bad day"; }', 'bad day', undefined],
		['imports a missing file', 'import {x} from "./none.ts";\nexport function upgrade() { x(); }', 'none', undefined],
		[
			'passes a number as a table',
			'export function upgrade(op) {\n\n\top.dropTable(7);\n}',
			'op.dropTable: the table must be a string, not a number',
			3,
		],
		['passes an empty statement', 'export function upgrade(op) {\n\top.execute("  ");\n}', 'op.execute', 2],
		['passes parameters that are not an array', 'export function upgrade(op) {\n\top.execute("SELECT ?", 1);\n}', 'op.execute', 2],
		['passes a string as code', 'export function upgrade(op) {\n\top.run("x");\n}', 'op.run', 2],
		[
			'passes the type of a column as options',
			'export function upgrade(op) {\n\top.addColumn("user", "age", "INTEGER");\n}',
			'op.addColumn: the options must be an object, not a string',
			2,
		],
		[
			'misspells an option',
			'export function upgrade(op) {\n\top.addColumn("user", "age INTEGER", {fil: "0"});\n}',
			'op.addColumn has no option fil',
			2,
		],
		[
			'passes an option of another call',
			'export function upgrade(op) {\n\top.dropTable("user", {fill: "0"});\n}',
			'op.dropTable has no option fill',
			2,
		],
		['calls an unknown operation', 'export function upgrade(op) {\n\top.dropDatabase();\n}', 'dropDatabase', 2],
		['has a transaction that is not a boolean', 'export const transaction = "no"; export function upgrade() {}', 'must be true or false', undefined],
	])('is reported with its location if it %s', async (_, text, message, line) => {
		const path = file('1_a.ts', text);
		const failed = await thrownBy(read);
		expect(failed).toMatchObject({code: 'migration', message: expect.stringContaining(message), location: {file: path}});
		if (line !== undefined) expect(failed).toMatchObject({location: {line}});
	});

	test('fails if it records an operation after it returned', async () => {
		const path = file('1_a.ts', 'export function upgrade(op) { globalThis.later = () => op.dropTable("a"); }');
		await read();
		const {later} = globalThis as unknown as {later: () => void};
		expect(await thrownBy(later)).toMatchObject({
			code: 'migration',
			message: expect.stringContaining('after the function returned'),
			location: {file: path},
		});
	});

	test('is reloaded after an edit', async () => {
		file('1_a.ts', 'export function upgrade(op) { op.dropTable("a"); }');
		expect((await read())?.upgrade).toMatchObject([{table: 'a'}]);
		file('1_a.ts', 'export function upgrade(op) { op.dropTable("b"); }');
		expect((await read())?.upgrade).toMatchObject([{table: 'b'}]);
	});

	test.each(['', '{"type": "commonjs"}', '{"type": "module"}', '{}'])(
		'loads in any project without a warning: package.json %j',
		async (packageJson) => {
			if (packageJson !== '') writeFileSync(project.at('package.json'), packageJson);
			file('1_a.ts', `import type {MigrationBuilder} from 'lite-migr';\nexport function upgrade(op: MigrationBuilder) { op.dropTable('a'); }`);
			file('2_b.js', `export function upgrade(op) { op.dropTable('a'); }`);
			const other = otherProcess(
				`import {loadMigrations, migrationsIn} from 'source/core/migrations/files/source.ts';
			console.log((await loadMigrations(migrationsIn(process.argv[1]))).map(({name}) => name).join());`,
				project.migrationsDir,
			);
			expect(await other.ended).toBe(0);
			expect(other.output()).toBe('1_a,2_b\n');
		},
	);
});

describe('a migration in SQL', () => {
	test('has sections, and a line for each statement', async () => {
		file(
			'1_a.sql',
			`-- a note\r\nCREATE TABLE a (x);\r\n-- upgrade\r\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\r\n  SELECT CASE WHEN 1 THEN ';' END;\r\nEND;\r\nINSERT INTO a VALUES ('-- downgrade');\r\n-- Downgrade\r\nDROP TABLE a`,
		);
		const migration = await read();
		expect(migration?.upgrade.map((operation) => [operation.kind, operation.origin?.line])).toEqual([
			['execute', 2],
			['execute', 4],
			['execute', 7],
		]);
		expect(migration?.downgrade).toMatchObject([{sql: 'DROP TABLE a', origin: {line: 9}}]);
	});

	test('has only an upgrade if it has no marker, and cannot be undone', async () => {
		file('1_a.sql', 'CREATE TABLE a (x);');
		expect((await read())?.downgrade).toBeUndefined();
		file('1_a.sql', '-- upgrade\n-- downgrade\n');
		expect(await read()).toMatchObject({upgrade: [], downgrade: []});
	});

	test.each(['BEGIN', 'COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT a', 'RELEASE a', "ATTACH 'x' AS y", 'DETACH y', 'VACUUM'])(
		'is rejected if it contains %s, with its line',
		async (sql) => {
			const path = file('1_a.sql', `-- upgrade\nCREATE TABLE a (x);\n${sql};\n`);
			expect(await thrownBy(read)).toMatchObject({code: 'migration', location: {file: path, line: 3}});
		},
	);

	test('is reported with its location if it cannot be split into statements', async () => {
		const path = file('1_a.sql', "CREATE TABLE a (x);\nINSERT INTO a VALUES ('oops);\n");
		expect(await thrownBy(read)).toMatchObject({code: 'syntax', location: {file: path, line: 2}});
		expect(await thrownBy(async () => loadMigration(listMigrations(project.migrationsDir)[0] as never))).toMatchObject({code: 'syntax'});
	});
});
