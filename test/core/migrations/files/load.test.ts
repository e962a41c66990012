import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {checksumOf, listMigrations} from '../../../../source/core/migrations/files/list.ts';
import {loadMigration, loadMigrations} from '../../../../source/core/migrations/files/load.ts';
import {newMigrationName} from '../../../../source/core/migrations/files/names.ts';
import {otherProcess} from '../../sqlite/other-process.ts';
import {temporaryProject, thrownBy} from '../project.ts';

const project = temporaryProject();

function file(name: string, text: string): string {
	mkdirSync(project.migrationsDir, {recursive: true});
	const path = `${project.migrationsDir}/${name}`;
	writeFileSync(path, text);
	return path;
}

const read = async () => (await loadMigrations(listMigrations(project.migrationsDir)))[0];

describe('the name of a migration', () => {
	const now = new Date('2026-11-22T17:52:03.900Z');

	test('is the time in UTC and what a person called it', () => {
		expect(newMigrationName('add-Orders_2', now, [])).toBe('20261122_175203_add-Orders_2');
	});

	test('never collides and sorts behind those of the same second', () => {
		const first = newMigrationName('b', now, ['20200101_000000_x']);
		const second = newMigrationName('a', now, [first]);
		const third = newMigrationName('a', now, [first, second]);
		expect([third, second, first].sort()).toEqual([first, second, third]);
		expect(new Set([first, second, third]).size).toBe(3);
	});

	test('takes no heed of a file far ahead in time', () => {
		expect(newMigrationName('a', now, ['29990101_000000_bad'])).toBe('20261122_175203_a');
	});

	test.each(['', '../x', 'a b', 'ä', 'a.b', 'a/b', 'a\n', "a'", 'x'.repeat(200)])('is refused: %j', async (name) => {
		expect((await thrownBy(() => newMigrationName(name, now, []))).code).toBe('usage');
	});
});

describe('the migrations folder', () => {
	test('is read in order, whatever the formats; other files are left alone', async () => {
		file('2_b.sql', 'CREATE TABLE b (x);');
		file('1_a.ts', 'export function upgrade(op) { op.createTable("CREATE TABLE a (x)"); }');
		file('3_c.mjs', 'export const upgrade = async (op) => { await null; op.dropTable("a"); };');
		file('4_d.js', 'export function upgrade(op) { op.dropTable("b"); }');
		for (const name of ['.hidden.ts', '_shared.ts', 'README.md', '1_a.d.ts', '5_e.ts.bak']) file(name, 'nonsense');
		mkdirSync(`${project.migrationsDir}/6_folder.ts`);
		const migrations = await loadMigrations(listMigrations(project.migrationsDir));
		expect(migrations.map(({name, format, upgrade}) => [name, format, upgrade.map(({kind}) => kind)])).toEqual([
			['1_a', 'ts', ['createTable']],
			['2_b', 'sql', ['execute']],
			['3_c', 'ts', ['dropTable']],
			['4_d', 'ts', ['dropTable']],
		]);
	});

	test('passes over no migration because of how its file ends', async () => {
		file('20240101_000000_a.cjs', 'module.exports = {upgrade(op) { op.execute("SELECT 1"); }};');
		file('20240102_000000_b.cts', 'exports.upgrade = (op: any): void => op.execute("SELECT 2");');
		file('20240103_000000_c.SQL', 'SELECT 3;');
		const migrations = await loadMigrations(listMigrations(project.migrationsDir));
		expect(migrations.map(({name, upgrade}) => [name, upgrade.length])).toEqual([
			['20240101_000000_a', 1],
			['20240102_000000_b', 1],
			['20240103_000000_c', 1],
		]);
	});

	test('that holds two of one name, or a file that is no migration, is refused', async () => {
		file('1_a.ts', 'export function upgrade() {}');
		file('1_a.sql', '');
		expect((await thrownBy(() => listMigrations(project.migrationsDir))).message).toContain('two migrations named 1_a');
		rmSync(`${project.migrationsDir}/1_a.sql`);
		file('helpers.ts', '');
		expect((await thrownBy(() => listMigrations(project.migrationsDir))).message).toContain('helpers.ts is no migration');
	});

	test('checksums take no heed of line endings, white space at the ends of lines, and a byte order mark', () => {
		expect(checksumOf('\ufeffa  \r\n b\t\r\n\r\n')).toBe(checksumOf('a\n b'));
		expect(checksumOf('a\nb')).not.toBe(checksumOf('a\n b'));
	});
});

