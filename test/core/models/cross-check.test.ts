import {describe, expect, test} from 'vitest';
import {modelFolder, tableModule} from './model-folder.ts';

const sql = (text: string) => modelFolder({'models/a.sql': text});
const parent =
	'CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE, a, b); CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID;\n';

describe('an object that is defined twice', () => {
	test('is an error that names both locations, even in different kinds of files', async () => {
		const folder = modelFolder({'models/b.sql': '\n\nCREATE TABLE User (id);', 'models/user.ts': tableModule('user')});
		expect(await folder.failure()).toMatchObject({
			code: 'model',
			message: 'table User is defined twice: first defined at models/user.ts:2',
			place: 'models/b.sql:3',
		});
	});

	test.each([
		['indexes', 'CREATE TABLE t (a);\nCREATE INDEX i ON t (a);\nCREATE INDEX i ON t (a);', 'index i is defined twice', 3],
		['views', 'CREATE VIEW v AS SELECT 1;\nCREATE VIEW v AS SELECT 2;', 'view v is defined twice', 2],
		['a table and a view', 'CREATE VIEW v AS SELECT 1;\nCREATE TABLE v (a);', 'table and view v have the same name', 1],
		['a table and an index', 'CREATE TABLE t (a);\nCREATE INDEX t ON t (a);', 'table and index t have the same name', 2],
		[
			'triggers',
			'CREATE TABLE t (a);\nCREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;\nCREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END;',
			'trigger g is defined twice',
			3,
		],
	])('is an error: %s', async (_, text, message, line) => {
		expect(await sql(text).failure()).toMatchObject({message: expect.stringContaining(message), place: `models/a.sql:${line}`});
	});

	test('is not an error if a trigger has the name of a table', async () => {
		await sql('CREATE TABLE t (a);\nCREATE TRIGGER t AFTER INSERT ON t BEGIN SELECT 1; END;').load();
	});
});

describe('a full-text index of another table', () => {
	test.each([
		[
			'is an error if the table is not in the models',
			'fts5(email, content=users)',
			'indexes the content of users, which is not in the models',
			'did you mean user?',
		],
		[
			'is an error if the column has a different name',
			'fts4(content="user", mail, a)',
			'indexes the content of user, which has no column mail',
			'did you mean email?',
		],
		['is an error if the key does not exist', "fts5(email, content='user', content_rowid='uid')", 'which has no column uid', 'did you mean id?'],
		['is an error if the table has no rowid', "fts5(word, content='words')", 'which is WITHOUT ROWID', "name its integer key with content_rowid='…'"],
	])('%s', async (_, module, message, hint) => {
		expect(await sql(`${parent}CREATE VIRTUAL TABLE f USING ${module};`).failure()).toMatchObject({
			message: expect.stringMatching(new RegExp(`^virtual table f .*${message}$`)),
			hint,
			place: 'models/a.sql:2',
		});
	});

	test.each([
		"fts5(Email UNINDEXED, a, content=[USER], content_rowid='ID', tokenize='porter')",
		'fts4(content="user", notindexed="a", email, a, tokenize=porter)',
		'fts4(content="user")',
		"fts5(x, content='')",
		'fts5(x)',
		"fts5(x, content='view')",
		'rtree(id, x0, x1)',
	])('is valid: %s', async (module) => {
		await sql(`${parent}CREATE VIEW view AS SELECT a AS x FROM user;\nCREATE VIRTUAL TABLE f USING ${module};`).load();
	});

	test('may refer to an ignored table', async () => {
		await sql("CREATE VIRTUAL TABLE f USING fts5(x, content='legacy_log');").load({ignore: ['legacy_*']});
	});
});

