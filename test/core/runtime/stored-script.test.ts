import {DatabaseSync} from 'node:sqlite';
import {expect, onTestFinished, test} from 'vitest';
import {nodeSqlite} from '../../../source/core/runtime/adapters/node-sqlite.ts';
import {migrate} from '../../../source/core/runtime/migrate.ts';
import {isHarmless} from '../../../source/core/runtime/stored-script.ts';
import {releases} from './releases.ts';

test.each([
	"ATTACH DATABASE 'x.db' AS x",
	'DETACH x',
	"VACUUM INTO 'x.db'",
	'PRAGMA writable_schema=ON',
	'PRAGMA foreign_keys=OFF',
	"PRAGMA defer_foreign_keys=ON; ATTACH 'x' AS x",
	'BEGIN',
	'COMMIT',
	'ROLLBACK',
	'SAVEPOINT x',
	"SELECT load_extension('x')",
	'SELECT "load_extension"(\'x\')',
	"SELECT writefile('x', 'y')",
	"DELETE FROM t; ATTACH 'x' AS x",
	"DELETE FROM t; -- x\nATTACH 'x' AS x",
	'DELETE FROM t; /* ; */ PRAGMA writable_schema=ON',
	"CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; ATTACH 'x' AS x",
	"SELECT 'a'';'; VACUUM",
	'CREATE TEMP TABLE t (x)',
	'CREATE TEMPORARY TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; END',
	'DROP TABLE temp.t',
	'DROP TABLE "temp".t',
	"DELETE FROM 'temp'.t",
	'DELETE FROM t; END',
	'DELETE FROM t; DELETE FROM t',
	'CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; END',
	'CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; END;',
	'CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END TRANSACTION',
	'CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; DELETE FROM t',
	"CREATE VIRTUAL TABLE z USING 'csv'(fts5)",
	'EXPLAIN DELETE FROM t',
	"CREATE VIRTUAL TABLE z USING zipfile('x.zip')",
	'CREATE VIRTUAL TABLE "USING" USING csv(fts5)',
	'',
	"SELECT 'unterminated",
])('a stored statement that can act outside the database is refused: %s', (sql) => {
	expect(isHarmless(sql)).toBe(false);
});

test.each([
	'PRAGMA defer_foreign_keys=ON',
	'DROP TABLE t',
	'DELETE FROM t;',
	"INSERT INTO t VALUES ('; ATTACH')",
	"INSERT INTO t VALUES ('load_extension', 'END;', '''temp')",
	'CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END;',
	'CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET x = CASE WHEN 1 THEN 2 END; DELETE FROM t WHERE x = 3; END',
	'WITH a AS (SELECT 1) DELETE FROM t',
	'SELECT a.x FROM t AS a -- comment',
	'DELETE FROM main.t',
	'CREATE VIRTUAL TABLE s USING fts5(a)',
])('a stored statement about the database is accepted: %s', (sql) => {
	expect(isHarmless(sql)).toBe(true);
});

async function newer(): Promise<{readonly db: DatabaseSync; readonly old: Awaited<ReturnType<typeof releases>>[number]}> {
	const [old, next] = await releases();
	if (old === undefined || next === undefined) throw new Error('no releases');
	const db = new DatabaseSync(':memory:');
	onTestFinished(() => db.close());
	await migrate(nodeSqlite(db), next);
	return {db, old};
}

test.each([
	['{"operations": [], "script": {"statements": ["DROP TABLE post", "ATTACH \'x\' AS x"]}}'],
	['{"operations": [], "script": {"statements": "DROP TABLE post"}}'],
	['{"operations": [], "script": {"statements": [{"sql": "DROP TABLE post", "loss": {"kind": "deleteRows", "table": "x"}}]}}'],
	['{"operations": [], "script": {"statements": [7]}}'],
	['{"operations": [], "script": {"statements": [], "needs": {"modules": 7}}}'],
])('a script in the history that lite-migr did not write is not run: %s', async (text) => {
	const {db, old} = await newer();
	db.prepare('UPDATE _lite_migr SET downgrade = ? WHERE id = 2').run(text);
	await expect(migrate(nodeSqlite(db), old, {downgrade: true, consent: true})).rejects.toMatchObject({
		code: 'history',
		message: 'the stored downgrade of 20260102_000000_likes is not a script of lite-migr',
	});
	expect(db.prepare('SELECT count(*) AS n FROM post').get()).toEqual({n: 0});
});

test.each([
	['[{"kind":"dropColumn","table":"post","column":"likes"}]', 'the history contains no script for it'],
	['{"reason":"it runs code (op.run), which cannot be stored"}', 'it runs code (op.run), which cannot be stored'],
	[null, 'the history contains no script for it'],
	['nonsense', 'the history contains no script for it'],
])('a migration without a stored script cannot be undone, and the error says what to do: %s', async (text, reason) => {
	const {db, old} = await newer();
	db.prepare('UPDATE _lite_migr SET downgrade = ? WHERE id = 2').run(text);
	await expect(migrate(nodeSqlite(db), old, {downgrade: true, consent: true})).rejects.toMatchObject({
		code: 'history',
		message: '20260102_000000_likes cannot be undone by this program',
		details: [reason, 'the database is unchanged'],
		hint: expect.stringContaining('lite-migr downgrade'),
	});
});

test('an adopted migration only loses its row', async () => {
	const {db, old} = await newer();
	db.exec('UPDATE _lite_migr SET adopted = 1, downgrade = NULL WHERE id = 2');
	expect((await migrate(nodeSqlite(db), old, {downgrade: true, consent: true})).undone).toEqual(['20260102_000000_likes']);
	expect(db.prepare('PRAGMA table_info(post)').all()).toHaveLength(4);
});

test.each([
	["ATTACH ':memory:' AS other; CREATE TABLE other.secret (x); INSERT INTO other.secret VALUES (1)", 'the connection has attached databases: other'],
	['CREATE TEMP TABLE secret (x); INSERT INTO secret VALUES (1)', 'the connection has temporary objects: secret'],
])('a stored script is not run if a name in it can mean something outside the database: %s', async (setup, message) => {
	const {db, old} = await newer();
	db.exec(setup);
	db.prepare('UPDATE _lite_migr SET downgrade = ? WHERE id = 2').run('{"operations": [], "script": {"statements": ["DELETE FROM secret"]}}');
	await expect(migrate(nodeSqlite(db), old, {downgrade: true, consent: true})).rejects.toMatchObject({code: 'database', message});
	expect(db.prepare('SELECT count(*) AS n FROM secret').get()).toEqual({n: 1});
});

test('a stored script cannot commit what the program has not agreed to', async () => {
	const {db, old} = await newer();
	db.exec("INSERT INTO user (name) VALUES ('Ann'); BEGIN; INSERT INTO user (name) VALUES ('Bob')");
	db.prepare('UPDATE _lite_migr SET downgrade = ? WHERE id = 2').run('{"operations": [], "script": {"statements": ["DELETE FROM user; END"]}}');
	await expect(migrate(nodeSqlite(db), old, {downgrade: true, consent: () => false})).rejects.toMatchObject({code: 'history'});
	expect(db.isTransaction).toBe(true);
	expect(db.prepare('SELECT count(*) AS n FROM user').get()).toEqual({n: 2});
});
