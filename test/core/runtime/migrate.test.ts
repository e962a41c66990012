import {readFileSync} from 'node:fs';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {Loss} from '../../../source/core/runtime/bundle.ts';
import {migrate} from '../../../source/core/runtime/migrate.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {bundleOf, release} from './bundles.ts';
import {fileDrivers, type Opened} from './drivers.ts';

const start = `-- upgrade
CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT);
CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE, title TEXT);
-- downgrade
DROP TABLE post;
DROP TABLE user;
`;

function project(): ProjectFolder {
	const folder = projectFolder({'migrate.toml': toml});
	folder.migration('20260101_000000_start.sql', start);
	return folder;
}

function opened(driver: string, file: string): Opened {
	const db = fileDrivers[driver]?.(file);
	if (db === undefined) throw new Error(driver);
	onTestFinished(() => db.close());
	return db;
}

const unique = `op.changeTable('user', \`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, nick TEXT)\`);`;
const withoutNick = `op.changeTable('user', \`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL)\`);`;
const rows = `INSERT INTO user VALUES (1, 'Ann', 'a'), (2, 'Bob', NULL); INSERT INTO post (id, user_id, title) VALUES (10, 1, 'x'), (11, 2, 'y')`;

describe.each(Object.keys(fileDrivers))('migrate with %s', (driver) => {
	test('creates a new database from all migrations, and then has nothing to do', async () => {
		const folder = project();
		folder.migration('20260102_000000_unique', unique);
		const bundle = await bundleOf(folder.migrationsDir);
		const db = opened(driver, folder.file);
		expect(await migrate(db.connection, bundle)).toEqual({
			applied: ['20260101_000000_start', '20260102_000000_unique'],
			undone: [],
			at: '20260102_000000_unique',
		});
		expect(await migrate(db.connection, bundle)).toEqual({applied: [], undone: [], at: '20260102_000000_unique'});
		expect(db.all('PRAGMA foreign_keys')).toEqual([{foreign_keys: 1}]);
		const status = JSON.parse((await folder.lite('status', '--json')).stdout);
		expect(status).toMatchObject({pending: [], missing: []});
		expect((await folder.lite('check')).stdout).not.toMatch(/drift|edited/);
	});

	test('keeps all rows of a rebuilt table and of its children', async () => {
		const folder = project();
		const first = await bundleOf(folder.migrationsDir);
		const db = opened(driver, folder.file);
		await migrate(db.connection, first);
		db.exec(rows);
		folder.migration('20260102_000000_unique', unique);
		await migrate(db.connection, await bundleOf(folder.migrationsDir));
		expect(db.all('SELECT * FROM user')).toEqual([
			{id: 1, name: 'Ann', nick: 'a'},
			{id: 2, name: 'Bob', nick: null},
		]);
		expect(db.all('SELECT id FROM post')).toEqual([{id: 10}, {id: 11}]);
		expect(() => db.exec(`INSERT INTO user (name) VALUES ('Ann')`)).toThrow(/UNIQUE/);
	});

	test('asks before it drops values, and keeps everything without consent', async () => {
		const folder = project();
		const db = opened(driver, folder.file);
		await migrate(db.connection, await bundleOf(folder.migrationsDir));
		db.exec(rows);
		folder.migration('20260102_000000_drop', withoutNick);
		const bundle = await bundleOf(folder.migrationsDir);
		await expect(migrate(db.connection, bundle)).rejects.toMatchObject({
			code: 'answerNeeded',
			details: ['user.nick: would be dropped with 1 value', 'the database is unchanged'],
		});
		const asked: (readonly Loss[])[] = [];
		await expect(
			migrate(db.connection, bundle, {
				consent: (losses) => {
					asked.push(losses);
					return false;
				},
			}),
		).rejects.toMatchObject({code: 'answerNeeded'});
		expect(asked).toEqual([
			[
				{
					migration: '20260102_000000_drop',
					kind: 'dropColumn',
					table: 'user',
					column: 'nick',
					rows: 1,
					message: 'user.nick: would be dropped with 1 value',
				},
			],
		]);
		expect(db.all('SELECT nick FROM user')).toEqual([{nick: 'a'}, {nick: null}]);
		expect((await migrate(db.connection, bundle, {consent: () => true})).applied).toEqual(['20260102_000000_drop']);
		expect(db.all('SELECT * FROM user')).toEqual([
			{id: 1, name: 'Ann'},
			{id: 2, name: 'Bob'},
		]);
	});

	test('agrees only to the losses that were shown', async () => {
		const folder = project();
		const db = opened(driver, folder.file);
		await migrate(db.connection, await bundleOf(folder.migrationsDir));
		db.exec(rows);
		folder.migration('20260102_000000_drop', withoutNick);
		const bundle = await bundleOf(folder.migrationsDir);
		const counts: number[] = [];
		await migrate(db.connection, bundle, {
			consent: ([loss]) => {
				counts.push(loss?.rows ?? 0);
				if (counts.length === 1) db.exec(`UPDATE user SET nick = 'b' WHERE id = 2`);
				return true;
			},
		});
		expect(counts).toEqual([1, 2]);
	});

	test('runs in a savepoint if a transaction is open, and keeps all rows with foreign keys on', async () => {
		const folder = project();
		const db = opened(driver, folder.file);
		await migrate(db.connection, await bundleOf(folder.migrationsDir));
		db.exec(rows);
		folder.migration('20260102_000000_unique', unique);
		const bundle = await bundleOf(folder.migrationsDir);
		db.exec('BEGIN');
		db.exec(`INSERT INTO user VALUES (3, 'Cid', NULL)`);
		await migrate(db.connection, bundle);
		db.exec('ROLLBACK');
		expect(db.all('SELECT id FROM user')).toEqual([{id: 1}, {id: 2}]);
		db.exec('BEGIN');
		db.exec(`INSERT INTO user VALUES (3, 'Cid', NULL)`);
		await migrate(db.connection, bundle);
		db.exec('COMMIT');
		expect(db.all('SELECT id FROM user')).toEqual([{id: 1}, {id: 2}, {id: 3}]);
		expect(db.all('SELECT id FROM post')).toEqual([{id: 10}, {id: 11}]);
	});

	test('leaves the database unchanged if a migration fails, and names the migration and the statement', async () => {
		const folder = project();
		const db = opened(driver, folder.file);
		await migrate(db.connection, await bundleOf(folder.migrationsDir));
		db.exec(`${rows}; UPDATE user SET name = 'Ann'`);
		folder.migration('20260102_000000_more', `op.addColumn('post', 'likes INTEGER');`);
		folder.migration('20260103_000000_unique', unique);
		await expect(migrate(db.connection, await bundleOf(folder.migrationsDir))).rejects.toMatchObject({
			code: 'hazard',
			message: expect.stringMatching(/^20260103_000000_unique: UNIQUE constraint failed/),
			details: expect.arrayContaining(['the database is unchanged']),
		});
		expect(db.all('SELECT name FROM _lite_migr')).toEqual([{name: '20260101_000000_start'}]);
		expect(db.all('PRAGMA table_info(post)')).toHaveLength(3);
		expect(db.all('PRAGMA foreign_keys')).toEqual([{foreign_keys: 1}]);
	});

	test('refuses a database of a newer version before it writes, and steps back with consent', async () => {
		const folder = project();
		folder.migration(
			'20260102_000000_unique',
			unique,
			`op.changeTable('user', \`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT)\`);`,
		);
		folder.migration('20260103_000000_likes', `op.addColumn('post', 'likes INTEGER');`, `op.dropColumn('post', 'likes');`);
		const bundle = await bundleOf(folder.migrationsDir);
		const db = opened(driver, folder.file);
		await migrate(db.connection, bundle);
		db.exec(`${rows}; UPDATE post SET likes = 5 WHERE id = 10`);
		const old = release(bundle, 1);
		const bytes = readFileSync(folder.file);
		await expect(migrate(db.connection, old)).rejects.toMatchObject({
			code: 'databaseNewer',
			details: ['applied to the database, and not here: 20260102_000000_unique, 20260103_000000_likes', 'the database is unchanged'],
		});
		await expect(migrate(db.connection, old, {downgrade: true})).rejects.toMatchObject({code: 'answerNeeded'});
		expect(readFileSync(folder.file)).toEqual(bytes);
		const asked: (readonly Loss[])[] = [];
		expect(
			await migrate(db.connection, old, {
				downgrade: true,
				consent: (losses) => {
					asked.push(losses);
					return true;
				},
			}),
		).toEqual({applied: [], undone: ['20260103_000000_likes', '20260102_000000_unique'], at: '20260101_000000_start'});
		expect(asked[0]?.map(({message}) => message)).toEqual([
			'20260103_000000_likes: would be undone with the downgrade stored in the database',
			'20260102_000000_unique: would be undone with the downgrade stored in the database',
			'post.likes: would be dropped with 1 value',
		]);
		expect(db.all('SELECT * FROM post')).toEqual([
			{id: 10, user_id: 1, title: 'x'},
			{id: 11, user_id: 2, title: 'y'},
		]);
		expect((await migrate(db.connection, bundle)).applied).toHaveLength(2);
	});

	test('lite-migr downgrade reads the history of a device', async () => {
		const folder = project();
		folder.migration('20260103_000000_likes', `op.addColumn('post', 'likes INTEGER');`, `op.dropColumn('post', 'likes');`);
		const db = opened(driver, folder.file);
		await migrate(db.connection, await bundleOf(folder.migrationsDir));
		folder.removeMigration('20260103_000000_likes');
		const done = await folder.lite('downgrade', '--yes');
		expect(done).toMatchObject({code: 0});
		expect(db.all('PRAGMA table_info(post)')).toHaveLength(3);
	});
});
