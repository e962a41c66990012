import {DatabaseSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import {expect, test} from 'vitest';
import {nodeSqlite} from '../../source/core/runtime/adapters/node-sqlite.ts';
import {migrate} from '../../source/core/runtime/migrate.ts';
import {type ProjectFolder, projectForEachTest, toml} from '../project-folder.ts';

const project = projectForEachTest();

function withStart(): ProjectFolder {
	project.write('migrate.toml', toml);
	project.migration(
		'20260101_000000_start',
		`op.createTable("CREATE TABLE user (id INTEGER PRIMARY KEY, \\"the name\\" TEXT DEFAULT 'a\\nb\`\${c}')");`,
	);
	return project;
}

test.each(['ts', 'js'])('writes a module that applies the migrations: .%s', async (ending) => {
	withStart();
	const done = await project.lite('bundle', '--out', `src/migrations.${ending}`, '--json');
	expect(done.code).toBe(0);
	expect(JSON.parse(done.stdout)).toMatchObject({migrations: ['20260101_000000_start'], withoutDown: [], needs: [], current: false});
	const {migrations} = await import(/* @vite-ignore */ pathToFileURL(project.at(`src/migrations.${ending}`)).href);
	const db = new DatabaseSync(':memory:');
	expect(await migrate(nodeSqlite(db), migrations)).toMatchObject({applied: ['20260101_000000_start']});
	db.exec('INSERT INTO user (id) VALUES (1)');
	expect(db.prepare('SELECT "the name" AS name FROM user').get()).toEqual({name: 'a\nb`${c}'});
	db.close();
});

test('writes the same file again, and checks it for CI', async () => {
	withStart();
	expect(await project.lite('bundle', '--out', 'm.ts', '--check')).toMatchObject({code: 4, stdout: expect.stringContaining('m.ts does not exist')});
	await project.lite('bundle', '--out', 'm.ts');
	const text = project.read('m.ts');
	expect(await project.lite('bundle', '--out', 'm.ts', '--check')).toMatchObject({code: 0, stdout: expect.stringContaining('m.ts is up to date')});
	await project.lite('bundle', '--out', 'm.ts');
	expect(project.read('m.ts')).toBe(text);
	project.migration('20260102_000000_more', `op.addColumn('user', 'age INTEGER');`);
	expect(await project.lite('bundle', '--out', 'm.ts', '--check')).toMatchObject({
		code: 4,
		stdout: '✗ m.ts is out of date\n  run lite-migr bundle --out m.ts\n',
	});
	expect(project.read('m.ts')).toBe(text);
});

test.each([
	['op.run(() => {});', 'contains code (op.run), which a bundle cannot contain'],
	[`op.execute('VACUUM');`, 'has VACUUM, which cannot run inside the transaction of a migration'],
	[`op.execute("ATTACH 'x.db' AS x");`, 'has ATTACH, which cannot run inside the transaction of a migration'],
	[`op.execute('CREATE TEMP TABLE t AS SELECT 1');`, 'creates a temporary object, which not every engine allows'],
	[`op.execute('PRAGMA journal_mode = WAL');`, 'has PRAGMA journal_mode, which not every driver accepts in a migration'],
	[`op.execute('UPDATE user SET id = changes()');`, 'changes() has a different value in a script than in a local run'],
])('refuses what a device cannot run, with file and line: %s', async (statement, message) => {
	withStart();
	project.migration('20260102_000000_more', `\n\t${statement}`);
	const {code, stderr} = await project.lite('bundle', '--out', 'm.ts');
	expect(code).toBe(1);
	expect(stderr).toContain(message);
	expect(stderr).toContain('migrations/20260102_000000_more.ts:5');
	expect(project.files('.')).not.toContain('m.ts');
});

test('refuses a migration outside a transaction', async () => {
	withStart();
	project.migration('20260102_000000_more', `op.addColumn('user', 'age INTEGER');`, undefined, 'export const transaction = false;');
	const {code, stderr} = await project.lite('bundle', '--out', 'm.ts');
	expect(code).toBe(1);
	expect(stderr).toContain('runs outside a transaction (transaction = false), so a device could keep half of it');
});

test('omits pragmas that have no effect in a local run either', async () => {
	withStart();
	project.migration(
		'20260102_000000_more.sql',
		'-- upgrade\nPRAGMA foreign_keys=OFF;\nALTER TABLE user ADD COLUMN age INTEGER;\nPRAGMA foreign_keys=ON;\n',
	);
	expect(await project.lite('bundle', '--out', 'm.js')).toMatchObject({code: 0});
	expect(project.read('m.js')).not.toContain('foreign_keys=OFF;');
	expect(project.read('m.js')).not.toMatch(/PRAGMA foreign_keys/);
});

test('says what a migration needs that not every engine has', async () => {
	withStart();
	const columns = Array.from({length: 120}, (_, index) => `c${index} INTEGER`).join(', ');
	project.migration('20260102_000000_wide', `op.createTable('CREATE TABLE wide (${columns})');`);
	project.migration('20260103_000000_search', `op.execute('CREATE VIRTUAL TABLE search USING fts5(text)');`);
	const {stdout} = await project.lite('bundle', '--out', 'm.js');
	expect(stdout).toContain('! 20260102_000000_wide does not run everywhere: it needs tables with 120 columns');
	expect(stdout).toContain('! 20260103_000000_search does not run everywhere: it needs the module fts5');
});

test.each([
	[['bundle'], 'bundle needs the path of the module: --out FILE'],
	[['bundle', '--out', 'm.cjs'], 'm.cjs is not an ES module'],
	[['bundle', '--out', 'm.json'], 'm.json is not an ES module'],
	[['bundle', '--out', 'migrations/all.ts'], 'migrations/all.ts is in the migrations folder, where every file is a migration'],
])('refuses %j', async (argv, message) => {
	withStart();
	expect(await project.lite(...argv)).toMatchObject({code: 2, stderr: expect.stringContaining(message)});
});
