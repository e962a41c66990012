import {join, relative} from 'node:path';
import {describe, expect, test} from 'vitest';
import {loadModels} from '../../../source/core/models/load.ts';
import {modelFolder, tableModule} from './model-folder.ts';

describe('models of several files and kinds', () => {
	test('are combined into one schema', async () => {
		const folder = modelFolder({
			'models/user.ts': tableModule('user'),
			'models/blog/post.sql':
				'CREATE TABLE post (\n  id INTEGER PRIMARY KEY,\n  author INTEGER REFERENCES user (id)\n);\nCREATE INDEX by_author ON post (author);',
			'models/tag.py': 'from pylite_orm import DbModel, DbField, DbType\n\nclass Tag(DbModel):\n    id = DbField(DbType.INT, pk=True)\n',
			'models/view.mjs': "import {sql, view} from 'lite-migr';\nexport const posts = view('posts').as(sql`SELECT id FROM post`);\n",
		});
		const schema = await folder.load();
		expect(schema.tables.map(({name}) => name)).toEqual(['user', 'post', 'tag']);
		expect(schema.indexes.map(({name}) => name)).toEqual(['by_author']);
		expect(schema.views.map(({name}) => name)).toEqual(['posts']);
	});

	test('come from a list of files, folders and patterns, each file once', async () => {
		const folder = modelFolder({
			'src/user/user.model.ts': tableModule('user'),
			'src/post/post.model.ts': tableModule('post'),
			'src/post/post.service.ts': "throw new Error('not a model');",
			'legacy.sql': 'CREATE TABLE legacy (id);',
		});
		const at = (path: string) => join(folder.path, path);
		const schema = await loadModels([at('src/**/*.model.ts'), at('src/post/post.model.ts'), at('legacy.sql')]);
		expect(schema.tables.map(({name}) => name).toSorted()).toEqual(['legacy', 'post', 'user']);
		await expect(loadModels([at('src/**/*.schema.ts')])).rejects.toMatchObject({code: 'config', message: expect.stringContaining('no models match')});
	});

	test('are read recursively and in order, without hidden files, packages, declarations and tests', async () => {
		const folder = modelFolder({
			'models/b.ts': tableModule('b'),
			'models/a/z.ts': tableModule('z'),
			'models/a.sql': 'CREATE TABLE a (id);',
			'models/.hidden.sql': 'nonsense',
			'models/.git/x.sql': 'nonsense',
			'models/node_modules/x/x.sql': 'nonsense',
			'models/b.d.ts': 'nonsense',
			'models/b.d.mts': 'nonsense',
			'models/b.test.ts': 'nonsense',
			'models/a.spec.js': 'nonsense',
			'models/README.md': 'nonsense',
			'models/schema.json': 'nonsense',
		});
		expect((await folder.load()).tables.map(({name}) => name)).toEqual(['z', 'b', 'a']);
	});

	test('can be a single file', async () => {
		const folder = modelFolder({'schema.sql': 'CREATE TABLE a (id);', 'schema.ts': tableModule('b')});
		expect((await loadModels(join(folder.path, 'schema.sql'))).tables.map(({name}) => name)).toEqual(['a']);
		expect((await loadModels(join(folder.path, 'schema.ts'))).tables.map(({name}) => name)).toEqual(['b']);
	});

	test('are not a Prisma schema and modules in one folder or pattern, because the modules may be scripts', async () => {
		const folder = modelFolder({
			'models/schema.prisma': 'datasource db {\n  provider = "sqlite"\n}\nmodel A {\n  id Int @id\n}\n',
			'models/b.ts': tableModule('b'),
			'models/old/c.ts': tableModule('c'),
		});
		const at = (path: string) => join(folder.path, 'models', path);
		for (const path of ['.', '*', '**/*', '*.{prisma,ts}']) {
			await expect(loadModels(at(path))).rejects.toMatchObject({
				code: 'config',
				message: expect.stringContaining('has a Prisma schema and other modules'),
				location: {file: at('b.ts')},
				hint: `list files in models_dir: "${at('schema.prisma')}" for the Prisma schema, "${at('**/*.ts')}" if the modules are models, or both`,
			});
		}
		const both = await loadModels([at('schema.prisma'), at('**/*.ts')]);
		expect(both.tables.map(({name}) => name).toSorted()).toEqual(['A', 'b', 'c']);
	});

	test('are errors if SQLite cannot store a character of a definition', async () => {
		const model = (name: string, value: string) =>
			`import {integer, table, text} from 'lite-migr';\nexport const a = table('${name}', {id: integer().primaryKey(), v: text().default('${value}')});\n`;
		const schema = (name: string, value: string) =>
			`datasource db {\n  provider = "sqlite"\n}\nmodel A {\n  id Int @id\n  v String @default("${value}")\n  @@map("${name}")\n}\n`;
		const half = String.raw`\ud83d`;
		const nul = String.raw`\u0000`;
		for (const [name, value, what] of [
			[half, 'x', 'half of a character'],
			['a', half, 'half of a character'],
			[nul, 'x', 'a NUL character'],
			['a', nul, 'a NUL character'],
		] as const) {
			expect(await modelFolder({'models/a.prisma': schema(name, value)}).failure()).toMatchObject({
				message: expect.stringContaining(what),
				place: 'models/a.prisma:4',
			});
			expect(await modelFolder({'models/a.ts': model(name, value)}).failure()).toMatchObject({
				message: expect.stringContaining(what === 'half of a character' ? what : 'NUL character'),
				place: 'models/a.ts:2',
			});
		}
		const whole = String.raw`\ud83d\ude00`;
		for (const files of [{'models/a.prisma': schema(whole, whole)}, {'models/a.ts': model(whole, whole)}]) {
			const {tables} = await modelFolder(files).load();
			expect(tables.map(({name, columns}) => [name, columns[1]?.default?.text])).toEqual([['😀', "'😀'"]]);
		}
	});

	test.skipIf(process.platform === 'win32')('have paths with slashes: a backslash is mentioned if nothing is found', async () => {
		const folder = modelFolder({'models/a.sql': 'CREATE TABLE a (id);'});
		await expect(loadModels(`${folder.path}\\models\\a.sql`)).rejects.toMatchObject({
			code: 'config',
			hint: expect.stringContaining('write / instead of \\'),
		});
		await expect(loadModels(join(folder.path, 'models/b'))).rejects.toMatchObject({hint: expect.stringContaining('create the folder')});
	});

	test('give an empty schema if there are no files', async () => {
		expect((await modelFolder().load()).tables).toEqual([]);
	});

	test('that do not exist are a configuration error', async () => {
		const folder = modelFolder({'notes.txt': ''});
		await expect(loadModels(join(folder.path, 'nowhere'))).rejects.toMatchObject({
			code: 'config',
			message: expect.stringContaining('no models at'),
		});
		await expect(loadModels(join(folder.path, 'notes.txt'))).rejects.toMatchObject({code: 'config', message: 'notes.txt is not a model file'});
	});

	test('are found through links to folders', async () => {
		const folder = modelFolder({'elsewhere/a.sql': 'CREATE TABLE a (id);'});
		folder.link('models/linked', 'elsewhere');
		expect((await folder.load()).tables.map(({name}) => name)).toEqual(['a']);
	});

	test('are not searched in a link to a parent folder or in a link to itself', async () => {
		const folder = modelFolder({'models/sub/a.sql': 'CREATE TABLE a (id);'});
		folder.link('models/sub/up', 'models');
		folder.link('models/round', 'models/round');
		expect((await folder.load()).tables.map(({name}) => name)).toEqual(['a']);
	});

	test('can be the output of the sqlite3 shell, without internal objects of SQLite', async () => {
		const folder = modelFolder({
			'models/schema.sql': [
				'CREATE TABLE doc (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT);',
				'CREATE TABLE sqlite_sequence(name,seq);',
				'CREATE TABLE sqlite_stat1(tbl,idx,stat);',
				"CREATE VIRTUAL TABLE f USING fts5(title, content='doc', content_rowid='id')",
				'/* f(title) */;',
				"CREATE TABLE IF NOT EXISTS 'f_data'(id INTEGER PRIMARY KEY, block BLOB);",
				"CREATE TABLE IF NOT EXISTS 'f_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;",
				"CREATE TABLE IF NOT EXISTS 'f_docsize'(id INTEGER PRIMARY KEY, sz BLOB);",
				"CREATE TABLE IF NOT EXISTS 'f_config'(k PRIMARY KEY, v) WITHOUT ROWID;",
				'CREATE TABLE f_other (x);',
			].join('\n'),
		});
		const schema = await folder.load();
		expect(schema.tables.map(({name}) => name)).toEqual(['doc', 'f_other']);
		expect(schema.virtualTables.map(({name}) => name)).toEqual(['f']);
	});
});

