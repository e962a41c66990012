import {mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {testMigration} from '../../../source/core/testing/migration-test.ts';
import {upgradeRelease} from '../../../source/core/testing/released-databases.ts';
import {builtBin} from '../../cli/built-bin.ts';
import {type TestProject, testProject} from './test-project.ts';

// Scripts run the built package, and building takes longer than a test may.
beforeAll(() => void builtBin(), 120_000);

const drivers = ['better-sqlite3', 'node:sqlite'] as const;

/** Migrations with every kind of object, rows with gaps in their rowids, and a counter that is higher than the last key. */
const everything = {
	'migrations/0001_tables.sql': `
CREATE TABLE author (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
CREATE TABLE book (title TEXT, price REAL, total REAL AS (price * 1.2) STORED, author_id INTEGER REFERENCES author (id) ON DELETE CASCADE);
CREATE TABLE tag (name TEXT PRIMARY KEY, uses INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX book_title ON book (title);
CREATE VIEW titles AS SELECT title FROM book;
CREATE TRIGGER counted AFTER INSERT ON book BEGIN UPDATE tag SET uses = uses + 1; END;
CREATE VIRTUAL TABLE search USING fts5 (text);
`,
	'migrations/0002_rows.sql': `
INSERT INTO author (id, name) VALUES (7, 'Ann'), (90, 'Bob'), (200, 'Eve');
DELETE FROM author WHERE id = 200;
INSERT INTO tag (name) VALUES ('new');
INSERT INTO book (rowid, title, price, author_id) VALUES (3, 'One', 10, 7), (4000, 'Two', 5, 90);
INSERT INTO search (rowid, text) VALUES (5, 'red fox'), (60, 'blue whale');
`,
	'migrations/0003_copy.sql': 'ALTER TABLE book ADD COLUMN pages INTEGER;\n',
};

const queries = [
	'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name',
	'SELECT rowid, * FROM book',
	'SELECT * FROM author',
	'SELECT * FROM sqlite_sequence ORDER BY name',
	'SELECT * FROM tag',
	'SELECT * FROM titles',
	"SELECT rowid, text FROM search WHERE search MATCH 'fox'",
	'SELECT id, name, checksum, tool_version, adopted, downgrade FROM _lite_migr',
];

interface AnyConnection {
	exec(sql: string): unknown;
	prepare(sql: string): {all(): unknown[]};
}

function answers(db: AnyConnection): unknown {
	return queries.map((query) =>
		db
			.prepare(query)
			.all()
			.map((row) => ({...(row as object)})),
	);
}

function count(db: AnyConnection, table: string): unknown {
	return (db.prepare(`SELECT count(*) AS n FROM ${table}`).all() as {n: number}[])[0]?.n;
}

describe.each(drivers)('a database of %s', (driver) => {
	test('has the same schema, rows, rowids and counters as the file that upgrade creates', async () => {
		const project = testProject(everything);
		expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0});
		const expected = project.database((db) => queries.map((query) => db.all(query).map((row) => ({...row}))));
		expect(answers(await project.migrated({driver}))).toEqual(expected);
		expect(answers(await project.migrated({driver}))).toEqual(expected);
	});

	test('shares no rows with another one', async () => {
		const project = testProject(everything);
		const [a, b] = [await project.migrated({driver}), await project.migrated({driver})];
		a.exec("INSERT INTO author (name) VALUES ('Cleo'); CREATE TABLE only_in_a (x)");
		b.exec('DELETE FROM book');
		expect([count(a, 'author'), count(b, 'author'), count(a, 'book'), count(b, 'book')]).toEqual([3, 2, 2, 0]);
		const c = await project.migrated({driver});
		expect([count(c, 'author'), count(c, 'book')]).toEqual([2, 2]);
		expect(() => b.exec('SELECT * FROM only_in_a')).toThrow('no such table');
	});

	test('is built by the SQLite of its driver', async () => {
		const project = testProject({'migrations/0001_a.sql': 'CREATE TABLE a (x);\nINSERT INTO a VALUES (sqlite_version());\n'});
		const seed = (db: AnyConnection) => void db.exec('INSERT INTO a VALUES (sqlite_version())');
		const db = await project.migrated({driver, seed});
		expect((db.prepare('SELECT count(*) AS n FROM a WHERE x = sqlite_version()').all() as {n: number}[])[0]?.n).toBe(2);
	});

	test('grows beyond the size of its template', async () => {
		const db = await testProject(everything).migrated({driver});
		db.exec(`INSERT INTO author (name)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT hex(randomblob(500)) FROM n`);
		expect(count(db, 'author')).toBe(2002);
	});

	test('enforces foreign keys and runs cascades', async () => {
		const db = await testProject(everything).migrated({driver});
		expect(() => db.exec("INSERT INTO book (title, author_id) VALUES ('Three', 1)")).toThrow('FOREIGN KEY constraint failed');
		db.exec('DELETE FROM author WHERE id = 7');
		expect(count(db, 'book')).toBe(1);
	});

	test('has the rows of the seed function, which runs once', async () => {
		const project = testProject(everything);
		let runs = 0;
		const seed = async (db: AnyConnection) => {
			runs += 1;
			await Promise.resolve();
			db.exec("INSERT INTO author (name) VALUES ('Seeded')");
		};
		const [a, b] = await Promise.all([project.migrated({driver, seed}), project.migrated({driver, seed})]);
		expect([count(a, 'author'), count(b, 'author'), runs]).toEqual([3, 3, 1]);
		expect(count(await project.migrated({driver}), 'author')).toBe(2);
	});

	test('is empty if the folder of migrations is empty', async () => {
		const project = testProject();
		mkdirSync(project.migrationsDir);
		const db = await project.migrated({driver});
		expect(count(db, 'sqlite_schema')).toBe(0);
		db.exec('CREATE TABLE t (x)');
	});

	test('can be opened after the seed function or a migration has chosen a write-ahead log', async () => {
		const project = testProject({
			'migrations/0001_wal.ts': `export const transaction = false;
export function upgrade(op) {
	op.execute('PRAGMA journal_mode = WAL');
	op.execute('CREATE TABLE t (x)');
}
`,
		});
		expect(count(await project.migrated({driver}), 't')).toBe(0);
		const seed = (db: AnyConnection) => void db.exec('PRAGMA journal_mode = WAL; INSERT INTO t VALUES (1)');
		expect(count(await project.migrated({driver, seed}), 't')).toBe(1);
	});
});

