import {chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {MigrationFile} from '../../../../source/core/migrations/files/list.ts';
import {memoryOf} from '../../../../source/core/migrations/files/schema-memory.ts';
import {type MigrationSource, migrationsIn} from '../../../../source/core/migrations/files/source.ts';
import {builtDatabase, builtSchema} from '../../../../source/core/migrations/replay/built-schema.ts';
import {projectForEachTest} from '../../../project-folder.ts';

const project = projectForEachTest();
const folder = () => project.at('memory');

/** Returns the migrations with a memory, and the names of those that are loaded. */
function remembering(): MigrationSource & {readonly loaded: readonly string[]} {
	const source = migrationsIn(project.migrationsDir, undefined, {folder: folder(), minWeight: 0});
	const loaded: string[] = [];
	return {
		...source,
		loaded,
		load(file: MigrationFile) {
			loaded.push(file.name);
			return source.load(file);
		},
	};
}

/** Builds the schema, and returns the loaded migrations and the tables. */
async function built(): Promise<{readonly loaded: readonly string[]; readonly tables: readonly string[]}> {
	const source = remembering();
	const {schema} = await builtSchema(source, source.list());
	return {loaded: source.loaded, tables: schema.tables.map(({sql}) => sql)};
}

async function problems(): Promise<readonly string[]> {
	const source = remembering();
	return (await builtDatabase(source, source.list())).problems.map(({message}) => message);
}

describe('a history', () => {
	test('is replayed once, and later only from the first migration that is not remembered', async () => {
		project.migration('1_a.sql', 'CREATE TABLE a (x);');
		project.migration('2_b', `op.createTable('CREATE TABLE b (x)');`);
		expect(await built()).toEqual({loaded: ['1_a', '2_b'], tables: ['CREATE TABLE a (x)', 'CREATE TABLE b (x)']});
		expect(await built()).toEqual({loaded: [], tables: ['CREATE TABLE a (x)', 'CREATE TABLE b (x)']});
		project.migration('3_c', `op.addColumn('a', 'y');`);
		expect(await built()).toEqual({loaded: ['3_c'], tables: ['CREATE TABLE a (x, y)', 'CREATE TABLE b (x)']});
		project.migration('2_b', `op.createTable('CREATE TABLE b (edited)');`);
		expect(await built()).toEqual({loaded: ['1_a', '2_b', '3_c'], tables: ['CREATE TABLE a (x, y)', 'CREATE TABLE b (edited)']});
	});

	test('is replayed again after a change of whitespace that is part of a literal', async () => {
		project.migration('1_a.sql', "CREATE TABLE a (x DEFAULT 'one  \ntwo');");
		expect((await built()).tables).toEqual(["CREATE TABLE a (x DEFAULT 'one  \ntwo')"]);
		project.migration('1_a.sql', "CREATE TABLE a (x DEFAULT 'one\ntwo');");
		expect((await built()).tables).toEqual(["CREATE TABLE a (x DEFAULT 'one\ntwo')"]);
	});

	test('with code is loaded each time, because other files decide what it does', async () => {
		writeFileSync(project.at('names.ts'), `export const name = 'first';`);
		project.migration('1_a', `op.createTable('CREATE TABLE ' + name + ' (x)');`, undefined, `import {name} from '../names.ts';`);
		expect(await built()).toEqual({loaded: ['1_a', '1_a'], tables: ['CREATE TABLE first (x)']});
		expect(await built()).toEqual({loaded: ['1_a'], tables: ['CREATE TABLE first (x)']});
		writeFileSync(project.at('names.ts'), `export const name = 'second';`);
		expect((await built()).tables).toEqual(['CREATE TABLE second (x)']);
	});

	test('is not remembered if a later migration could fail on rows that only a whole replay has', async () => {
		project.migration('1_a.sql', 'CREATE TABLE a AS SELECT 1 AS x;');
		project.migration('2_b.sql', 'CREATE TABLE b (x);');
		const [first] = remembering().list();
		await builtSchema(remembering(), [first as MigrationFile]);
		expect(existsSync(folder()) ? readdirSync(folder()) : []).toEqual([]);
	});
});

describe('a new database', () => {
	test('is not built again if that has worked, and is built again if it has failed', async () => {
		project.migration('1_a.sql', 'CREATE TABLE a (x UNIQUE); INSERT INTO a VALUES (1);');
		project.migration('2_b.sql', 'INSERT INTO a VALUES (2);');
		expect(await problems()).toEqual([]);
		const source = remembering();
		await builtDatabase(source, source.list());
		expect(source.loaded).toEqual([]);
		project.migration('3_c.sql', 'INSERT INTO a VALUES (2);');
		expect(await problems()).toEqual(['UNIQUE constraint failed: a.x']);
		expect(await problems()).toEqual(['UNIQUE constraint failed: a.x']);
	});

	test('is built again if code runs its statements in another transaction or with other numbers', async () => {
		const write = (transaction: boolean, value: string) => {
			const rest = `const statement = 'VACUUM';\nexport const transaction = ${transaction};`;
			project.migration('1_a', "op.createTable('CREATE TABLE a (x NOT NULL)');");
			project.migration('2_b', transaction ? `op.execute('INSERT INTO a VALUES (?)', [${value}]);` : 'op.execute(statement);', undefined, rest);
		};
		write(false, '');
		expect(await problems()).toEqual([]);
		project.migration('2_b', 'op.execute(statement);', undefined, `const statement = 'VACUUM';`);
		expect(await problems()).toEqual(['VACUUM is not allowed in a migration: migrations run in a shared transaction']);
		write(true, 'Infinity');
		expect(await problems()).toEqual([]);
		write(true, 'NaN');
		expect(await problems()).toEqual(['NOT NULL constraint failed: a.x']);
	});

	test('is built each time if a statement reads the clock', async () => {
		project.migration('1_a.sql', "CREATE TABLE a (x); INSERT INTO a VALUES (date('now'));");
		expect(await problems()).toEqual([]);
		const source = remembering();
		await builtDatabase(source, source.list());
		expect(source.loaded).toEqual(['1_a']);
	});
});

describe('what is remembered', () => {
	test('is in node_modules if there is one, and else in a folder that git ignores', async () => {
		expect(memoryOf(project.path)).toEqual({folder: project.at('.lite-migr'), minWeight: 64});
		project.migration('1_a.sql', Array.from({length: 64}, (_, index) => `CREATE TABLE t${index} (x);`).join('\n'));
		const source = migrationsIn(project.migrationsDir, undefined, memoryOf(project.path));
		await builtSchema(source, source.list());
		expect(readdirSync(project.at('.lite-migr')).sort()).toEqual(['.gitignore', expect.stringMatching(/^replay-1-[0-9a-f]{32}\.json$/)]);
		expect(project.read('.lite-migr/.gitignore')).toBe('*\n');
		mkdirSync(project.at('node_modules'));
		expect(memoryOf(project.path).folder).toBe(join(project.path, 'node_modules', '.cache', 'lite-migr'));
	});

	test('of a small project is nothing', async () => {
		project.migration('1_a.sql', 'CREATE TABLE a (x);');
		const source = migrationsIn(project.migrationsDir, undefined, memoryOf(project.path));
		await builtSchema(source, source.list());
		expect(existsSync(project.at('.lite-migr'))).toBe(false);
	});

	test('is limited to a few entries', async () => {
		for (let count = 1; count <= 12; count++) {
			project.migration(`${count + 10}_t.sql`, `CREATE TABLE t${count} (x);`);
			expect((await built()).tables).toHaveLength(count);
		}
		expect(readdirSync(folder()).filter((name) => name.startsWith('replay-'))).toHaveLength(6);
	});

	test.skipIf(process.getuid?.() === 0)('is nothing in a folder that cannot be written', async () => {
		project.migration('1_a.sql', 'CREATE TABLE a (x);');
		mkdirSync(folder());
		chmodSync(folder(), 0o555);
		expect((await built()).tables).toEqual(['CREATE TABLE a (x)']);
		expect((await built()).tables).toEqual(['CREATE TABLE a (x)']);
		expect(readdirSync(folder())).toEqual([]);
	});

	test('is nothing if its folder is a file', async () => {
		project.migration('1_a.sql', 'CREATE TABLE a (x);');
		writeFileSync(folder(), '');
		expect((await built()).tables).toEqual(['CREATE TABLE a (x)']);
	});
});
