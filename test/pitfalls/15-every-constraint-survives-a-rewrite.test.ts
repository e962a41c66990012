import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

/** Only the column n changes. Everything else must stay the same. */
const tables: Readonly<Record<string, string>> = {
	STRICT: 'CREATE TABLE t (id INTEGER PRIMARY KEY, any ANY, n INTEGER) STRICT;',
	'WITHOUT ROWID': 'CREATE TABLE t (a TEXT, b TEXT, n INTEGER, PRIMARY KEY (b, a DESC)) WITHOUT ROWID;',
	'both of them': 'CREATE TABLE t (a TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID, STRICT;',
	'checks with and without a name':
		"CREATE TABLE t (a TEXT CHECK (a <> ''), b INTEGER CONSTRAINT positive CHECK (b > 0), n INTEGER, CHECK (a <> b), CONSTRAINT c2 CHECK (length(a) < 10));",
	collations: 'CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT UNIQUE COLLATE RTRIM, n INTEGER, UNIQUE (a COLLATE BINARY));',
	'deferred foreign keys':
		'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER REFERENCES p(id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED, n INTEGER, FOREIGN KEY (a) REFERENCES p ON DELETE SET NULL NOT DEFERRABLE);',
	'conflict clauses':
		'CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, a TEXT NOT NULL ON CONFLICT IGNORE, b TEXT UNIQUE ON CONFLICT FAIL, n INTEGER);',
	'defaults of every kind':
		"CREATE TABLE t (a TEXT DEFAULT 'it''s', b INTEGER DEFAULT (1 + 2), c TEXT DEFAULT CURRENT_TIMESTAMP, d BLOB DEFAULT x'00', e DEFAULT -1, f DEFAULT NULL, n INTEGER);",
	'generated columns': 'CREATE TABLE t (a TEXT, b TEXT GENERATED ALWAYS AS (upper(a)) STORED NOT NULL, c AS (length(a)), n INTEGER);',
	AUTOINCREMENT: 'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER);',
	'partial, descending and expression indexes':
		'CREATE TABLE t (a TEXT, n INTEGER); CREATE INDEX t1 ON t(a DESC) WHERE a IS NOT NULL; CREATE UNIQUE INDEX t2 ON t(lower(a) COLLATE NOCASE, n);',
};

describe.each(formats)('pitfall 15: an unrelated rewrite, in a .%s migration', (format) => {
	test.each(Object.keys(tables))('keeps %s', async (name) => {
		const models = tables[name] as string;
		const database = models.replaceAll('n INTEGER', 'n TEXT');
		const project = modelsAndDatabase(database, models, format);
		const texts = () => project.all("SELECT name, sql FROM sqlite_schema WHERE tbl_name IN ('t', 'p') AND name <> 'sqlite_sequence' ORDER BY name");
		const before = texts();
		await project.migrate({}, true);
		const shown = (rows: ReturnType<typeof texts>) => rows.map(({sql}) => String(sql).replace(/^CREATE TABLE "?t"? ?/, 'CREATE TABLE t '));
		expect(shown(texts())).toEqual(shown(before).map((sql) => sql.replace('n TEXT', 'n INTEGER')));
		await project.downgrade(true);
		expect(shown(texts())).toEqual(shown(before));
		expect((await project.upgrade(true)).last).toMatchObject({type: 'done'});
		expect((await project.draft()).operations).toEqual([]);
	});
});