describe('a changed file', () => {
	const table = (name: string) => `CREATE TABLE ${name} (x);\n`;
	const tables = async (project: TestProject, options = {}) =>
		(await project.migrated(options)).prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE '%lite%' ORDER BY name").pluck().all();

	test('changes the template, even directly after a call and with the same size', async () => {
		const project = testProject({'migrations/0001_a.sql': table('aaa')});
		expect(await tables(project)).toEqual(['aaa']);
		for (const name of ['bbb', 'ccc', 'ddd']) {
			project.write('migrations/0001_a.sql', table(name));
			expect(await tables(project)).toEqual([name]);
		}
	});

	test('changes the template if it is old', async () => {
		const project = testProject({'migrations/0001_a.sql': table('aaa')});
		const old = new Date(Date.now() - 3_600_000);
		utimesSync(project.at('migrations/0001_a.sql'), old, old);
		expect(await tables(project)).toEqual(['aaa']);
		project.write('migrations/0001_a.sql', table('bbb'));
		utimesSync(project.at('migrations/0001_a.sql'), old, old);
		expect(await tables(project)).toEqual(['bbb']);
	});

	test('is noticed if it is a new or removed migration', async () => {
		const project = testProject({'migrations/0001_a.sql': table('aaa')});
		expect(await tables(project)).toEqual(['aaa']);
		project.write('migrations/0002_b.sql', table('bbb'));
		expect(await tables(project)).toEqual(['aaa', 'bbb']);
		project.remove('migrations/0001_a.sql');
		expect(await tables(project)).toEqual(['bbb']);
	});

	test('is noticed if a migration imports it, in this process and in others', async () => {
		const project = testProject({
			'migrations/_names.ts': "export {name} from '../name.ts';\n",
			'name.ts': "export const name = 'aaa';\n",
			'migrations/0001_a.ts': "import {name} from './_names.ts';\nexport function upgrade(op) { op.execute(`CREATE TABLE ${name} (x)`); }\n",
		});
		const script = 'console.log((await migratedDatabase()).prepare("SELECT name FROM sqlite_schema WHERE name LIKE \'___\'").pluck().get());';
		expect(await tables(project)).toEqual(['aaa']);
		project.write('name.ts', "export const name = 'bbb';\n");
		expect(await project.script(script)).toBe('bbb\n');
		expect(await tables(project)).toEqual(['bbb']);
		project.write('name.ts', "export const name = 'ccc';\n");
		expect(await tables(project)).toEqual(['ccc']);
		expect(await project.script(script)).toBe('ccc\n');
	});

	test('is noticed if it is another version of an imported package', async () => {
		const pack = (version: string, name: string) => ({
			'node_modules/names/package.json': JSON.stringify({name: 'names', version, type: 'module', exports: './index.js'}),
			'node_modules/names/index.js': `export const name = '${name}';\n`,
		});
		const project = testProject({
			...pack('1.0.0', 'aaa'),
			'migrations/0001_a.ts': "import {name} from 'names';\nexport function upgrade(op) { op.execute(`CREATE TABLE ${name} (x)`); }\n",
		});
		const script = 'console.log((await migratedDatabase()).prepare("SELECT name FROM sqlite_schema WHERE name LIKE \'___\'").pluck().get());';
		expect(await project.script(script)).toBe('aaa\n');
		for (const [file, text] of Object.entries(pack('1.0.1', 'bbb'))) project.write(file, text);
		expect(await project.script(script)).toBe('bbb\n');
	});

	test('is noticed if it is migrate.toml', async () => {
		const project = testProject({'migrations/0001_a.sql': table('aaa'), 'others/0001_b.sql': table('bbb')});
		expect(await tables(project)).toEqual(['aaa']);
		project.write('migrate.toml', project.read('migrate.toml').replace('./migrations', './others'));
		expect(await tables(project)).toEqual(['bbb']);
	});

	test('is noticed if it is a model, in any folder', async () => {
		const project = testProject({'models/a.sql': table('aaa')});
		const options = {models: 'models'};
		expect(await tables(project, options)).toEqual(['aaa']);
		project.write('models/a.sql', table('bbb'));
		expect(await tables(project, options)).toEqual(['bbb']);
		project.write('models/deep/er/c.sql', table('ccc'));
		expect(await tables(project, options)).toEqual(['bbb', 'ccc']);
	});
});

