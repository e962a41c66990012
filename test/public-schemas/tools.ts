import {createHash} from 'node:crypto';
import {basename, dirname} from 'node:path';
import type {MigrationFolder, MigrationTool} from './project.ts';
import type {RepositoryFiles} from './repository.ts';

/** One migration of another tool: the name that the tool records, and what it runs. */
export interface ToolMigration {
	readonly name: string;
	readonly up: string;
	readonly hash: string;
	/** When drizzle-kit generated it. */
	readonly when: number;
}

/** Returns the migrations of a folder in the tool's order. Written without the importer of lite-migr, so that the two can be compared. */
export function upgradeScripts({tool, folder}: MigrationFolder, files: RepositoryFiles): readonly ToolMigration[] {
	const paths = files.list(folder).filter((path) => path.endsWith('.sql'));
	const read = (path: string, name: string, up = files.read(path), when = 0): ToolMigration => ({
		name,
		up,
		hash: createHash('sha256').update(files.read(path)).digest('hex'),
		when,
	});
	const plain = paths.filter((path) => dirname(path) === folder).toSorted();
	switch (tool) {
		case 'diesel':
		case 'prisma': {
			const file = tool === 'diesel' ? 'up.sql' : 'migration.sql';
			const own = paths.filter((path) => basename(path) === file && dirname(dirname(path)) === folder).toSorted();
			return own.map((path) => read(path, basename(dirname(path))));
		}
		case 'drizzle': {
			const journal = JSON.parse(files.read(`${folder}/meta/_journal.json`)) as {entries: readonly {tag: string; when: number}[]};
			return journal.entries.map(({tag, when}) => read(`${folder}/${tag}.sql`, tag, undefined, when));
		}
		case 'goose':
			return plain.map((path) => read(path, basename(path), half(files.read(path), '-- +goose Up', '-- +goose Down')));
		case 'dbmate':
			return plain.map((path) => read(path, basename(path), half(files.read(path), '-- migrate:up', '-- migrate:down')));
		case 'golang-migrate': {
			const ups = plain.filter((path) => /\.up\.+sql$/.test(path));
			return ups.toSorted((a, b) => number(a) - number(b)).map((path) => read(path, basename(path)));
		}
		case 'sqlx':
			return plain.filter((path) => !path.endsWith('.down.sql')).map((path) => read(path, basename(path)));
		case 'wrangler':
			return plain.map((path) => read(path, basename(path)));
	}
}

function half(text: string, start: string, end: string): string {
	const [, after = ''] = text.split(start);
	return after.split(end)[0] ?? '';
}

function number(path: string): number {
	return Number(/^\d+/.exec(basename(path))?.[0]);
}

/** Returns the statements that create a tool's own table, where these migrations are recorded as applied. */
export function toolTable(tool: MigrationTool, migrations: readonly ToolMigration[]): readonly string[] {
	const rows = (insert: string, values: (migration: ToolMigration, index: number) => string) =>
		migrations.map((migration, index) => `INSERT INTO ${insert} VALUES (${values(migration, index)})`);
	const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
	const version = (name: string) => text(/^\d+/.exec(name)?.[0] ?? name);
	switch (tool) {
		case 'diesel':
			return [
				'CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)',
				...rows('__diesel_schema_migrations (version)', ({name}) => text((name.split('_')[0] ?? name).replaceAll('-', ''))),
			];
		case 'prisma':
			return [
				'CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)',
				...rows(
					'_prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)',
					({name, hash}, index) => `'${index}', '${hash}', 1700000000000, ${text(name)}, 1`,
				),
			];
		case 'drizzle':
			return [
				'CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
				...rows('__drizzle_migrations (hash, created_at)', ({hash, when}) => `'${hash}', ${when}`),
			];
		case 'goose':
			return [
				"CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))",
				'INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)',
				...rows('goose_db_version (version_id, is_applied)', ({name}) => `${number(name)}, 1`),
			];
		case 'dbmate':
			return [
				'CREATE TABLE "schema_migrations" (version varchar(128) primary key)',
				...rows('schema_migrations (version)', ({name}) => version(name)),
			];
		case 'golang-migrate':
			return [
				'CREATE TABLE schema_migrations (version uint64, dirty bool)',
				'CREATE UNIQUE INDEX version_unique ON schema_migrations (version)',
				`INSERT INTO schema_migrations VALUES (${number(migrations.at(-1)?.name ?? '0')}, false)`,
			];
		case 'sqlx':
			return [
				'CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)',
				...rows(
					'_sqlx_migrations (version, description, success, checksum, execution_time)',
					({name, hash}) => `${number(name)}, ${text(name)}, true, x'${hash}', 1`,
				),
			];
		case 'wrangler':
			return [
				'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
				...rows('d1_migrations (name)', ({name}) => text(name)),
			];
	}
}

/** True if the tool does not run each migration in its own transaction, which the migration may end and begin again. */
export function isUnwrapped({tool, transactions}: MigrationFolder): boolean {
	return tool === 'prisma' || transactions === 'own';
}
