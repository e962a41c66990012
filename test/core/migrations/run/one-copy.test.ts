import {spawnSync} from 'node:child_process';
import {cpSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {beforeAll, describe, expect, test} from 'vitest';
import {currentDriver} from '../../../../source/core/sqlite/driver/choose.ts';
import {builtBin} from '../../../cli/built-bin.ts';
import {projectForEachTest} from '../../../project-folder.ts';

// Building takes longer than a test may.
beforeAll(() => void builtBin(), 120_000);

const project = projectForEachTest();
const betterSqlite3 = createRequire(import.meta.url).resolve('better-sqlite3');
// The tests of node:sqlite hide the package.
const isHidden = currentDriver().name === 'node:sqlite';

const loadBoth = `process.getBuiltinModule('node:sqlite'); new (require(${JSON.stringify(betterSqlite3)}))(':memory:').close();`;

/** Runs a program in the project. `endOf(options)` migrates app.db. `report(value)` is what this function returns. */
function program(...lines: readonly string[]): unknown {
	project.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, nick TEXT); INSERT INTO user VALUES (1, '7')");
	project.migration('20260101_000000_rewrite', "op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, nick INTEGER)');");
	const library = pathToFileURL(join(dirname(builtBin()), 'index.js')).href;
	writeFileSync(
		project.at('app.mjs'),
		`import {createRequire} from 'node:module';
import {apply, openDatabase} from ${JSON.stringify(library)};

export async function endOf(options) {
	let last;
	for await (const event of apply({database: 'app.db', migrationsDir: 'migrations', wait: 0.2, ...options})) last = event;
	return last.type === 'failed' ? [last.code, last.details[0], last.hint] : last.type;
}
const report = (value) => console.log(JSON.stringify(value));
const require = createRequire(import.meta.url);
const openBetter = (from = ${JSON.stringify(betterSqlite3)}) => new (require(from))('app.db');
const openNode = () => new (process.getBuiltinModule('node:sqlite').DatabaseSync)('app.db');
const changed = "BEGIN IMMEDIATE; INSERT INTO user VALUES (2, '8')";
const rows = (db) => db.prepare('SELECT * FROM user').all();
${lines.join('\n')}
`,
	);
	const {stdout, stderr} = spawnSync(process.execPath, ['--no-warnings', 'app.mjs'], {cwd: project.path, encoding: 'utf8'});
	expect(stderr).toBe('');
	return JSON.parse(stdout);
}

const before = [
	{id: 1, nick: '7'},
	{id: 2, nick: '8'},
];
const after = [
	{id: 1, nick: 7},
	{id: 2, nick: 8},
];

test.each(['DELETE', 'WAL'])('a path that the program has open with node:sqlite is opened with node:sqlite, which sees its locks (%s)', (mode) => {
	expect(
		program(
			'const db = openNode();',
			`db.exec("PRAGMA journal_mode = ${mode}; " + changed);`,
			'const [[locked]] = [await endOf()];',
			"db.exec('COMMIT');",
			"report([locked, await endOf(), rows(db), db.prepare('PRAGMA integrity_check').all()]);",
		),
	).toEqual(['locked', 'done', after, [{integrity_check: 'ok'}]]);
});

