import {mkdirSync, readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {listReleases} from '../../../source/core/testing/list-releases.ts';
import {saveRelease, upgradeRelease} from '../../../source/core/testing/released-databases.ts';
import {type TestProject, testProject} from './test-project.ts';

const first = {
	'migrations/0001_users.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\nCREATE VIRTUAL TABLE search USING fts5 (text);\n',
};
const second = 'ALTER TABLE user ADD COLUMN age INTEGER;\n';

/** Creates a project with a released database at its first migration, and writes the second migration. */
async function released(migration = second): Promise<TestProject> {
	const project = testProject(first);
	mkdirSync(project.at('releases'));
	await saveRelease(
		'releases/1.0.db',
		{seed: (db) => void db.exec("INSERT INTO user (name) VALUES ('Ann'), ('Bob'); INSERT INTO search VALUES ('red fox')")},
		project.path,
	);
	project.write('migrations/0002_age.sql', migration);
	return project;
}

function execOn(file: string, sql: string): void {
	const db = openDatabase(file);
	db.exec(sql);
	db.close();
}

/** The output of `.dump` in the sqlite3 shell 3.40, for a database at the first migration. */
const dump = `PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO user VALUES(1,'Ann');
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','search','search',0,'CREATE VIRTUAL TABLE search USING fts5 (text)');
CREATE TABLE IF NOT EXISTS 'search_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO search_data VALUES(1,X'0102');
INSERT INTO search_data VALUES(10,X'000000000101010001010101');
INSERT INTO search_data VALUES(137438953473,X'000000140430666f7801020301037265640102020408');
CREATE TABLE IF NOT EXISTS 'search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO search_idx VALUES(1,X'',2);
CREATE TABLE IF NOT EXISTS 'search_content'(id INTEGER PRIMARY KEY, c0);
INSERT INTO search_content VALUES(1,'red fox');
CREATE TABLE IF NOT EXISTS 'search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
INSERT INTO search_docsize VALUES(1,X'02');
CREATE TABLE IF NOT EXISTS 'search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO search_config VALUES('version',4);
CREATE TABLE _lite_migr (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
INSERT INTO _lite_migr VALUES(1,'0001_users','2026-01-01 00:00:00');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('_lite_migr',1);
PRAGMA writable_schema=OFF;
COMMIT;
`;

test('a released database is upgraded and reaches the schema of a new database', async () => {
	const project = await released();
	const [release] = listReleases('releases', project.path);
	expect(release).toEqual({name: '1.0', path: project.at('releases/1.0.db')});
	const before = readFileSync(project.at('releases/1.0.db'));
	const rows: unknown[] = [];
	const outcome = await upgradeRelease(
		release ?? '',
		{after: (db) => void rows.push(...db.prepare('SELECT * FROM user').all(), db.prepare('SELECT * FROM search').pluck().get())},
		project.path,
	);
	expect(outcome.migrations).toEqual(['0002_age']);
	expect(rows).toEqual([{id: 1, name: 'Ann', age: null}, {id: 2, name: 'Bob', age: null}, 'red fox']);
	expect(readFileSync(project.at('releases/1.0.db')).equals(before)).toBe(true);
	expect(project.files('releases')).toEqual(['1.0.db']);
});

test('a released database with a schema that the migrations do not build fails with the difference', async () => {
	const project = await released();
	execOn(project.at('releases/1.0.db'), 'CREATE INDEX by_hand ON user (name); DROP TABLE search');
	await expect(upgradeRelease('releases/1.0.db', {}, project.path)).rejects.toMatchObject({
		code: 'history',
		message: '1.0.db does not reach the schema of a new database\n  virtualTable search is missing\n  index by_hand should not exist',
	});
});

test('objects that the project ignores are not compared', async () => {
	const project = await released();
	execOn(project.at('releases/1.0.db'), 'CREATE TABLE legacy_log (x)');
	await expect(upgradeRelease('releases/1.0.db', {}, project.path)).rejects.toThrow('legacy_log');
	project.write('migrate.toml', `${project.read('migrate.toml')}ignore = ["legacy_*"]\n`);
	expect(await upgradeRelease('releases/1.0.db', {}, project.path)).toMatchObject({migrations: ['0002_age']});
});

test('a migration that loses values of a released database needs consent', async () => {
	const project = await released('DELETE FROM user WHERE id = 2;\n');
	await expect(upgradeRelease('releases/1.0.db', {}, project.path)).rejects.toMatchObject({code: 'answerNeeded'});
	const {effects} = await upgradeRelease('releases/1.0.db', {consent: true}, project.path);
	expect(effects).toMatchObject([{table: 'user', rowsGone: 1}]);
});

test('a dump of the sqlite3 shell is a released database too', async () => {
	const project = await released();
	project.write('releases/0.9.sql', dump);
	expect(listReleases('releases', project.path).map(({name}) => name)).toEqual(['0.9', '1.0']);
	const texts: unknown[] = [];
	await upgradeRelease(
		'releases/0.9.sql',
		{
			after(db, {migrations}) {
				texts.push(migrations, db.prepare("SELECT text FROM search WHERE search MATCH 'fox'").pluck().get(), db.prepare('SELECT * FROM user').all());
			},
		},
		project.path,
	);
	expect(texts).toEqual([['0002_age'], 'red fox', [{id: 1, name: 'Ann', age: null}]]);
});

test('changes in the write-ahead log of a released database count', async () => {
	const project = await released();
	const db = project.open();
	db.exec(`ATTACH '${project.at('releases/1.0.db')}' AS release; PRAGMA release.journal_mode = WAL; INSERT INTO release.user (name) VALUES ('Cleo')`);
	const counts: unknown[] = [];
	await upgradeRelease(
		'releases/1.0.db',
		{after: (upgraded) => void counts.push(upgraded.prepare('SELECT count(*) FROM user').pluck().get())},
		project.path,
	);
	db.close();
	expect(counts).toEqual([3]);
});

describe('an error', () => {
	test('reports a folder without released databases, because a test of none would always pass', () => {
		const project = testProject();
		expect(() => listReleases('nowhere', project.path)).toThrow(/cannot read the released databases in .*nowhere/);
		mkdirSync(project.at('empty'));
		expect(() => listReleases('empty', project.path)).toThrow(/no released databases in .*empty/);
	});

	test('reports a missing file and a dump that fails', async () => {
		const project = await released();
		await expect(upgradeRelease('releases/2.0.db', {}, project.path)).rejects.toThrow('no released database at releases/2.0.db');
		project.write('releases/0.1.sql', 'CREATE TABL x;');
		await expect(upgradeRelease('releases/0.1.sql', {}, project.path)).rejects.toThrow(
			/the dump cannot be loaded: .*syntax error\n {2}releases\/0\.1\.sql/,
		);
	});

	test('names a file that is not a database', async () => {
		const project = await released();
		project.write('releases/2.0.db', 'not a database');
		await expect(upgradeRelease('releases/2.0.db', {}, project.path)).rejects.toThrow(/^2\.0\.db is not a SQLite database/);
	});

	test('keeps an existing release', async () => {
		const project = await released();
		await expect(saveRelease('releases/1.0.db', {}, project.path)).rejects.toThrow('1.0.db already exists');
		await expect(saveRelease('nowhere/1.0.db', {}, project.path)).rejects.toThrow('cannot write nowhere/1.0.db');
		await saveRelease('releases/2.0.db', {}, project.path);
		expect(await upgradeRelease('releases/2.0.db', {}, project.path)).toMatchObject({migrations: []});
	});
});
