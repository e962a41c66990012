import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

/** The database's spelling, then the models'. */
const spellings: Readonly<Record<string, readonly [string, string]>> = {
	'generated columns': ['a INT, b AS (a+1)', 'a INT, b GENERATED ALWAYS AS ( a + 1 ) VIRTUAL'],
	'stored generated columns': ['a INT, b INT as (a) stored', 'a INT, b INT GENERATED ALWAYS AS ("a") STORED'],
	'case and whitespace of types': [
		'a integer, b varchar( 10 ), c decimal(10, 2), d double  precision',
		'a INTEGER, b VARCHAR(10), c DECIMAL(10,2), d DOUBLE PRECISION',
	],
	'quotes of names': ['[a] INTEGER, `b` TEXT, "c d" TEXT', '"a" INTEGER, b TEXT, [c d] TEXT'],
	'parentheses of defaults': [
		"a INT DEFAULT (0), b TEXT DEFAULT ('x'), c INT DEFAULT (-1), d DEFAULT (NULL)",
		"a INT DEFAULT 0, b TEXT DEFAULT 'x', c INT DEFAULT -1, d",
	],
	'case of keywords in expressions': [
		'a TEXT DEFAULT current_timestamp, b INT CHECK (b is not null and b in (1, 2))',
		'a TEXT DEFAULT CURRENT_TIMESTAMP, b INT CHECK (b IS NOT NULL AND b IN (1,2))',
	],
	'inline and table constraints': [
		'a INT UNIQUE, b TEXT CHECK (b > 0), c INTEGER PRIMARY KEY, d INT REFERENCES t(c)',
		'a INT, b TEXT, c INTEGER, d INT, PRIMARY KEY (c), UNIQUE (a), CHECK (b > 0), FOREIGN KEY (d) REFERENCES t(c)',
	],
	'foreign keys to the primary key': [
		'id INTEGER PRIMARY KEY, p INT REFERENCES t',
		'id INTEGER PRIMARY KEY, p INT REFERENCES t(id) ON DELETE NO ACTION NOT DEFERRABLE',
	],
	'actions that are the default': [
		'id INTEGER PRIMARY KEY ASC, a TEXT NULL, b TEXT NOT NULL ON CONFLICT ABORT COLLATE BINARY',
		'id INTEGER PRIMARY KEY, a TEXT, b TEXT NOT NULL',
	],
	'order of columns': ['a INT, b TEXT, c TEXT', 'c TEXT, a INT, b TEXT'],
	'order of constraints': [
		'a INT, b INT, UNIQUE (a), UNIQUE (b), CHECK (a > 0), CHECK (b > 0)',
		'a INT, b INT, CHECK (b > 0), UNIQUE (b), CHECK (a > 0), UNIQUE (a)',
	],
	comments: ['a INT /* the first */, b TEXT -- the second\n', 'a INT, b TEXT'],
	'not null of a rowid': ['id INTEGER PRIMARY KEY NOT NULL', 'id INTEGER PRIMARY KEY'],
	'operators with two spellings': ['a INT CHECK (a <> 1), b INT CHECK (b = 2)', 'a INT CHECK (a != 1), b INT CHECK (b == 2)'],
};

/** One object of each kind, spelled in ways that have made tools report a false difference. */
const models = `
CREATE TABLE "user" (id integer primary key not null, mail text unique, "order" int default (0), full text generated always as (mail || '!') virtual, made text default (datetime('now')), check (id > 0));
create index if not exists user_mail on "user" ("mail" collate nocase asc) where mail is not null;
CREATE VIEW IF NOT EXISTS users AS select id,  mail -- comment
 from user;
CREATE TRIGGER IF NOT EXISTS user_new AFTER INSERT ON "user" FOR EACH ROW BEGIN SELECT CASE WHEN new.id > 0 THEN 1 ELSE 2 END; END;
CREATE VIRTUAL TABLE doc USING fts5(title, body, tokenize = 'porter ascii');
`;

describe('pitfall 16: models and a database that differ only in spelling', () => {
	test.each(Object.keys(spellings))('are equal: %s', async (name) => {
		const [database, models] = spellings[name] as readonly [string, string];
		const project = modelsAndDatabase(`CREATE TABLE t (${database});`, `create table "t" (${models});`);
		expect(await project.draft()).toMatchObject({operations: [], questions: []});
	});

	test.each(formats)('are equal after an upgrade of an empty database, by a .%s migration', async (format) => {
		const project = modelsAndDatabase('', models, format);
		await project.migrate();
		expect(await project.draft()).toMatchObject({operations: [], questions: []});
	});

	test.each(formats)('are equal after every table was rewritten, by a .%s migration', async (format) => {
		const project = modelsAndDatabase(models.replace('mail text unique', 'mail int unique').replaceAll(' IF NOT EXISTS', ''), models, format);
		await project.migrate({}, true);
		expect(await project.draft()).toMatchObject({operations: [], questions: []});
	});
});