describe.skipIf(isHidden)('a path that the program has open', () => {
	const ambiguous = [
		'database',
		'both better-sqlite3 and node:sqlite are loaded, so lite-migr cannot tell which one has it open',
		'pass the open connection as database, or set driver to the one that has it open, or close it before the run',
	];

	test.each(['openNode', 'openBetter'])('is not opened if both drivers are loaded: the transaction of %s keeps its lock', (open) => {
		expect(
			program(
				loadBoth,
				`const db = ${open}();`,
				'db.exec(changed);',
				'const refused = await endOf();',
				'let thrown; try { openDatabase("app.db") } catch (error) { thrown = error.code; }',
				// Another process sees the lock only if no other copy of SQLite has closed the file.
				"const other = (await import('node:child_process')).spawnSync(process.execPath, ['--no-warnings', '-e', `",
				"	const db = new (require('node:sqlite').DatabaseSync)('app.db');",
				"	try { db.exec('BEGIN IMMEDIATE'); console.log('free') } catch { console.log('locked') }`], {encoding: 'utf8'}).stdout.trim();",
				"db.exec('COMMIT');",
				'report([refused, thrown, other, rows(db)]);',
			),
		).toEqual([ambiguous, 'database', 'locked', before]);
	});

	test.each([
		['openNode', 'node:sqlite'],
		['openBetter', 'better-sqlite3'],
	])('with %s is opened with the driver that the program names', (open, driver) => {
		expect(
			program(
				loadBoth,
				`const db = ${open}();`,
				'db.exec(changed);',
				`const [locked] = await endOf({driver: '${driver}'});`,
				"db.exec('COMMIT');",
				`report([locked, await endOf({driver: '${driver}'}), rows(db)]);`,
			),
		).toEqual(['locked', 'done', after]);
	});

	test.each([
		['openNode', 'node:sqlite', 'better-sqlite3'],
		['openBetter', 'better-sqlite3', 'node:sqlite'],
	])('with %s is not opened with a driver that cannot be the one of the program', (open, holder, driver) => {
		expect(program(`const db = ${open}();`, `report(await endOf({driver: '${driver}'}));`)).toEqual([
			'database',
			`the program has it open with ${holder}, but driver is ${driver}`,
			`set driver to ${holder}, or close it before the run`,
		]);
	});

	test('with another better-sqlite3 than the one of the migrations is opened with that one', () => {
		cpSync(join(dirname(betterSqlite3), '..'), project.at('other/node_modules/better-sqlite3'), {recursive: true});
		expect(
			program(
				"const db = openBetter('./other/node_modules/better-sqlite3');",
				'db.exec(changed);',
				'const [locked] = await endOf();',
				"db.exec('COMMIT');",
				'report([locked, await endOf(), rows(db), Object.keys(require.cache).filter((file) => file.endsWith(".node")).length]);',
			),
		).toEqual(['locked', 'done', after, 1]);
	});

	test('with two copies of better-sqlite3 loaded is not opened', () => {
		cpSync(join(dirname(betterSqlite3), '..'), project.at('other/node_modules/better-sqlite3'), {recursive: true});
		expect(program("const [db, other] = [openBetter(), openBetter('./other/node_modules/better-sqlite3')];", 'report(await endOf());')).toEqual([
			'database',
			'several copies of better-sqlite3 are loaded',
			'pass the open connection as database, or close it before the run',
		]);
	});

	test('can be migrated by two runs at the same time', () => {
		expect(program(loadBoth, 'report(await Promise.all([endOf({wait: 5}), endOf({wait: 5}), endOf({wait: 5})]));')).toEqual(['done', 'done', 'done']);
	});

	test('with openDatabase() is opened with the same copy, even if both are loaded', () => {
		expect(
			program(
				loadBoth,
				"const db = openDatabase('app.db');",
				'db.exec(changed);',
				'const [locked] = await endOf();',
				"db.exec('COMMIT');",
				'const end = await endOf();',
				'const found = db.all("SELECT * FROM user");',
				'db.close();',
				'report([locked, end, found]);',
			),
		).toEqual(['locked', 'done', after]);
	});

	test('by node:sqlite in another thread is opened with node:sqlite', () => {
		expect(
			program(
				"const {Worker, isMainThread} = await import('node:worker_threads');",
				'const db = openNode();',
				'db.exec(changed);',
				"const inWorker = () => new Promise((resolve) => new Worker(`import('./worker.mjs')`, {eval: true}).once('message', resolve));",
				"(await import('node:fs')).writeFileSync('worker.mjs', `import {parentPort} from 'node:worker_threads';",
				`import {apply} from ${JSON.stringify(pathToFileURL(join(dirname(builtBin()), 'index.js')).href)};`,
				"let last; for await (const event of apply({database: 'app.db', migrationsDir: 'migrations', wait: 0.2})) last = event;",
				'parentPort.postMessage(last.code ?? last.type)`);',
				'const locked = await inWorker();',
				"db.exec('COMMIT');",
				'report([locked, await inWorker(), rows(db)]);',
			),
		).toEqual(['locked', 'done', after]);
	});
});
