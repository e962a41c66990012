import {existsSync, readdirSync, readFileSync, realpathSync} from 'node:fs';
import {basename, dirname, join, posix, resolve} from 'node:path';
import {parse} from 'smol-toml';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {fileProblem} from '../../text/file-problem.ts';
import {parseJsonc} from '../../text/jsonc.ts';
import {nearest} from '../../text/nearest.ts';
import {thrownText} from '../../text/thrown.ts';

/** A D1 database in the configuration of wrangler. */
export interface WranglerDatabase {
	/** The configuration file. */
	readonly file: string;
	readonly binding: string;
	readonly databaseName?: string;
	readonly databaseId?: string;
	readonly previewDatabaseId?: string;
	readonly accountId?: string;
	/** The folder with the migrations, relative to the file. Absent for `migrations`. */
	readonly migrationsDir?: string;
	/** Which files are migrations. Absent for all `.sql` files of the folder. */
	readonly migrationsPattern?: string;
	/** The table with the applied migrations. Absent for `d1_migrations`. */
	readonly migrationsTable?: string;
}

/** In the order of wrangler's search. */
const fileNames = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml'];

/** Returns the configuration of wrangler in `folder` or in its nearest parent folder that has one. */
export function findWranglerConfig(folder: string): string | undefined {
	for (let place = resolve(folder); ; place = dirname(place)) {
		const file = fileNames.map((name) => join(place, name)).find((path) => existsSync(path));
		if (file !== undefined || dirname(place) === place) return file;
	}
}

/** A D1 database of a project that has no `migrate.toml` yet. */
export interface FoundD1 {
	/** `database_name`, or the binding. */
	readonly name: string;
	readonly binding: string | undefined;
	/** The name of wrangler's configuration file. */
	readonly file: string;
	/** Wrangler's folder of migrations: `./migrations`. */
	readonly migrations: string;
	/** True if that folder has migrations, so wrangler applies them. */
	readonly hasMigrations: boolean;
}

/** Returns the D1 databases in wrangler's configuration in a folder. Empty if there is none, or if it cannot be read. */
export function d1DatabasesIn(folder: string): readonly FoundD1[] {
	const file = fileNames.map((name) => join(folder, name)).find((path) => existsSync(path));
	if (file === undefined) return [];
	let databases: readonly Section[];
	try {
		databases = databasesOf(readConfig(file));
	} catch (error) {
		if (error instanceof MigrError) return [];
		throw error;
	}
	return databases.flatMap((database) => {
		const [name, binding, named] = [database.database_name, database.binding, database.migrations_dir].map(textOf);
		const migrations = shownFolder(named ?? 'migrations');
		const used = name ?? binding;
		return used === undefined
			? []
			: [{name: used, binding, file: basename(file), migrations, hasMigrations: hasSqlFiles(resolve(folder, migrations))}];
	});
}

/** Returns a folder as `migrate.toml` names it: `./migrations`, `../migrations`, or an absolute path. */
function shownFolder(path: string): string {
	const folder = posix.normalize(path).replace(/(?<=.)\/$/, '');
	return /^(?:\/|\.\.?(?:\/|$))/.test(folder) ? folder : `./${folder}`;
}

function hasSqlFiles(folder: string): boolean {
	try {
		return readdirSync(folder).some((name) => name.endsWith('.sql'));
	} catch {
		return false;
	}
}

/**
 * Finds a D1 database by its name, binding or id.
 *
 * @param cloudflareEnv the environment of wrangler (`CLOUDFLARE_ENV`), whose databases replace those at the top level
 * @throws MigrError `config` if there is no configuration, it cannot be read, or the database is not in it exactly once
 */