describe('the options', () => {
	test('choose the driver, and with it the type of the connection', async () => {
		const project = testProject(everything);
		expect((await project.migrated()).pragma('foreign_keys', {simple: true})).toBe(1);
		const connection = await project.migrated({driver: 'node:sqlite'});
		expect(connection.isOpen).toBe(true);
		// @ts-expect-error only better-sqlite3 has this method
		expect(() => connection.pragma('foreign_keys')).toThrow(TypeError);
	});

	test('choose a folder of migrations or models without migrate.toml', async () => {
		const project = testProject({'m/0001_a.sql': 'CREATE TABLE a (x);', 'schema.sql': 'CREATE TABLE b (x);'});
		project.remove('migrate.toml');
		expect(count(await project.migrated({migrations: 'm'}), 'a')).toBe(0);
		expect(count(await project.migrated({models: 'schema.sql'}), 'b')).toBe(0);
	});

	test('choose a configuration, whose casing applies to Drizzle models', async () => {
		const project = testProject({
			'app/migrate.toml': '[migrate]\nmigrations_dir = "./sql"\ncasing = "snake_case"\n',
			'app/sql/0001_a.sql': 'CREATE TABLE a (x);',
			'schema.ts': `import {integer, sqliteTable, text} from 'drizzle-orm/sqlite-core';
export const user = sqliteTable('user', {id: integer().primaryKey(), fullName: text()});
`,
		});
		symlinkSync(join(import.meta.dirname, '../../../node_modules/drizzle-orm'), project.at('node_modules/drizzle-orm'));
		const config = 'app/migrate.toml';
		expect(count(await project.migrated({config}), 'a')).toBe(0);
		const db = await project.migrated({config, models: 'schema.ts'});
		expect(db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all('user')).toEqual(['id', 'full_name']);
	});

	test('build every object of the models, which need no migrations', async () => {
		const project = testProject({
			'models/user.ts': `import {integer, sql, table, text, view, trigger, virtualTable} from 'lite-migr';
export const user = table('user', {id: integer().primaryKey(), name: text().notNull(), upper: text().generatedAlwaysAs(sql\`upper(name)\`)});
export const names = view('names').as(sql\`SELECT name FROM user\`);
export const search = virtualTable('search', 'fts5', ['text']);
export const find = trigger('find', {after: 'insert', on: user, do: sql\`INSERT INTO search (text) VALUES (new.name)\`});
`,
		});
		const db = await project.migrated({models: 'models'});
		db.exec("INSERT INTO user (name) VALUES ('Ann')");
		expect(db.prepare('SELECT upper, names.name, text FROM user, names, search').all()).toEqual([{upper: 'ANN', name: 'Ann', text: 'Ann'}]);
		expect(() => count(db, '_lite_migr')).toThrow('no such table');
	});
});

