import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {diff} from '../../../source/core/diff/diff.ts';
import {loadModels} from '../../../source/core/models/load.ts';
import {pulledSql} from '../../../source/core/pull/sql.ts';
import {pulledTypescript} from '../../../source/core/pull/typescript.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0)) rmSync(folder, {recursive: true, force: true});
});

function schemaOf(sql: string) {
	const db = openInMemory();
	db.exec(sql);
	const schema = introspect(db);
	db.close();
	return schema;
}

async function readBack(file: string, text: string) {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-pull-'));
	folders.push(folder);
	writeFileSync(join(folder, file), text);
	return loadModels(folder);
}

const cases: Readonly<Record<string, string>> = {
	'columns of every type, with defaults of every kind': `CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT DEFAULT 'it''s', c REAL DEFAULT -1.5, d BLOB DEFAULT x'00ff', e NUMERIC DEFAULT 1e3, f, g VARCHAR(20) DEFAULT NULL, h TEXT DEFAULT CURRENT_TIMESTAMP, i INT DEFAULT (1 + 2), j TEXT DEFAULT 'a\`b\${c}\\d', k TEXT DEFAULT 'two
lines')`,
	'every constraint with its name and conflict clause': `CREATE TABLE p (id INTEGER CONSTRAINT pk PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT, a TEXT CONSTRAINT nn NOT NULL ON CONFLICT IGNORE CONSTRAINT uq UNIQUE ON CONFLICT FAIL, b TEXT COLLATE NOCASE CONSTRAINT ck CHECK (b <> 'x'), CONSTRAINT many UNIQUE (a, b COLLATE RTRIM), UNIQUE (a, b), CONSTRAINT sum CHECK (length(a) + length(b) < 100));
		CREATE TABLE q (p INTEGER REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED, a TEXT, b TEXT, CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES p (a, b) ON DELETE SET DEFAULT)`,
	'keys of every form': `CREATE TABLE a (id INTEGER PRIMARY KEY DESC, x); CREATE TABLE b (id INTEGER, PRIMARY KEY (id DESC)); CREATE TABLE c (x TEXT, y INT, PRIMARY KEY (x, y DESC)) WITHOUT ROWID; CREATE TABLE d (x TEXT PRIMARY KEY NOT NULL, y ANY) STRICT, WITHOUT ROWID`,
	'generated columns, indexes, views over views and triggers': `CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT, c TEXT AS (upper(b)) STORED, d GENERATED ALWAYS AS (b || 'x'));
		CREATE INDEX i1 ON a (b DESC, lower(c) COLLATE NOCASE) WHERE b IS NOT NULL; CREATE UNIQUE INDEX a_b_unique ON a (b); CREATE UNIQUE INDEX other ON a (c);
		CREATE VIEW v2 (x) AS SELECT b FROM v1; CREATE VIEW v1 AS SELECT * FROM a;
		CREATE TRIGGER t1 AFTER UPDATE OF b, c ON a WHEN new.b <> old.b BEGIN UPDATE a SET b = CASE WHEN new.b = 'x' THEN 'y' ELSE 'z' END; DELETE FROM a; END;
		CREATE TRIGGER t2 INSTEAD OF INSERT ON v1 BEGIN SELECT 1; END`,
	'circles and tables that refer to themselves': `CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id), up INTEGER REFERENCES a (id)); CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id))`,
	'names of every kind': `CREATE TABLE "select" ("from" TEXT, "a.b" INTEGER PRIMARY KEY, "it's" TEXT UNIQUE, "new
line" TEXT, "😀" TEXT, "strict" TEXT, "__proto__" TEXT, "a""b" TEXT REFERENCES "select" ("a.b")); CREATE TABLE "class" (t TEXT); CREATE TABLE "table" (sql TEXT); CREATE TABLE "1st" (x); CREATE TABLE "a-b" (x); CREATE TABLE "a b" (x); CREATE INDEX "i x" ON "select" ("from", "it's")`,
	'virtual tables': `CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT); CREATE VIRTUAL TABLE search USING fts5(title, content='post', content_rowid='id', tokenize="porter unicode61"); CREATE VIRTUAL TABLE box USING rtree(id, x0, x1)`,
	'nothing at all': '',
};

describe('a pulled schema has no differences when it is read back:', () => {
	for (const [name, sql] of Object.entries(cases)) {
		test(`${name}, as SQL`, async () => {
			const schema = schemaOf(sql);
			expect(diff(schema, await readBack('schema.sql', pulledSql(schema)))).toMatchObject({operations: [], questions: []});
		});

		test(`${name}, in the table language`, async () => {
			const schema = schemaOf(sql);
			const text = pulledTypescript(schema);
			expect(diff(schema, await readBack('schema.ts', text)), text).toMatchObject({operations: [], questions: []});
		});
	}
});