describe('a model of the table language', () => {
	test('has its line numbers and its canonical text', async () => {
		const folder = modelFolder({
			'models/user.ts': [
				"import {index, integer, table, text} from 'lite-migr';",
				'',
				"export const user = table('user', {",
				'	id: integer().primaryKey(),',
				"	name: text().notNull().renamedFrom('full_name'),",
				'}, (t) => [',
				"	index('by_name').on(t.name),",
				"]).renamedFrom('person');",
			].join('\n'),
		});
		const {tables, indexes} = await folder.load();
		const file = join(folder.path, 'models/user.ts');
		expect(tables[0]?.sql).toBe('CREATE TABLE user (\n    id INTEGER PRIMARY KEY,\n    name TEXT NOT NULL\n)');
		expect(tables[0]?.source).toEqual({file, line: 3});
		expect(tables[0]?.renamedFrom).toBe('person');
		expect(tables[0]?.columns.map(({source, renamedFrom}) => [source, renamedFrom])).toEqual([
			[{file, line: 4}, undefined],
			[{file, line: 5}, 'full_name'],
		]);
		expect(indexes[0]?.source).toEqual({file, line: 7});
	});

	test('that several files export counts once', async () => {
		const folder = modelFolder({
			'models/user.ts': tableModule('user'),
			'models/index.ts': "export * from './user';\nimport {user} from './user.js';\nexport default {user};\n",
		});
		expect((await folder.load()).tables.map(({name}) => name)).toEqual(['user']);
	});

	test('can be a default export, or part of one', async () => {
		const folder = modelFolder({
			'models/a.ts': "import {integer, table} from 'lite-migr';\nexport default table('a', {id: integer()});\n",
			'models/b.ts':
				"import {integer, table} from 'lite-migr';\nexport default {first: table('b', {id: integer()}), second: table('c', {id: integer()})};\n",
		});
		expect((await folder.load()).tables.map(({name}) => name)).toEqual(['a', 'b', 'c']);
	});

	test('is reread on each load, with its imports', async () => {
		const folder = modelFolder({
			'models/user.ts': "import {table} from 'lite-migr';\nimport {columns} from '../shared/columns';\nexport const user = table('user', columns);\n",
			'shared/columns.ts': "import {integer} from 'lite-migr';\nexport const columns = {id: integer()};\n",
		});
		expect((await folder.load()).tables[0]?.columns.map(({name}) => name)).toEqual(['id']);
		folder.write({'shared/columns.ts': "import {integer} from 'lite-migr';\nexport const columns = {id: integer(), age: integer()};\n"});
		expect((await folder.load()).tables[0]?.columns.map(({name}) => name)).toEqual(['id', 'age']);
	});
});