describe('an option of the wrong kind is reported with what to pass instead:', () => {
	test.each<[object, string]>([
		[{sed: () => {}}, 'there is no option sed\n  did you mean seed?'],
		[{driver: 'sqlite'}, "driver must be 'better-sqlite3' or 'node:sqlite'\n  correct the option driver"],
		[{seed: 'INSERT'}, 'seed must be a function\n  correct the option seed'],
		[{migrations: 5}, 'migrations must be a path\n  correct the option migrations'],
	])('%j', async (options, message) => {
		await expect(testProject().migrated(options)).rejects.toMatchObject({name: 'MigrError', code: 'usage', message});
	});

	test('a misspelled check of a migration, which would check nothing', async () => {
		const test = {afer: () => {}} as object;
		await expect(testMigration('x', test, testProject().path)).rejects.toThrow('there is no option afer\n  did you mean after?');
		await expect(upgradeRelease('1.db', test, testProject().path)).rejects.toThrow('there is no option afer\n  did you mean after?');
	});
});

describe('the seed function', () => {
	const files = {'migrations/0001_a.sql': 'CREATE TABLE a (x);\n'};

	test('is not confused with another one that has the same text', async () => {
		const project = testProject(files);
		const seedWith = (value: number) => (db: AnyConnection) => void db.exec(`INSERT INTO a VALUES (${value})`);
		for (const value of [1, 2]) {
			const db = await project.migrated({seed: seedWith(value)});
			expect(db.prepare('SELECT x FROM a').pluck().all()).toEqual([value]);
		}
	});

	test('runs once for all functions and processes with the same key', async () => {
		const project = testProject(files);
		const script = `import {appendFileSync} from 'node:fs';
const open = () => migratedDatabase({seedKey: 'one row', seed: (db) => { appendFileSync('runs', 'x'); db.exec('INSERT INTO a VALUES (1)'); }});
await open();
console.log((await open()).prepare('SELECT count(*) FROM a').pluck().get());`;
		expect(await project.script(script)).toBe('1\n');
		expect(await project.script(script)).toBe('1\n');
		expect(project.read('runs')).toBe('x');
		expect(await project.script(script.replace('one row', 'other rows'))).toBe('1\n');
		expect(project.read('runs')).toBe('xx');
	});

	test('runs again after a migration has changed', async () => {
		const project = testProject(files);
		const seed = (db: AnyConnection) => void db.exec('INSERT INTO a DEFAULT VALUES');
		await project.migrated({seed});
		project.write('migrations/0002_b.sql', "ALTER TABLE a ADD COLUMN y DEFAULT 'new';");
		expect((await project.migrated({seed})).prepare('SELECT * FROM a').all()).toEqual([{x: null, y: 'new'}]);
	});

	test('passes its error to the caller, and runs again in the next call', async () => {
		const project = testProject(files);
		const problem = new Error('no rows today');
		let fails = true;
		const seed = (db: AnyConnection) => {
			db.exec('INSERT INTO a VALUES (1)');
			if (fails) throw problem;
		};
		await expect(project.migrated({seed})).rejects.toBe(problem);
		await expect(project.migrated({seed, seedKey: 'x'})).rejects.toBe(problem);
		fails = false;
		expect(count(await project.migrated({seed}), 'a')).toBe(1);
		expect(count(await project.migrated({seed, seedKey: 'x'}), 'a')).toBe(1);
	});

	test.each(drivers)('must not close the database of %s or leave a transaction open', async (driver) => {
		const project = testProject(files);
		const open = (work: (db: AnyConnection & {close(): unknown}) => void) => project.migrated({driver, seed: work});
		await expect(open((db) => void db.close())).rejects.toThrow('the function seed closed the database');
		await expect(open((db) => void db.exec('BEGIN; INSERT INTO a VALUES (1)'))).rejects.toThrow('the function seed left a transaction open');
	});
});

