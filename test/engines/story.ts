import {isAbsolute, join} from 'node:path';
import {expect} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {statementsOf} from './contents.ts';
import {type RemoteProject, remoteProject, withoutHistory} from './remote-project.ts';
import type {Access} from './rigs.ts';

export const firstModels = `CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT, manager_id INTEGER REFERENCES user (id) ON DELETE SET NULL);
CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE, title TEXT);
CREATE TABLE note (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE SET NULL, body);
CREATE INDEX post_user ON post (user_id);
`;
const models = firstModels.replace('email TEXT', 'mail TEXT NOT NULL UNIQUE');

export const rows = [
	"INSERT INTO user VALUES (1, 'ann@example.com', NULL), (2, 'bob@example.com', 1), (9007199254740993, 'cy''s', 2)",
	"INSERT INTO post (id, user_id, title) VALUES (1, 1, 'x'), (2, 2, 'y' || char(10) || ';'), (7, 9007199254740993, NULL)",
	"INSERT INTO note VALUES (1, 1, x'00ff'), (2, NULL, 3.0), (3, 9007199254740993, -9223372036854775807)",
] as const;

/** Creates the first tables with their rows. */
export async function begin(project: RemoteProject): Promise<void> {
	project.write('models/schema.sql', firstModels);
	expect(await project.lite('create', 'start')).toMatchObject({code: 0});
	expect(await project.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
	await project.exec(...rows);
}

/** Returns the contents of a backup. */
async function contentsOf(project: RemoteProject, file: string): Promise<readonly string[]> {
	const db = openDatabase(isAbsolute(file) ? file : join(project.path, file), {readonly: true});
	try {
		return withoutHistory(await statementsOf(async (sql) => db.tuples(sql)));
	} finally {
		db.close();
	}
}

const isRow = (sql: string): boolean => sql.startsWith('INSERT');

/**
 * Goes from an empty folder to a changed schema and back: init, create, a question about a rename, a rewrite of a parent whose children are deleted or set to
 * NULL with it, upgrade and downgrade. Returns the project.
 *
 * @param db the value of `db_path`
 */
export async function wholeStory(access: Access, db: string): Promise<RemoteProject> {
	const fresh = remoteProject(access, {name: 'fresh', db, hasConfig: false});
	const name = db.startsWith('d1-local:') ? db : access.target.kind;
	expect(await fresh.lite('init', '--db', db)).toMatchObject({code: 0});
	expect(fresh.read('migrate.toml')).toContain(`db_path = "${db}"`);
	fresh.write('models/schema.sql', firstModels);
	expect((await fresh.lite('status')).stdout).toContain('no migrations yet; to write the first one, run lite-migr create <name>');
	expect(await fresh.lite('check')).toMatchObject({code: 4, stderr: '', stdout: expect.stringContaining('models are ahead of migrations')});
	await begin(fresh);
	expect(await fresh.lite('check')).toMatchObject({code: 0, stdout: expect.stringContaining(name)});
	expect((await fresh.lite('status')).stdout).toMatch(/● \d+_\d+_start {3}\d{4}-\d\d-\d\d[\s\S]*✔ no drift, no edited files/);
	const before = await fresh.contents();

	fresh.write('models/schema.sql', models);
	const question = await fresh.lite('create', 'mail');
	expect(question).toMatchObject({code: 3, stdout: expect.stringContaining('--rename user.email=mail')});
	expect(await fresh.lite('diff')).toMatchObject({code: 3, stdout: expect.stringContaining('keeps 3 values')});
	expect(await fresh.lite('check')).toMatchObject({code: 4});
	expect(await fresh.lite('create', 'mail', '--rename', 'user.email=mail')).toMatchObject({
		code: 0,
		stdout: expect.stringContaining('copies 3 rows'),
	});
	expect(await fresh.lite('check')).toMatchObject({code: 4, stdout: expect.stringContaining('pending')});

	const upgraded = await fresh.lite('upgrade');
	expect(upgraded).toMatchObject({code: 0, stderr: '', stdout: expect.stringContaining('user: rewrite of 3 rows')});
	const backup = /backup {3}(\S+\.(?:db|sqlite)) /.exec(upgraded.stdout)?.[1] ?? '';
	expect(await contentsOf(fresh, backup)).toEqual(before);
	expect(await fresh.lite('check')).toMatchObject({code: 0});
	expect((await fresh.contents()).filter(isRow)).toEqual(before.filter(isRow).map((sql) => sql.replace('"email"', '"mail"')));
	expect(await fresh.values("SELECT seq FROM sqlite_sequence WHERE name = 'post'")).toEqual([7]);

	expect(await fresh.lite('downgrade')).toMatchObject({code: 0, stderr: ''});
	expect((await fresh.contents()).filter(isRow)).toEqual(before.filter(isRow));
	expect(await fresh.lite('upgrade')).toMatchObject({code: 0});
	expect(await fresh.lite('upgrade')).toMatchObject({code: 0, stdout: expect.stringContaining('nothing is pending')});
	return fresh;
}