describe('a .sql model', () => {
	test('has the line numbers of its tables and columns', async () => {
		const folder = modelFolder({'models/a.sql': '-- users\n\nCREATE TABLE user (\n  id INTEGER,\n  name TEXT\n);\n\nCREATE TABLE post (id);\n'});
		const {tables} = await folder.load();
		expect(tables.map(({source}) => source?.line)).toEqual([3, 8]);
		expect(tables[0]?.columns.map(({source}) => source?.line)).toEqual([4, 5]);
	});

	test('can declare renames after a column, after the parenthesis and above the table', async () => {
		const folder = modelFolder({
			'models/a.sql': [
				'CREATE TABLE account ( -- @renamed from=user',
				'  id INTEGER,',
				'  full_name TEXT, -- @renamed from=name',
				'  mail TEXT /* @renamed from="e mail" */',
				');',
				'-- The shops. @renamed from=store',
				'CREATE TABLE shop (',
				'  id INTEGER',
				');',
			].join('\n'),
		});
		const {tables} = await folder.load();
		expect(tables.map(({renamedFrom}) => renamedFrom)).toEqual(['user', 'store']);
		expect(tables[0]?.columns.map(({renamedFrom}) => renamedFrom)).toEqual([undefined, 'name', 'e mail']);
		expect(tables[1]?.source?.line).toBe(7);
		expect(tables[1]?.columns[0]?.source?.line).toBe(8);
	});

	test.each(['CREATE TEMP TABLE a (id);', 'CREATE /* for now */ TEMP TABLE a (id);', 'CREATE TABLE temp.a (id);'])(
		'cannot contain a temporary object: %s',
		async (sql) => {
			await expect(modelFolder({'models/a.sql': sql}).load()).rejects.toThrow('temporary');
		},
	);

	test('loses IF NOT EXISTS and the schema name, which SQLite does not store', async () => {
		const folder = modelFolder({
			'models/a.sql':
				'CREATE TABLE IF NOT EXISTS main.a (id);\ncreate unique index if not exists i on a(id);\nCREATE VIEW IF NOT EXISTS v AS SELECT 1;\nCREATE TRIGGER IF NOT EXISTS t AFTER INSERT ON a BEGIN SELECT 1; END;\nCREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(x);',
		});
		const {tables, indexes, views, triggers, virtualTables} = await folder.load();
		expect([...tables, ...indexes, ...views, ...triggers, ...virtualTables].map(({sql}) => sql)).toEqual([
			'CREATE TABLE a (id)',
			'create unique index i on a(id)',
			'CREATE VIEW v AS SELECT 1',
			'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END',
			'CREATE VIRTUAL TABLE f USING fts5(x)',
		]);
	});

	test('may begin with a byte order mark and have CRLF', async () => {
		const folder = modelFolder({'models/a.sql': '\uFEFFCREATE TABLE a (\r\n  id INTEGER\r\n);\r\n'});
		expect((await folder.load()).tables[0]?.columns.map(({name}) => name)).toEqual(['id']);
	});

	test.each([
		['ATTACH', "CREATE TABLE a (id);\n\nATTACH 'other.db' AS other;", 'ATTACH does not define', 3],
		['PRAGMA', 'PRAGMA foreign_keys = ON;', 'PRAGMA does not define', 1],
		['INSERT', '-- rows\nINSERT INTO a VALUES (1);', 'INSERT does not define', 2],
		['ALTER', 'CREATE TABLE a (id);\nALTER TABLE a ADD b;', 'ALTER does not define', 2],
		['a temporary table', 'CREATE TEMP TABLE a (id);', 'a temporary object cannot be part of a model', 1],
		['CREATE TABLE AS', 'CREATE TABLE a AS SELECT 1;', 'CREATE TABLE … AS SELECT', 1],
		['a syntax error', 'CREATE TABLE a (\n  id INTEGER,\n  CHECK\n);', '', 4],
		['an unterminated string', "CREATE TABLE a (\n  id DEFAULT 'x\n);", '', 2],
	])('with %s is an error with its line', async (_, sql, message, line) => {
		const failure = await modelFolder({'models/a.sql': sql}).failure();
		expect(failure.code).toBe('model');
		expect(failure.message).toContain(message);
		expect(failure.place).toBe(`models/a.sql:${line}`);
	});

	test('that is not text is an error', async () => {
		const folder = modelFolder();
		const {writeFileSync} = await import('node:fs');
		writeFileSync(join(folder.path, 'models/a.sql'), Buffer.from("-- a\nCREATE TABLE a (\n  b text DEFAULT 'caf\u00e9'\n);\n", 'latin1'));
		expect(await folder.failure()).toMatchObject({message: 'the model file is not UTF-8 text', place: 'models/a.sql:3'});
	});
});