describe('a migration in TypeScript', () => {
	test('that misspells an operation is told which one was meant', async () => {
		const path = file('1_a.ts', "export function upgrade(op) {\n\top.createTabel('CREATE TABLE a (x)');\n}\n");
		expect(await thrownBy(read)).toMatchObject({hint: 'did you mean op.createTable? Nothing was run', location: {file: path, line: 2}});
		file('1_a.ts', 'export function upgrade(op) {\n\top.something();\n}\n');
		expect(await thrownBy(read)).toMatchObject({hint: 'mend the migration; nothing was run'});
	});

	test('knows the line of each operation', async () => {
		file(
			'1_a.ts',
			`import type {MigrationBuilder} from 'lite-migr';\n\nexport function upgrade(op: MigrationBuilder): void {\n\top.dropTable('a');\n\n\tfor (const name of ['b', 'c']) op.dropTable(name);\n}\n`,
		);
		expect((await read())?.upgrade.map(({origin}) => origin?.line)).toEqual([4, 6, 6]);
	});

	test.each([
		['exports no upgrade', 'export const x = 1;', 'exports no function upgrade', undefined],
		['cannot be parsed', 'export function upgrade(op) {\n\top.dropTable(\n}', '', 3],
		['has an enum', 'const a = 1;\nenum Color {Red}\nexport function upgrade() {}', 'TypeScript that Node cannot strip', 2],
		['throws when it is loaded', 'const a = 1;\nthrow new Error("bad day");', 'bad day', 2],
		['throws when it is recorded', 'export function upgrade(op) {\n\tthrow new Error("bad day");\n}', 'bad day', 2],
		['throws a string', 'export function upgrade(op) { throw "bad day"; }', 'bad day', undefined],
		['imports what is not there', 'import {x} from "./none.ts";\nexport function upgrade() { x(); }', 'none', undefined],
		[
			'gives a number as a table',
			'export function upgrade(op) {\n\n\top.dropTable(7);\n}',
			'op.dropTable: the table must be a text, not a number',
			3,
		],
		['gives an empty statement', 'export function upgrade(op) {\n\top.execute("  ");\n}', 'op.execute', 2],
		['gives parameters that are no array', 'export function upgrade(op) {\n\top.execute("SELECT ?", 1);\n}', 'op.execute', 2],
		['gives text as code', 'export function upgrade(op) {\n\top.run("x");\n}', 'op.run', 2],
		['calls an operation that there is not', 'export function upgrade(op) {\n\top.dropDatabase();\n}', 'dropDatabase', 2],
		['has a transaction that is no boolean', 'export const transaction = "no"; export function upgrade() {}', 'must be true or false', undefined],
	])('that %s is told with its place', async (_, text, message, line) => {
		const path = file('1_a.ts', text);
		const failed = await thrownBy(read);
		expect(failed).toMatchObject({code: 'migration', message: expect.stringContaining(message), location: {file: path}});
		if (line !== undefined) expect(failed).toMatchObject({location: {line}});
	});

	test('that records after it has returned is told', async () => {
		const path = file('1_a.ts', 'export function upgrade(op) { globalThis.later = () => op.dropTable("a"); }');
		await read();
		const {later} = globalThis as unknown as {later: () => void};
		expect(await thrownBy(later)).toMatchObject({
			code: 'migration',
			message: expect.stringContaining('after the function had returned'),
			location: {file: path},
		});
	});

	test('is loaded anew when it was edited', async () => {
		file('1_a.ts', 'export function upgrade(op) { op.dropTable("a"); }');
		expect((await read())?.upgrade).toMatchObject([{table: 'a'}]);
		file('1_a.ts', 'export function upgrade(op) { op.dropTable("b"); }');
		expect((await read())?.upgrade).toMatchObject([{table: 'b'}]);
	});

	test.each(['', '{"type": "commonjs"}', '{"type": "module"}', '{}'])(
		'loads in any project without a warning: package.json %j',
		async (packageJson) => {
			if (packageJson !== '') writeFileSync(project.folder.at('package.json'), packageJson);
			file('1_a.ts', `import type {MigrationBuilder} from 'lite-migr';\nexport function upgrade(op: MigrationBuilder) { op.dropTable('a'); }`);
			file('2_b.js', `export function upgrade(op) { op.dropTable('a'); }`);
			const other = otherProcess(
				`import {listMigrations} from 'source/core/migrations/files/list.ts';
			import {loadMigrations} from 'source/core/migrations/files/load.ts';
			console.log((await loadMigrations(listMigrations(process.argv[1]))).map(({name}) => name).join());`,
				project.migrationsDir,
			);
			expect(await other.ended).toBe(0);
			expect(other.output()).toBe('1_a,2_b\n');
		},
	);
});

describe('a migration in SQL', () => {
	test('has sections, and each statement its line', async () => {
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

	test('without a marker is all upgrade, and has no way down', async () => {
		file('1_a.sql', 'CREATE TABLE a (x);');
		expect((await read())?.downgrade).toBeUndefined();
		file('1_a.sql', '-- upgrade\n-- downgrade\n');
		expect(await read()).toMatchObject({upgrade: [], downgrade: []});
	});

	test.each(['BEGIN', 'COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT a', 'RELEASE a', "ATTACH 'x' AS y", 'DETACH y', 'VACUUM'])(
		'refuses %s with its line',
		async (sql) => {
			const path = file('1_a.sql', `-- upgrade\nCREATE TABLE a (x);\n${sql};\n`);
			expect(await thrownBy(read)).toMatchObject({code: 'migration', location: {file: path, line: 3}});
		},
	);

	test('that cannot be cut into statements is told with its place', async () => {
		const path = file('1_a.sql', "CREATE TABLE a (x);\nINSERT INTO a VALUES ('oops);\n");
		expect(await thrownBy(read)).toMatchObject({code: 'syntax', location: {file: path, line: 2}});
		expect(await thrownBy(async () => loadMigration(listMigrations(project.migrationsDir)[0] as never))).toMatchObject({code: 'syntax'});
	});
});