describe('a foreign key', () => {
	test.each([
		[
			'a table that is not in the models',
			'CREATE TABLE post (\n  author REFERENCES usr (id)\n);',
			'post.author refers to table usr, which is not in the models',
			3,
			'did you mean user?',
		],
		[
			'a missing column',
			'CREATE TABLE post (\n  author REFERENCES user (idd)\n);',
			'post.author refers to user.idd, which does not exist',
			3,
			'did you mean user.id?',
		],
		[
			'a column that is not unique',
			'CREATE TABLE post (\n  author REFERENCES user (email)\n);',
			'post.author refers to user (email), which is neither its primary key nor unique',
			3,
			undefined,
		],
		[
			'a table without a primary key',
			'CREATE TABLE bare (x);\nCREATE TABLE post (author REFERENCES bare);',
			'refers to table bare, which has no primary key',
			3,
			undefined,
		],
		[
			'a key with a different number of columns',
			'CREATE TABLE post (\n  x, y,\n  FOREIGN KEY (x, y) REFERENCES user\n);',
			'post (x, y) has 2 columns, but the primary key of user has 1',
			2,
			undefined,
		],
		['a view', 'CREATE VIEW v AS SELECT 1;\nCREATE TABLE post (author REFERENCES v (x));', 'post.author refers to v, which is a view', 3, undefined],
	])('is an error with its line: %s', async (_, text, message, line, hint) => {
		const failure = await sql(parent + text).failure();
		expect(failure).toMatchObject({code: 'model', message: expect.stringContaining(message), place: `models/a.sql:${line}`});
		if (hint !== undefined) expect(failure.hint).toBe(hint);
	});

	test.each([
		['a primary key', 'CREATE TABLE post (author REFERENCES user (ID));'],
		['an implicit primary key', 'CREATE TABLE post (author REFERENCES user);'],
		['a unique index', 'CREATE UNIQUE INDEX u ON user (a, b);\nCREATE TABLE post (x, y, FOREIGN KEY (x, y) REFERENCES user (b, a));'],
		['a UNIQUE', 'CREATE TABLE other (n UNIQUE);\nCREATE TABLE post (x REFERENCES other (n));'],
		[
			'a UNIQUE with the collation of the column',
			'CREATE UNIQUE INDEX u ON user (email COLLATE nocase);\nCREATE TABLE post (x REFERENCES user (email));',
		],
		['the table itself', 'CREATE TABLE node (id INTEGER PRIMARY KEY, parent REFERENCES node (id));'],
	])('may refer to %s', async (_, text) => {
		await sql(parent + text).load();
	});

	test.each([
		['partial', 'CREATE UNIQUE INDEX u ON user (a) WHERE b > 0;'],
		['on an expression', 'CREATE UNIQUE INDEX u ON user (lower(a));'],
		['with another collation', 'CREATE UNIQUE INDEX u ON user (a COLLATE NOCASE);'],
		['on more columns', 'CREATE UNIQUE INDEX u ON user (a, b);'],
		['not unique', 'CREATE INDEX u ON user (a);'],
	])('is an error if the index of its parent column is %s', async (_, index) => {
		expect((await sql(`${parent}${index}\nCREATE TABLE post (x REFERENCES user (a));`).failure()).message).toContain(
			'neither its primary key nor unique',
		);
	});

	test('that is an error would make SQLite fail when a row is written', async () => {
		const {openInMemory} = await import('../../../source/core/sqlite/open.ts');
		const db = openInMemory();
		db.exec(`PRAGMA foreign_keys = ON;${parent}CREATE UNIQUE INDEX u ON user (a COLLATE NOCASE);CREATE TABLE post (x REFERENCES user (a));`);
		expect(() => db.run('INSERT INTO post VALUES (1)')).toThrow('foreign key mismatch');
		db.close();
	});
});

describe('an index or a trigger on a table that is not in the models', () => {
	test.each([
		['CREATE INDEX i ON usr (id);', 'index i is on usr, which is not in the models'],
		['CREATE TRIGGER g AFTER INSERT ON usr BEGIN SELECT 1; END;', 'trigger g is on usr, which is not in the models'],
	])('is an error with its line: %s', async (text, message) => {
		expect(await sql(parent + text).failure()).toMatchObject({message, place: 'models/a.sql:2', hint: 'did you mean user?'});
	});
});

test('several mistakes are reported together', async () => {
	const failure = await sql('CREATE TABLE a (x REFERENCES p);\nCREATE TABLE b (x REFERENCES q);\nCREATE INDEX i ON c (x);').failure();
	expect(failure.message).toContain('a.x refers to table p');
	expect(failure.details).toEqual([
		'models/a.sql:2  b.x refers to table q, which is not in the models',
		'models/a.sql:3  index i is on c, which is not in the models',
	]);
});

test('models may refer to ignored tables', async () => {
	const folder = sql(
		[
			'CREATE TABLE a (x REFERENCES legacy_log (id));',
			'CREATE INDEX i ON legacy_log (id);',
			'CREATE VIEW v AS SELECT * FROM legacy_log;',
			'CREATE VIEW w AS SELECT * FROM v;',
			'CREATE TRIGGER g AFTER INSERT ON legacy_log BEGIN SELECT 1; END;',
			'CREATE TRIGGER h AFTER INSERT ON a BEGIN INSERT INTO legacy_log VALUES (1); END;',
		].join('\n'),
	);
	expect((await folder.load({ignore: ['legacy_*']})).triggers).toHaveLength(2);
	expect((await folder.failure()).details).toHaveLength(2);
});
