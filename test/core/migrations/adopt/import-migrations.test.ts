import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {importMigrations} from '../../../../source/core/migrations/adopt/import/import-migrations.ts';
import {loadMigrations, migrationsIn} from '../../../../source/core/migrations/files/source.ts';
import {readApplied} from '../../../../source/core/migrations/history/history.ts';
import {projectState} from '../../../../source/core/migrations/history/state.ts';
import {replayFromNothing} from '../../../../source/core/migrations/replay/replay.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'lite-migr-import-'));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

function project(sql: string, files: Readonly<Record<string, string>>) {
	const db = openDatabase(join(folder, 'app.db'), {create: true});
	db.exec(sql);
	db.close();
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, 'theirs', name)), {recursive: true});
		writeFileSync(join(folder, 'theirs', name), text);
	}
	return {dbPath: join(folder, 'app.db'), migrationsDir: join(folder, 'migrations'), from: join(folder, 'theirs'), wait: 1, toolVersion: '1.0.0'};
}

function stateNow() {
	const db = openDatabase(join(folder, 'app.db'), {readonly: true});
	const state = projectState(migrationsIn(join(folder, 'migrations')), db);
	db.close();
	return {applied: state.applied.map(({name}) => name), pending: state.pending.map(({file}) => file.name), edited: state.edited};
}

const tables = 'CREATE TABLE user (id INTEGER PRIMARY KEY);\n';