describe('templates on disk', () => {
	const counting = {
		'migrations/0001_a.ts': `import {appendFileSync} from 'node:fs';
export function upgrade(op) {
	op.execute('CREATE TABLE a (x)');
	op.run(({db}) => { appendFileSync('runs', 'x'); db.exec('INSERT INTO a VALUES (1)'); });
}
`,
	};
	const print = "console.log((await migratedDatabase()).prepare('SELECT count(*) FROM a').pluck().get());";

	test('are built once by eight processes that start at the same time', async () => {
		const project = testProject(counting);
		const outputs = await Promise.all(Array.from({length: 8}, () => project.script(print)));
		expect(outputs).toEqual(Array.from({length: 8}, () => '1\n'));
		expect(project.read('runs')).toBe('x');
		expect(project.files('node_modules/.cache/lite-migr').filter((name) => !name.endsWith('.template'))).toEqual([]);
	});

	test('are built again if the file was cut off', async () => {
		const project = testProject(counting);
		expect(await project.script(print)).toBe('1\n');
		const path = join(project.store, project.stored()[0] ?? '');
		writeFileSync(path, readFileSync(path).subarray(0, -1));
		expect(await project.script(print)).toBe('1\n');
		expect(await project.script(print)).toBe('1\n');
		expect(project.read('runs')).toBe('xx');
	});

	test('are kept in the folder for temporary files if node_modules cannot contain them', async () => {
		const project = testProject(counting);
		project.write('node_modules/.cache', 'not a folder');
		mkdirSync(project.at('temporary'));
		const env = {TMPDIR: project.at('temporary'), TEMP: project.at('temporary'), TMP: project.at('temporary')};
		expect(await project.script(print, env)).toBe('1\n');
		expect(await project.script(print, env)).toBe('1\n');
		expect(project.read('runs')).toBe('x');
	});

	test('are not stored if a migration fails', async () => {
		const project = testProject({'migrations/0001_a.sql': 'CREATE TABLE a (x);\nINSERT INTO missing VALUES (1);\n'});
		await expect(project.migrated()).rejects.toThrow('no such table: missing');
		expect(project.stored()).toEqual([]);
	});
});

describe('an error', () => {
	test('says where migrate.toml was searched for', async () => {
		const project = testProject();
		project.remove('migrate.toml');
		await expect(project.migrated()).rejects.toThrow(`no migrate.toml in ${project.path} or its parent folders`);
	});

	test('contains the file and the line of the statement or code that failed', async () => {
		const project = testProject({'migrations/0001_a.sql': 'CREATE TABLE a (x);\n\nINSERT INTO missing VALUES (1);\n'});
		await expect(project.migrated()).rejects.toMatchObject({
			name: 'MigrError',
			code: 'migration',
			message: expect.stringMatching(/^.*no such table: missing\n {2}migrations\/0001_a\.sql:3/),
			location: {file: project.at('migrations/0001_a.sql'), line: 3},
		});
		project.write('migrations/0001_a.sql', '');
		project.write('migrations/0002_b.ts', "export function upgrade(op) {\n\tthrow new Error('not today');\n}\n");
		await expect(project.migrated()).rejects.toThrow(/not today\n {2}migrations\/0002_b\.ts:2/);
	});

	test('ends after the file was corrected', async () => {
		const project = testProject({'migrations/0001_a.sql': 'CREATE TABL a (x);\n'});
		await expect(project.migrated()).rejects.toThrow();
		project.write('migrations/0001_a.sql', 'CREATE TABLE a (x);\n');
		expect(count(await project.migrated(), 'a')).toBe(0);
	});

	test('reports options that do not fit', async () => {
		const project = testProject({'migrations/0001_a.sql': 'CREATE TABLE a (x);\n', 'models/a.sql': 'CREATE TABLE a (x);\n'});
		await expect(project.migrated({migrations: 'migrations', models: 'models'})).rejects.toThrow('cannot be combined');
		await expect(project.migrated({migrations: 'nowhere'})).rejects.toThrow(/no migrations at .*nowhere/);
		await expect(project.migrated({models: 'nowhere'})).rejects.toThrow(/no models at nowhere/);
		await expect(project.migrated({config: 'nowhere.toml'})).rejects.toThrow(/cannot read the configuration/);
	});
});
