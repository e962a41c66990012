import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {modelFolder} from './model-folder.ts';

const sql = (text: string) => modelFolder({'models/a.sql': text});

describe('SQLite checks the models in memory and reports', () => {
	test.each([
		['an unknown column in an index', 'CREATE TABLE t (a);\nCREATE INDEX i ON t (b);', 'index i: no such column: b', 2],
		['an unknown column in a CHECK', 'CREATE TABLE ok (a);\nCREATE TABLE t (a, CHECK (b > 0));', 'table t: no such column: b', 2],
		['a key on a missing column', 'CREATE TABLE t (\n  a,\n  PRIMARY KEY (b)\n);', 'table t has no column named b', 3],
		['a type that STRICT does not know', 'CREATE TABLE t (a VARCHAR) STRICT;', 'table t: unknown datatype for t.a: "VARCHAR"', 1],
		['a table of generated columns', 'CREATE TABLE t (a AS (1));', 'table t: must have at least one non-generated column', 1],
		['a view of a missing table', 'CREATE TABLE t (a);\nCREATE VIEW v AS SELECT * FROM u;', 'view v: no such table: main.u', 2],
		['a view of a missing column', 'CREATE TABLE t (a);\nCREATE VIEW v AS SELECT b FROM t;', 'view v: no such column: b', 2],
		['a view with too few names', 'CREATE VIEW v (a) AS SELECT 1, 2;', "view v: expected 1 columns for 'v' but got 2", 1],
		['circular views', 'CREATE VIEW v AS SELECT * FROM w;\nCREATE VIEW w AS SELECT * FROM v;', 'is circularly defined', 2],
		[
			'a trigger that writes to a missing table',
			'CREATE TABLE t (a);\nCREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM u; END;',
			'trigger g: no such table: main.u',
			2,
		],
		[
			'a trigger that reads a missing column',
			'CREATE TABLE t (a);\nCREATE TRIGGER g AFTER UPDATE ON t BEGIN SELECT new.b; END;',
			'trigger g: no such column: new.b',
			2,
		],
		[
			'a trigger on a missing column',
			'CREATE TABLE t (a);\nCREATE TRIGGER g AFTER UPDATE OF b ON t BEGIN SELECT 1; END;',
			'trigger g: no such column: b',
			2,
		],
		[
			'an INSTEAD OF trigger on a table',
			'CREATE TABLE t (a);\nCREATE TRIGGER g INSTEAD OF INSERT ON t BEGIN SELECT 1; END;',
			'trigger g: cannot create INSTEAD OF trigger on table',
			2,
		],
		[
			'a trigger that inserts too few values',
			'CREATE TABLE t (a, b);\nCREATE TRIGGER g AFTER DELETE ON t BEGIN INSERT INTO t VALUES (1); END;',
			'trigger g: table t has 2 columns but 1 values were supplied',
			2,
		],
		['a virtual table with a wrong argument', "CREATE VIRTUAL TABLE f USING fts5(x, nonsense='1');", 'virtual table f: ', 1],
	])('%s', async (_, text, message, line) => {
		expect(await sql(text).failure()).toMatchObject({code: 'model', message: expect.stringContaining(message), place: `models/a.sql:${line}`});
	});

	test('each mistake, and nothing else', async () => {
		const failure = await sql(
			'CREATE TABLE t (a, CHECK (x));\nCREATE INDEX i ON t (a);\nCREATE VIEW v AS SELECT * FROM t;\nCREATE VIEW w AS SELECT nope;\nCREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;',
		).failure();
		expect(failure.message).toBe('table t: no such column: x');
		expect(failure.details).toEqual(['models/a.sql:4  view w: no such column: nope']);
	});

	test('a broken trigger, and not a trigger that fires it', async () => {
		const failure = await sql(
			[
				'CREATE TABLE a (x);',
				'CREATE TABLE b (x);',
				'CREATE TRIGGER wrong AFTER INSERT ON b BEGIN SELECT new.y; END;',
				'CREATE TRIGGER right AFTER INSERT ON a BEGIN INSERT INTO b VALUES (1); END;',
			].join('\n'),
		).failure();
		expect(failure).toMatchObject({message: 'trigger wrong: no such column: new.y', details: []});
	});

	test('no mistake for triggers of every event, on tables and views', async () => {
		const schema = await sql(
			[
				'CREATE TABLE t (g AS (a), a NOT NULL);',
				'CREATE VIEW v AS SELECT a FROM t;',
				...['INSERT', 'UPDATE', 'DELETE'].flatMap((event) => [
					`CREATE TRIGGER t_${event} BEFORE ${event} ON t BEGIN SELECT 1; END;`,
					`CREATE TRIGGER v_${event} INSTEAD OF ${event} ON v BEGIN SELECT 1; END;`,
				]),
				'CREATE TRIGGER v_update_of INSTEAD OF UPDATE OF a ON v BEGIN SELECT old.a; END;',
			].join('\n'),
		).load();
		expect(schema.triggers).toHaveLength(7);
	});

	test('no mistake for views in any order', async () => {
		await sql('CREATE VIEW a AS SELECT * FROM b;\nCREATE VIEW b AS SELECT * FROM t;\nCREATE TABLE t (x);').load();
	});

	test('one broken index among many tables with indexes', async () => {
		const tables = Array.from({length: 100}, (_, at) => `CREATE TABLE t${at} (a, b REFERENCES t0 (a));\nCREATE UNIQUE INDEX i${at} ON t${at} (a);`);
		await sql(tables.join('\n')).load();
		const failure = await sql([...tables, 'CREATE INDEX wrong ON t50 (c);'].join('\n')).failure();
		expect(failure).toMatchObject({message: 'index wrong: no such column: c', details: [], place: 'models/a.sql:201'});
	});
});