test('a Python model that cannot be read is an error with its line', async () => {
	const failure = await modelFolder({'models/a.py': 'class User(:\n'}).failure();
	expect(failure).toMatchObject({code: 'model', place: 'models/a.py:1'});
});

test('Drizzle tables load together with tables of the table language', async () => {
	const folder = modelFolder({
		'models/a.ts': tableModule('a'),
		'models/b.ts':
			"import {integer, sqliteTable} from 'drizzle-orm/sqlite-core';\nexport const b = sqliteTable('b', {id: integer().primaryKey()});\nexport const same = b;\n",
		'models/index.ts': "export * from './b';\n",
	});
	folder.link('node_modules', relative(folder.path, join(import.meta.dirname, '../../../node_modules')));
	expect((await folder.load()).tables.map(({name}) => name)).toEqual(['a', 'b']);
});

describe('a default whose value changes with each load', () => {
	const model = (value: string, column = 'text') =>
		`import {integer, sql, text, table} from 'lite-migr';\nexport const user = table('user', {\n  id: integer().primaryKey(),\n  made: ${column}().default(${value}),\n});\n`;

	test.each([
		['the time', 'new Date().toISOString()', 'text'],
		['the time without milliseconds', "new Date().toISOString().slice(0, 19).replace('T', ' ')", 'text'],
		['the time as a number', 'Date.now()', 'integer'],
		['the time in seconds', 'Math.floor(Date.now() / 1000)', 'integer'],
		['a random id', 'crypto.randomUUID()', 'text'],
		['a random number', 'Math.random()', 'integer'],
	])('is marked: %s', async (_, value, column) => {
		const {tables} = await modelFolder({'models/user.ts': model(value, column)}).load();
		expect(tables[0]?.columns.map(({hasMovingDefault}) => hasMovingDefault)).toEqual([undefined, true]);
	});

	test.each([
		['a date', "'2024-01-01T00:00:00.000Z'", 'text'],
		['a long number', '1700000000000', 'integer'],
		['an id', "'74f6fb05-2686-488e-a9dc-178103e1a874'", 'text'],
		['an expression', "sql`(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`", 'text'],
	])('is not marked if its value is constant: %s', async (_, value, column) => {
		const {tables} = await modelFolder({'models/user.ts': model(value, column)}).load();
		expect(tables[0]?.columns.map(({hasMovingDefault}) => hasMovingDefault)).toEqual([undefined, undefined]);
	});

	test('does not remove the location of its column from an error', async () => {
		const failure = await modelFolder({
			'models/user.ts':
				"import {integer, table, text} from 'lite-migr';\nconst city = table('city', {id: integer().primaryKey(), name: text()});\nexport const user = table('user', {\n  id: integer().primaryKey(),\n  city: text().default(crypto.randomUUID()).references(() => city.name),\n});\nexport {city};\n",
		}).failure();
		expect(failure).toMatchObject({
			message: 'user.city refers to city (name), which is neither its primary key nor unique',
			place: 'models/user.ts:5',
		});
	});

	test('does not remove the location of its table from an error', async () => {
		const user = model('new Date().toISOString()');
		expect(await modelFolder({'models/a.ts': user, 'models/b.ts': user}).failure()).toMatchObject({
			message: 'table user is defined twice: first defined at models/a.ts:2',
			place: 'models/b.ts:2',
		});
	});
});
