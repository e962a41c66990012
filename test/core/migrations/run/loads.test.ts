import {writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {projectForEachTest} from '../../../project-folder.ts';
import {otherProcess} from '../../sqlite/other-process.ts';

const project = projectForEachTest();

/** Runs code in another process, which can upgrade a database, edit a migration, and count how often files were read and modules evaluated. */
async function counted(code: string): Promise<unknown> {
	const other = otherProcess(
		`import fs from 'node:fs';
		import {registerHooks, syncBuiltinESMExports} from 'node:module';
		import {basename, join} from 'node:path';
		import {apply} from 'source/core/migrations/run/apply.ts';
		import {withDefaults} from 'source/core/migrations/run/apply-options.ts';
		const [folder, migrationsDir] = process.argv.slice(1);
		const reads = {};
		const readFileSync = fs.readFileSync;
		fs.readFileSync = (path, ...rest) => {
			reads[basename(String(path))] = (reads[basename(String(path))] ?? 0) + 1;
			return readFileSync(path, ...rest);
		};
		syncBuiltinESMExports();
		let modules = [];
		function countModules() {
			modules = [];
			registerHooks({
				load(url, context, next) {
					if (url.includes('/migrations/')) modules.push(basename(new URL(url).pathname));
					return next(url, context);
				},
			});
		}
		function edit(name, from, to) {
			const path = join(migrationsDir, name);
			fs.writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
		}
		async function upgrade(name) {
			const database = join(folder, name);
			for await (const event of apply(withDefaults({database, migrationsDir}))) if (event.type === 'failed') throw new Error(event.message);
		}
		async function tables(name) {
			const {openDatabase} = await import(new URL('core/sqlite/open.ts', ${JSON.stringify(new URL('../../../../source/', import.meta.url).href)}));
			const db = openDatabase(join(folder, name), {readonly: true});
			return db.tuples("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\\\_%' ESCAPE '\\\\' ORDER BY name").flat();
		}
		${code}`,
		project.path,
		project.migrationsDir,
	);
	expect([await other.ended, other.output()]).toEqual([0, expect.stringMatching(/^.+\n$/)]);
	return JSON.parse(other.output());
}

test('a run reads each file once', async () => {
	project.migration('1_a.sql', 'CREATE TABLE a (x);');
	project.migration('2_b.sql', 'CREATE TABLE b (x);');
	expect(
		await counted(`
			await upgrade('new.db');
			const first = {...reads};
			edit('2_b.sql', '(x)', '(x, y)');
			fs.writeFileSync(join(migrationsDir, '3_c.sql'), 'CREATE TABLE c (x);');
			await upgrade('other.db');
			console.log(JSON.stringify({first, second: reads}));`),
	).toEqual({
		first: expect.objectContaining({'1_a.sql': 1, '2_b.sql': 1}),
		second: expect.objectContaining({'1_a.sql': 2, '2_b.sql': 2, '3_c.sql': 1}),
	});
});

test('200 databases in one process need one import of each migration', async () => {
	project.migration('1_a', `op.createTable('CREATE TABLE a (x)');`);
	project.migration('2_b', `op.run(({db}) => { db.exec('INSERT INTO a VALUES (1)'); });`, `op.execute('DELETE FROM a');`);
	expect(
		await counted(`
			await upgrade('0.db');
			countModules();
			for (let at = 1; at < 200; at++) await upgrade(at + '.db');
			console.log(JSON.stringify({modules, tables: await tables('199.db')}));`),
	).toEqual({modules: [], tables: ['a']});
});

test('a migration is imported again after an edit of it or of a file that it imports, and if it has state', async () => {
	writeFileSync(`${project.path}/name.ts`, `export const name = 'c';`);
	// With the condition, the file cannot be read without an import.
	project.migration('1_a', `if (op !== undefined) op.createTable('CREATE TABLE a (x)');`);
	project.migration('2_b', `op.createTable('CREATE TABLE b' + ++count + ' (x)');`, undefined, 'let count = 0;');
	project.migration('3_c', `op.createTable('CREATE TABLE ' + name + ' (x)');`, undefined, `import {name} from '../name.ts';`);
	expect(
		await counted(`
			await upgrade('first.db');
			countModules();
			edit('1_a.ts', 'TABLE a', 'TABLE edited');
			edit('../name.ts', "'c'", "'renamed'");
			await upgrade('second.db');
			await upgrade('third.db');
			console.log(JSON.stringify({modules, tables: [await tables('first.db'), await tables('third.db')]}));`),
	).toEqual({
		modules: ['1_a.ts', '2_b.ts', '3_c.ts', '2_b.ts', '3_c.ts'],
		tables: [
			['a', 'b1', 'c'],
			['b1', 'edited', 'renamed'],
		],
	});
});

test('a JSON file that a migration imports is read again after an edit', async () => {
	writeFileSync(`${project.path}/names.json`, '{"name": "a"}');
	project.migration('1_a', `op.createTable('CREATE TABLE ' + names.name + ' (x)');`, undefined, `import names from '../names.json';`);
	expect(
		await counted(`
			await upgrade('first.db');
			edit('../names.json', '"a"', '"edited"');
			await upgrade('second.db');
			console.log(JSON.stringify([await tables('first.db'), await tables('second.db')]));`),
	).toEqual([['a'], ['edited']]);
});
