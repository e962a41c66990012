import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {writeSetOf} from '../../../source/core/sqlite/write-set.ts';

let db: Database;

beforeEach(() => {
	db = openInMemory();
	db.exec(`PRAGMA foreign_keys = OFF;
		CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE); CREATE INDEX t_a ON t (a);
		CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
		CREATE TABLE r (k TEXT PRIMARY KEY ON CONFLICT REPLACE, v);
		CREATE TABLE c (t REFERENCES t(id) ON DELETE CASCADE);
		CREATE TABLE log (x); CREATE TABLE "it's" (x);
		CREATE TABLE traced (x); CREATE TRIGGER g AFTER INSERT ON traced BEGIN DELETE FROM log; UPDATE "it's" SET x = 1; END;
		CREATE VIEW v AS SELECT * FROM t; CREATE TRIGGER gv INSTEAD OF DELETE ON v BEGIN DELETE FROM w WHERE k = old.a; END;
		CREATE VIRTUAL TABLE f USING fts5(x); CREATE VIRTUAL TABLE f2 USING fts5(x);`);
});

afterEach(() => db.close());

describe('the tables that a statement may write', () => {
	test.each([
		['INSERT INTO t VALUES (1, 2)', ['t']],
		['UPDATE t SET a = upper(a)', ['t']],
		['DELETE FROM t', ['t']],
		['DELETE FROM t WHERE id IN (SELECT x FROM log)', ['t']],
		['WITH old AS (SELECT 1) DELETE FROM w WHERE k IN old', ['w']],
		['UPDATE w SET v = 1', ['w']],
		['INSERT INTO traced VALUES (1)', ['traced', 'log', "it's"]],
		['DELETE FROM v', ['w']],
		['INSERT INTO f VALUES (1)', ['f']],
		['REPLACE INTO "it\'s" VALUES (1)', ["it's"]],
		['SELECT * FROM t', []],
		['CREATE TABLE x AS SELECT * FROM t', []],
	])('of %s are %j', (sql, tables) => {
		expect([...writeSetOf(db, sql, []).tables].sort()).toEqual([...tables].sort());
	});

	test('include those of a foreign key action, if foreign keys are on', () => {
		db.exec('PRAGMA foreign_keys = ON');
		expect([...writeSetOf(db, 'DELETE FROM t', []).tables].sort()).toEqual(['c', 't']);
	});

	test('include those of a temporary trigger that was created in the meantime', () => {
		expect([...writeSetOf(db, 'INSERT INTO log VALUES (1)', []).tables]).toEqual(['log']);
		db.exec('CREATE TEMP TRIGGER later AFTER INSERT ON log BEGIN DELETE FROM t; END');
		expect([...writeSetOf(db, 'INSERT INTO log VALUES (1)', []).tables].sort()).toEqual(['log', 't']);
	});

	test('are found by their root pages even after auto_vacuum has moved them', () => {
		const other = openInMemory();
		other.exec('PRAGMA auto_vacuum = FULL; CREATE TABLE a (x); CREATE TABLE b (x); CREATE TABLE c (x); DROP TABLE a');
		expect([...writeSetOf(other, 'DELETE FROM c', []).tables]).toEqual(['c']);
		expect([...writeSetOf(other, 'DELETE FROM b', []).tables]).toEqual(['b']);
		other.close();
	});

	test('are determined without changing rows', () => {
		db.exec("INSERT INTO t VALUES (1, 'a')");
		writeSetOf(db, 'DELETE FROM t', []);
		expect(db.value('SELECT count(*) FROM t')).toBe(1);
	});

	test('are reported separately from writes to another database', () => {
		db.exec("ATTACH ':memory:' AS other; CREATE TABLE other.o (x)");
		expect(writeSetOf(db, 'INSERT INTO o VALUES (1)', [])).toMatchObject({writesElsewhere: true});
		expect(writeSetOf(db, 'INSERT INTO t VALUES (1, 2)', [])).toMatchObject({writesElsewhere: false});
	});
});

describe('a statement that only adds rows', () => {
	test.each([
		['INSERT INTO t VALUES (1, 2)', true],
		['INSERT OR IGNORE INTO w SELECT id, a FROM t', true],
		['INSERT INTO t VALUES (?, ?)', true],
		['INSERT OR REPLACE INTO t VALUES (1, 2)', false],
		['REPLACE INTO w VALUES (1, 2)', false],
		['INSERT INTO r VALUES (1, 2)', false],
		['INSERT INTO t VALUES (1, 2) ON CONFLICT DO UPDATE SET a = 1', false],
		['INSERT INTO traced VALUES (1)', false],
		['UPDATE w SET v = 1', false],
		['DELETE FROM t', false],
		['INSERT INTO f VALUES (1)', false],
	])('is recognized: %s is %s', (sql, isAppend) => {
		expect(writeSetOf(db, sql, sql.includes('?') ? [1, 2] : []).isAppend).toBe(isAppend);
	});
});
