import {DatabaseSync} from 'node:sqlite';
import BetterSqlite3 from 'better-sqlite3';
import {describe, expect, test} from 'vitest';
import {betterSqlite3} from '../../../source/core/runtime/adapters/better-sqlite3.ts';
import {nodeSqlite} from '../../../source/core/runtime/adapters/node-sqlite.ts';
import type {Bundle} from '../../../source/core/runtime/bundle.ts';
import type {Connection} from '../../../source/core/runtime/connection.ts';
import {type MigrateOptions, migrate} from '../../../source/core/runtime/migrate.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {bundleOf, release} from './bundles.ts';

function project(): ProjectFolder {
	const folder = projectFolder({'migrate.toml': toml});
	folder.migration('20260101_000000_user', "op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY, nick TEXT)');", "op.dropTable('user');");
	return folder;
}

/** Returns two releases, the second of which drops a column. */
async function twoReleases(): Promise<readonly [Bundle, Bundle]> {
	const folder = project();
	folder.migration('20260102_000000_nick', "op.dropColumn('user', 'nick');");
	const bundle = await bundleOf(folder.migrationsDir);
	return [release(bundle, 1), bundle];
}

describe('migrate refuses, and says what to pass instead,', () => {
	const rejects = async (connection: unknown, bundle: unknown, options: object = {}) => {
		await expect(migrate(connection as Connection, bundle as Bundle, options)).rejects.toMatchObject({
			name: 'MigrError',
			code: 'usage',
			message: expect.stringMatching(/./),
			hint: expect.stringMatching(/./),
		});
	};

	test.each([undefined, null, './app.db', {}])('%s instead of a connection', async (connection) => {
		await rejects(connection, {format: 1, migrations: []});
	});

	test('a database without an adapter', async () => {
		const db = new DatabaseSync(':memory:');
		await rejects(db, {format: 1, migrations: []});
		db.close();
	});

	test.each([undefined, {$client: {}}])('%j instead of the database of an adapter', async (db) => {
		await rejects(nodeSqlite(db as unknown as DatabaseSync), {format: 1, migrations: []});
	});

	test.each([[undefined], [null], [[]], [{migrations: {format: 1, migrations: []}}], [{format: 2, migrations: []}]])(
		'%j instead of a bundle',
		async (bundle) => {
			const db = new DatabaseSync(':memory:');
			await rejects(nodeSqlite(db), bundle);
			db.close();
		},
	);

	test('an unknown option, before anything is written', async () => {
		const [, bundle] = await twoReleases();
		const db = new DatabaseSync(':memory:');
		await rejects(nodeSqlite(db), bundle, {dryRun: true});
		expect(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()).toEqual({n: 0});
		db.close();
	});
});

test.each([1, 'no', {response: 1}, undefined])('%j is not consent', async (answer) => {
	const [first, second] = await twoReleases();
	const db = new DatabaseSync(':memory:');
	await migrate(nodeSqlite(db), first);
	db.exec("INSERT INTO user VALUES (1, 'a')");
	const consent = (async () => answer) as unknown as NonNullable<MigrateOptions['consent']>;
	await expect(migrate(nodeSqlite(db), second, {consent})).rejects.toMatchObject({code: 'answerNeeded'});
	expect(db.prepare('SELECT nick FROM user').all()).toEqual([{nick: 'a'}]);
	db.close();
});

describe('a step back to a program that has no migration of the database is refused, and keeps every row, for', () => {
	async function refuses(db: DatabaseSync, older: Bundle): Promise<void> {
		await expect(migrate(nodeSqlite(db), older)).rejects.toMatchObject({code: 'databaseNewer', hint: expect.not.stringContaining('downgrade')});
		await expect(migrate(nodeSqlite(db), older, {downgrade: true, consent: true})).rejects.toMatchObject({
			code: 'databaseNewer',
			hint: 'update the program, or check which database it opens: it has no migration of this program, so it cannot step back',
		});
		expect(db.prepare('SELECT * FROM user').all()).toEqual([{id: 1, nick: 'a'}]);
		db.close();
	}

	test('the database of another program', async () => {
		const [first] = await twoReleases();
		const other = projectFolder({'migrate.toml': toml});
		other.migration('20250101_000000_other', "op.createTable('CREATE TABLE other (x)');", "op.dropTable('other');");
		const db = new DatabaseSync(':memory:');
		await migrate(nodeSqlite(db), first);
		db.exec("INSERT INTO user VALUES (1, 'a')");
		await refuses(db, await bundleOf(other.migrationsDir));
	});

	test('a new database of a squash', async () => {
		const [first] = await twoReleases();
		const [migration] = first.migrations;
		if (migration === undefined) throw new Error('no migration');
		const squash: Bundle = {format: 1, migrations: [{...migration, name: '20260301_000000_all', checksum: 'x', replaces: [migration.name]}]};
		const db = new DatabaseSync(':memory:');
		await migrate(nodeSqlite(db), squash);
		db.exec("INSERT INTO user VALUES (1, 'a')");
		await refuses(db, first);
	});
});

describe('a connection that cannot be used is explained, without a dump of statements:', () => {
	test.each<[string, (file: string) => {connection: Connection; exec(sql: string): unknown; iterate(sql: string): IterableIterator<unknown>}]>([
		[
			'better-sqlite3',
			(file) => {
				const db = new BetterSqlite3(file);
				return {connection: betterSqlite3(db), exec: (sql) => db.exec(sql), iterate: (sql) => db.prepare(sql).iterate()};
			},
		],
		[
			'node:sqlite',
			(file) => {
				const db = new DatabaseSync(file);
				return {connection: nodeSqlite(db), exec: (sql) => db.exec(sql), iterate: (sql) => db.prepare(sql).iterate() as IterableIterator<unknown>};
			},
		],
	])('one that is reading rows (%s)', async (_name, open) => {
		const folder = project();
		const [first, second] = await twoReleases();
		const db = open(folder.file);
		await migrate(db.connection, first);
		db.exec("INSERT INTO user VALUES (1, 'a'), (2, 'b')");
		const rows = db.iterate('SELECT * FROM user');
		rows.next();
		await expect(migrate(db.connection, second, {consent: true, wait: 0})).rejects.toMatchObject({
			code: 'locked',
			hint: 'finish or leave all loops over rows of this connection, and call migrate again',
		});
		rows.return?.();
		await migrate(db.connection, second, {consent: true});
	});

	test('one that is closed', async () => {
		const db = new DatabaseSync(':memory:');
		db.close();
		await expect(migrate(nodeSqlite(db), {format: 1, migrations: []})).rejects.toMatchObject({
			name: 'MigrError',
			code: 'database',
			message: 'cannot read the migration history: database is not open',
		});
	});

	test('one that is read-only', async () => {
		const folder = project();
		const [first, second] = await twoReleases();
		const db = new DatabaseSync(folder.file);
		await migrate(nodeSqlite(db), first);
		db.close();
		const reader = new DatabaseSync(folder.file, {readOnly: true});
		await expect(migrate(nodeSqlite(reader), second)).rejects.toMatchObject({
			code: 'database',
			details: ['the database is unchanged'],
			hint: 'open a connection that can write',
		});
		reader.close();
	});
});