export function wranglerDatabase(name: string, folder: string, cloudflareEnv?: string): WranglerDatabase {
	const file = findWranglerConfig(folder);
	if (file === undefined) {
		throw new MigrError('config', `no configuration of wrangler found for d1:${clean(name)}`, {
			hint: `create wrangler.jsonc, or run lite-migr in a folder below it`,
		});
	}
	const config = readConfig(file);
	const section = cloudflareEnv === undefined || cloudflareEnv === '' ? config : recordOf(recordOf(config.env)[cloudflareEnv]);
	const databases = databasesOf(section);
	const ids = ['database_name', 'binding', 'database_id', 'preview_database_id'];
	const found = databases.filter((database) => ids.some((key) => database[key] === name));
	const [only] = found;
	if (only === undefined) throw missing(name, file, databases, config);
	if (found.length > 1) {
		throw new MigrError('config', `${clean(name)} is the name of ${found.length} D1 databases`, {
			location: {file},
			hint: 'use the binding or the database_id instead',
		});
	}
	const known = {
		databaseName: textOf(only.database_name),
		databaseId: textOf(only.database_id),
		previewDatabaseId: textOf(only.preview_database_id),
		accountId: textOf(section.account_id) ?? textOf(config.account_id),
		migrationsDir: textOf(only.migrations_dir),
		migrationsPattern: textOf(only.migrations_pattern),
		migrationsTable: textOf(only.migrations_table),
	};
	return {
		file,
		binding: textOf(only.binding) ?? name,
		...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
	};
}

/** Wrangler's migration table, unless its configuration names another one. */
export const defaultMigrationTable = 'd1_migrations';

/**
 * Returns wrangler's migration table.
 *
 * @param migrationsDir the folder that lite-migr uses
 * @throws MigrError `config` if wrangler reads migrations from a different folder, or different files of it, and like `wranglerDatabase`
 */
export function wranglerMigrationTable(name: string, folder: string, migrationsDir: string, cloudflareEnv?: string): string {
	const database = wranglerDatabase(name, folder, cloudflareEnv);
	const {file, migrationsDir: named = 'migrations', migrationsPattern, migrationsTable = defaultMigrationTable} = database;
	const theirs = resolve(dirname(file), named);
	if (!isSameFolder(theirs, migrationsDir)) {
		throw new MigrError('config', `wrangler reads migrations from ${clean(theirs)}, but migrations_dir is ${clean(migrationsDir)}`, {
			location: {file},
			hint: 'set migrations_dir in migrate.toml to the folder of wrangler',
		});
	}
	if (migrationsPattern !== undefined && posix.normalize(migrationsPattern) !== posix.normalize(`${named}/*.sql`)) {
		throw new MigrError('config', `lite-migr does not support migrations_pattern: ${clean(migrationsPattern)}`, {
			location: {file},
			hint: 'remove it: lite-migr writes .sql files directly in migrations_dir',
		});
	}
	return migrationsTable;
}

function isSameFolder(one: string, other: string): boolean {
	return one === other || (existsSync(one) && existsSync(other) && realpathSync(one) === realpathSync(other));
}

type Section = Readonly<Record<string, unknown>>;

function textOf(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

function readConfig(file: string): Section {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		throw new MigrError('config', `cannot read the configuration of wrangler: ${fileProblem(error)}`, {location: {file}, cause: error});
	}
	try {
		return recordOf(file.endsWith('.toml') ? parse(text) : parseJsonc(text));
	} catch (error) {
		throw new MigrError('config', `cannot read the configuration of wrangler: ${clean(thrownText(error).split('\n')[0] ?? '')}`, {
			location: {file},
			cause: error,
		});
	}
}

function recordOf(value: unknown): Section {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {};
}

function databasesOf({d1_databases: databases}: Section): readonly Section[] {
	return Array.isArray(databases) ? databases.map(recordOf) : [];
}

function missing(name: string, file: string, databases: readonly Section[], config: Section): MigrError {
	const environment = Object.entries(recordOf(config.env)).find(([, section]) =>
		databasesOf(recordOf(section)).some((database) => database.database_name === name || database.binding === name),
	)?.[0];
	const names = databases.flatMap(({database_name: databaseName, binding}) => [databaseName, binding].filter((text) => typeof text === 'string'));
	const close = nearest(name, names);
	const hint =
		environment !== undefined
			? `it is in the environment ${environment}: set CLOUDFLARE_ENV=${environment}`
			: close !== undefined
				? `did you mean ${close}?`
				: names.length === 0
					? 'the file has no d1_databases'
					: `it has ${names.join(', ')}`;
	return new MigrError('config', `no D1 database ${clean(name)}`, {location: {file}, hint: clean(hint)});
}