describe('the check skips features that this SQLite does not have', () => {
	test('a module, and objects that read from its tables', async () => {
		const schema = await sql(
			[
				'CREATE TABLE t (a);',
				'CREATE VIRTUAL TABLE near USING vec0(embedding float[3]);',
				'CREATE VIEW v AS SELECT nope FROM near;',
				'CREATE VIEW w AS SELECT nope FROM v;',
				'CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO near VALUES (1); END;',
			].join('\n'),
		).load();
		expect(schema.virtualTables.map(({name}) => name)).toEqual(['near']);
		expect(schema.views).toHaveLength(2);
	});

	test('a tokenizer of a full-text index, and objects that read from the index', async () => {
		const schema = await sql(
			[
				"CREATE VIRTUAL TABLE five USING fts5(body, tokenize = 'signal_tokenizer');",
				'CREATE VIRTUAL TABLE three USING fts3(body, tokenize mozporter);',
				'CREATE VIEW v AS SELECT nope FROM five JOIN three;',
			].join('\n'),
		).load();
		expect(schema.virtualTables.map(({name}) => name)).toEqual(['five', 'three']);
	});

	test('a function in a view or a trigger', async () => {
		await sql(
			'CREATE TABLE t (a);\nCREATE VIEW v AS SELECT my_function(a) FROM t;\nCREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT other(); END;',
		).load();
	});
});

test('no statement of a model is executed', async () => {
	const folder = modelFolder();
	const file = join(folder.path, 'made.db');
	folder.write({
		'models/a.sql': `CREATE TABLE t (a);\nCREATE VIEW v AS SELECT writefile('${file}', 'x'), load_extension('${file}');\nCREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT writefile('${file}', 'x'); END;`,
	});
	await folder.load().catch(() => undefined);
	expect(existsSync(file)).toBe(false);
	expect((await modelFolder({'models/a.sql': `VACUUM INTO '${file}';`}).failure()).message).toContain('VACUUM does not define');
});

test('a trigger is checked without the parent tables of its table', async () => {
	const models =
		'CREATE TABLE p (id INTEGER PRIMARY KEY);\nCREATE TABLE t (p INTEGER REFERENCES p(id));\nCREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END;';
	expect((await sql(models).load()).triggers).toHaveLength(1);
});