describe('importing the migrations of', () => {
	test('drizzle-kit uses its journal and the times in its table', async () => {
		const request = project(
			`CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text, created_at numeric); INSERT INTO __drizzle_migrations VALUES (1, 'x', 1700000000000); ${tables}`,
			{
				'meta/_journal.json': JSON.stringify({
					entries: [
						{idx: 0, tag: '0000_start', when: 1700000000000},
						{idx: 1, tag: '0001_more', when: 1700000000001},
					],
				}),
				'0000_start.sql': 'CREATE TABLE `user` (\n\t`id` integer PRIMARY KEY\n);\n--> statement-breakpoint\nCREATE TABLE `post` (`id` integer);',
				'0001_more.sql': 'ALTER TABLE `user` ADD `name` text;',
			},
		);
		expect(await importMigrations(request)).toMatchObject({tool: 'Drizzle', applied: ['0000_start'], pending: ['0001_more']});
		expect(stateNow()).toEqual({applied: ['0000_start'], pending: ['0001_more'], edited: []});
		const {schema} = await replayFromNothing(await loadMigrations(migrationsIn(request.migrationsDir)));
		expect(schema.tables.map(({name, columns}) => [name, columns.length])).toEqual([
			['user', 2],
			['post', 1],
		]);
	});

	test('drizzle-kit, applied by wrangler, uses the names in the table of wrangler', async () => {
		const request = project(
			`CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL); INSERT INTO d1_migrations (name) VALUES ('0000_start.sql'); ${tables}`,
			{
				'meta/_journal.json': JSON.stringify({
					entries: [0, 1].map((when) => ({idx: when, tag: `000${when}_${when === 0 ? 'start' : 'more'}`, when})),
				}),
				'0000_start.sql': tables,
				'0001_more.sql': 'ALTER TABLE `user` ADD `name` text;',
			},
		);
		expect(await importMigrations(request)).toMatchObject({tool: 'Drizzle', applied: ['0000_start'], pending: ['0001_more']});
	});

	test('Prisma uses its lock file, and skips migrations that failed or were rolled back', async () => {
		const request = project(
			`CREATE TABLE "_prisma_migrations" (id TEXT PRIMARY KEY NOT NULL, checksum TEXT NOT NULL, finished_at DATETIME, migration_name TEXT NOT NULL, logs TEXT, rolled_back_at DATETIME, started_at DATETIME NOT NULL DEFAULT current_timestamp, applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0);
			INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, rolled_back_at) VALUES ('1', 'x', 1700000000000, '20260101000000_init', NULL), ('2', 'x', NULL, '20260102000000_more', 1700000000001); ${tables}`,
			{
				'migrations/migration_lock.toml': 'provider = "sqlite"\n',
				'migrations/20260101000000_init/migration.sql':
					'-- CreateTable\nCREATE TABLE "user" (\n    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT\n);\n',
				'migrations/20260102000000_more/migration.sql': '-- AlterTable\nALTER TABLE "user" ADD COLUMN "name" TEXT;\n',
			},
		);
		expect(await importMigrations(request)).toMatchObject({tool: 'Prisma', applied: ['20260101000000_init'], pending: ['20260102000000_more']});
	});

	test('Diesel uses its folders with up.sql and down.sql, and the digits of their names', async () => {
		const request = project(
			`CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); INSERT INTO __diesel_schema_migrations (version) VALUES ('20260101000000'); ${tables}`,
			{
				'2026-01-01-000000_create_user/up.sql': tables,
				'2026-01-01-000000_create_user/down.sql': 'DROP TABLE user;\n',
				'2026-01-02-000000_add_name/up.sql': 'ALTER TABLE user ADD COLUMN name TEXT;\n',
				'2026-01-02-000000_add_name/down.sql': 'ALTER TABLE user DROP COLUMN name;\n',
			},
		);
		expect(await importMigrations(request)).toMatchObject({
			tool: 'Diesel',
			applied: ['20260101000000_create_user'],
			pending: ['20260102000000_add_name'],
		});
		expect(readFileSync(join(request.migrationsDir, '20260102000000_add_name.sql'), 'utf8')).toContain(
			'-- downgrade\nALTER TABLE user DROP COLUMN name;',
		);
	});

	test('Diesel compares versions as text, which the names of the imported files keep', async () => {
		const migration = (name: string) => ({[`${name}/up.sql`]: `CREATE TABLE "${name}" (x);`});
		const request = project('CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL)', {
			...migration('2024-03-06-170000_first'),
			...migration('2024-03-13_170000_second'),
			...migration('2024-06-05-131359_third'),
		});
		expect(await importMigrations(request)).toMatchObject({pending: ['20240306170000_first', '20240313_170000_second', '20240605131359_third']});
	});

	test('Diesel compares versions as text, even if only a position can keep the order', async () => {
		const migration = (name: string) => ({[`${name}/up.sql`]: `CREATE TABLE "${name}" (x);`});
		const request = project('CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL)', {
			...migration('10_a'),
			...migration('10-1_b'),
			...migration('9_c'),
		});
		const {pending} = await importMigrations(request);
		expect(pending.map((name) => name.slice(-1))).toEqual(['a', 'b', 'c']);
		expect(pending).toEqual(pending.toSorted());
	});

	test.each([
		['plain files', {'20260101000000_init.sql': tables, '20260102000000_more.sql': 'ALTER TABLE user ADD COLUMN name TEXT;'}],
		[
			'files in two directions',
			{
				'20260101000000_init.up.sql': tables,
				'20260101000000_init.down.sql': 'DROP TABLE user;',
				'20260102000000_more.up.sql': 'ALTER TABLE user ADD COLUMN name TEXT;',
				'20260102000000_more.down.sql': 'ALTER TABLE user DROP COLUMN name;',
			},
		],
	])('sqlx uses its table with %s', async (_, files) => {
		const request = project(
			`CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL); INSERT INTO _sqlx_migrations VALUES (20260101000000, 'init', '', TRUE, x'00', 1); ${tables}`,
			files,
		);
		expect(await importMigrations(request)).toMatchObject({tool: 'sqlx', applied: ['20260101000000_init'], pending: ['20260102000000_more']});
	});

	test.each([
		[
			'MikroORM',
			'Migration20260101000000.ts',
			"import {Migration} from '@mikro-orm/migrations';\nexport class Migration20260101000000 extends Migration { async up() { const knex = this.getKnex(); } }",
		],
		['Sequelize', '20260101000000-init.js', "module.exports = {async up(queryInterface) { await queryInterface.createTable('a', {}); }};"],
		['TypeORM', '1700000000000-init.ts', 'export class Init1700000000000 implements MigrationInterface { public async up(runner) {} }'],
		['Django', '0001_initial.py', 'class Migration(migrations.Migration):\n    operations = []\n'],
		['Rails', '20260101000000_init.rb', 'class Init < ActiveRecord::Migration[8.0]\n  def change\n  end\nend\n'],
	])('%s is refused, because its migrations are code, and the error says how to adopt the database', async (_, name, text) => {
		await expect(importMigrations(project(tables, {[name]: text}))).rejects.toMatchObject({
			code: 'usage',
			message: expect.stringContaining('are code, which only their own tool can run'),
			hint: expect.stringContaining('lite-migr baseline <name>'),
		});
		expect(stateNow()).toEqual({applied: [], pending: [], edited: []});
	});

	test('drizzle-kit 1.0 reads one folder per migration', async () => {
		const request = project(
			`CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text, created_at numeric, name text); INSERT INTO __drizzle_migrations VALUES (1, 'x', 0, '20260101000000_start')`,
			{
				'20260101000000_start/migration.sql': 'CREATE TABLE a (x);',
				'20260102000000_more/migration.sql': 'CREATE TABLE b (x);',
			},
		);
		expect(await importMigrations(request)).toMatchObject({applied: ['20260101000000_start'], pending: ['20260102000000_more']});
	});

	test('goose keeps downgrades and triggers, and uses the last state of each version', async () => {
		const request = project(
			`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1), (2, 0)`,
			{
				'00001_start.sql':
					'-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE a (x); CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = CASE WHEN 1 THEN 2 END; END;\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE a;\n',
				'00002_more.sql': '-- +goose Up\nCREATE TABLE b (x);\n',
			},
		);
		expect(await importMigrations(request)).toMatchObject({tool: 'goose', applied: ['00001_start'], pending: ['00002_more']});
		const [first, second] = await loadMigrations(migrationsIn(request.migrationsDir));
		expect(first?.upgrade.length).toBe(2);
		expect(first?.downgrade?.length).toBe(1);
		expect(second?.downgrade).toBeUndefined();
	});

	test('dbmate uses the versions in its table', async () => {
		const request = project(
			`CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('20260101000000')`,
			{
				'20260101000000_start.sql': '-- migrate:up\nCREATE TABLE a (x);\n-- migrate:down\nDROP TABLE a;\n',
				'20260102000000_more.sql': '-- migrate:up\nCREATE TABLE b (x);\n-- migrate:down\n',
			},
		);
		expect(await importMigrations(request)).toMatchObject({tool: 'dbmate', applied: ['20260101000000_start'], pending: ['20260102000000_more']});
	});

	test('golang-migrate uses the newest version in its table, and the order of the numbers', async () => {
		const request = project('CREATE TABLE schema_migrations (version uint64, dirty bool); INSERT INTO schema_migrations VALUES (2, false)', {
			'1_start.up.sql': 'CREATE TABLE a (x);',
			'1_start.down.sql': 'DROP TABLE a;',
			'2_more.up.sql': 'CREATE TABLE b (x);',
			'10_last.up.sql': 'CREATE TABLE c (x);',
			'11_two_dots.up..sql': 'CREATE TABLE d (x);',
			'11_two_dots.down..sql': 'DROP TABLE d;',
		});
		expect(await importMigrations(request)).toMatchObject({
			tool: 'golang-migrate',
			applied: ['0001_start', '0002_more'],
			pending: ['0010_last', '0011_two_dots'],
		});
		expect(readdirSync(request.migrationsDir)).toEqual(['0001_start.sql', '0002_more.sql', '0010_last.sql', '0011_two_dots.sql']);
		expect(readFileSync(join(request.migrationsDir, '0011_two_dots.sql'), 'utf8')).toContain('-- downgrade\nDROP TABLE d;');
	});

	test('golang-migrate is refused while its newest migration is marked as failed', async () => {
		const request = project('CREATE TABLE schema_migrations (version uint64, dirty bool); INSERT INTO schema_migrations VALUES (1, true)', {
			'1_start.up.sql': 'CREATE TABLE a (x);',
		});
		await expect(importMigrations(request)).rejects.toMatchObject({code: 'history', message: expect.stringContaining('version 1 as dirty')});
		expect(existsSync(request.migrationsDir)).toBe(false);
	});

	test('wrangler uses the names in its table', async () => {
		const request = project(
			`CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT, applied_at TEXT); INSERT INTO d1_migrations (name) VALUES ('0001_start.sql')`,
			{
				'0001_start.sql': '-- Migration number: 0001\nCREATE TABLE a (x);',
				'0002_more.sql': 'CREATE TABLE b (x);',
			},
		);
		expect(await importMigrations(request)).toMatchObject({tool: 'wrangler (D1)', applied: ['0001_start'], pending: ['0002_more']});
		expect(readFileSync(join(request.migrationsDir, '0001_start.sql'), 'utf8')).toMatch(
			/^-- 0001_start, imported from wrangler \(D1\) \(\.\.\/[\w/.-]+\)\n/,
		);
	});

	test('another tool runs nothing, and does not change the files of the tool', async () => {
		const request = project('CREATE TABLE keep (x); INSERT INTO keep VALUES (1)', {'0001_start.sql': 'DROP TABLE keep;'});
		await importMigrations(request);
		const db = openDatabase(request.dbPath, {readonly: true});
		expect(db.value('SELECT x FROM keep')).toBe(1);
		expect(readApplied(db)).toEqual([]);
		db.close();
		expect(readdirSync(request.from)).toEqual(['0001_start.sql']);
	});

	test('another tool is rejected for an unknown folder, migrations_dir itself, and a project that already has migrations', async () => {
		const request = project(tables, {'notes.txt': 'x'});
		await expect(importMigrations(request)).rejects.toThrow(/no migrations of a supported tool/);
		await expect(importMigrations({...request, from: join(folder, 'nowhere')})).rejects.toThrow(/no folder/);
		mkdirSync(request.migrationsDir);
		await expect(importMigrations({...request, from: request.migrationsDir})).rejects.toThrow(/migrations_dir itself/);
		writeFileSync(join(request.migrationsDir, '20260101_000000_a.sql'), 'CREATE TABLE a (x);');
		await expect(importMigrations(request)).rejects.toThrow(/already has migrations/);
	});

	test('another tool can be repeated after an interrupted import, which has written files and marked none as applied', async () => {
		const request = project(tables, {'0001_start.sql': 'CREATE TABLE a (x);', '0002_more.sql': 'CREATE TABLE b (x);'});
		mkdirSync(request.migrationsDir);
		writeFileSync(join(request.migrationsDir, '0001_start.sql'), '-- 0001_start, imported from wrangler (D1) (../theirs)\n');
		await expect(importMigrations(request)).rejects.toMatchObject({hint: expect.stringContaining('if an earlier import was interrupted')});
		rmSync(join(request.migrationsDir, '0001_start.sql'));
		expect((await importMigrations(request)).written).toHaveLength(2);
		await expect(importMigrations(request)).rejects.toThrow(/already has migrations/);
	});
});
