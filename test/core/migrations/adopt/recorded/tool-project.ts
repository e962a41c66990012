import {execFileSync} from 'node:child_process';
import {symlinkSync} from 'node:fs';
import {join} from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import knexPackage, {type Knex} from 'knex';
import {openDatabase} from '../../../../../source/core/sqlite/open.ts';
import {type ProjectFolder, projectFolder, toml} from '../../../../project-folder.ts';
import {kyselyIn} from './kysely-in.ts';

const repository = join(import.meta.dirname, '../../../../..');

/** A project of Knex or Kysely in a temporary folder, with its migrations in `theirs/`. The tools are those of this repository. */
export function toolProject(
	files: Readonly<Record<string, string>>,
	dependencies: Readonly<Record<string, string>> = {'better-sqlite3': '*'},
): ProjectFolder {
	const project = projectFolder({'migrate.toml': toml, 'package.json': JSON.stringify({private: true, dependencies})});
	for (const [name, text] of Object.entries(files)) project.write(/^\d/.test(name) ? `theirs/${name}` : name, text);
	symlinkSync(join(repository, 'node_modules'), project.at('node_modules'));
	return project;
}

/** Foreign keys are off, as in lite-migr: with foreign keys on, a rebuild by Knex deletes the rows that refer to the table. */
export async function withKnex<T>(
	project: ProjectFolder,
	work: (knex: Knex) => Promise<T>,
	{file = 'app.db', foreignKeys = false, ...migrations}: KnexOptions = {},
): Promise<T> {
	const knex = knexPackage({
		client: 'better-sqlite3',
		connection: {filename: project.at(file)},
		useNullAsDefault: true,
		pool: {
			afterCreate: (db: BetterSqlite3.Database, done: (error: unknown, db: unknown) => void) =>
				done(db.pragma(`foreign_keys = ${foreignKeys ? 'ON' : 'OFF'}`) && undefined, db),
		},
		migrations: {directory: project.at('theirs'), ...migrations},
	});
	try {
		return await work(knex);
	} finally {
		await knex.destroy();
	}
}

interface KnexOptions extends Knex.MigratorConfig {
	readonly file?: string;
	readonly foreignKeys?: boolean;
}

/** Applies the migrations up to this one, or all, with Kysely. */
export async function migrateKysely(project: ProjectFolder, to?: string, file = 'app.db'): Promise<void> {
	await kyselyIn(project.at('theirs'), project.at(file), to);
}

/** The same in a separate process. In a worker of Vitest, Node.js 22 cannot load a CommonJS file that requires a package of ES modules. */
export function migrateKyselyAlone(project: ProjectFolder): void {
	execFileSync(process.execPath, ['--no-warnings', join(import.meta.dirname, 'kysely-in.ts'), project.at('theirs'), project.at('app.db')]);
}

/** Returns the definitions and rows of a database, except for the tables of the tools. Times that SQLite inserts are the same in each. */
export function contentOf(project: ProjectFolder, file = 'app.db'): Readonly<Record<string, readonly string[]>> {
	const db = openDatabase(project.at(file), {readonly: true});
	try {
		const objects = db.all(
			"SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT GLOB 'k[ny]*migration*' AND tbl_name NOT GLOB '_lite_migr*' AND name NOT GLOB 'sqlite_*'",
		);
		const tables = objects.filter(({type}) => type === 'table').map(({name}) => String(name));
		const rows = tables.map((table): [string, readonly string[]] => {
			const columns = db.tuples('SELECT name FROM pragma_table_xinfo(?)', table).map(([name]) => `quote("${name}")`);
			const lines = db
				.tuples(`SELECT ${columns.join(` || ', ' || `)} FROM "${table}"`)
				.map(([row]) => String(row).replace(/'20\d\d-\d\d-\d\d \d\d:\d\d:\d\d'/g, "'<time>'"));
			return [table, lines.toSorted()];
		});
		return {schema: objects.map(({type, name, sql}) => `${type} ${name}: ${sql}`).toSorted(), ...Object.fromEntries(rows)};
	} finally {
		db.close();
	}
}
