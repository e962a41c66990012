import {existsSync, readFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {parse, TomlError} from 'smol-toml';
import {localD1File} from '../engines/d1/local-file.ts';
import {defaultMigrationTable, wranglerMigrationTable} from '../engines/d1/wrangler-config.ts';
import type {EngineOptions, RemoteConnection} from '../engines/engine.ts';
import {parseTarget, type Target, targetName} from '../engines/parse-target.ts';
import {MigrError, restated} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {fileProblem} from '../text/file-problem.ts';
import {nearest} from '../text/nearest.ts';
import {keys} from './keys.ts';
import {tomlEntries} from './toml-entries.ts';

/** The settings in `migrate.toml`, with defaults filled in. All paths are absolute. */
export interface Config {
	/** The file the settings were read from. */
	readonly file: string;
	/** The path of the database file. For a database on a server, its name for messages: `d1 shop`. */
	readonly dbPath: string;
	/** The name of the database for messages, if its file name is not meaningful: `d1-local:shop`. */
	readonly dbName?: string;
	/** Set for a database on a server. */
	readonly remote?: RemoteConnection;
	readonly migrationsDir: string;
	/** The folder for new models. */
	readonly modelsDir: string;
	/** Where models are read from: files, folders, and patterns such as `src/db/*.ts`. */
	readonly models: readonly string[];
	/** Format of new migration files. */
	readonly format: FileFormat;
	/** Wrangler's migration table. Set for the format `wrangler`: it is the history of the project then. */
	readonly wranglerTable?: string;
	readonly backup: BackupPolicy;
	/** Defaults to a folder next to the database, so a backup can be restored with a rename. */
	readonly backupDir: string;
	/** Set if `migrate.toml` names the folder. */
	readonly hasOwnBackupDir?: true;
	/** Number of backups to keep. */
	readonly backupKeep: number;
	/** Names and patterns (`legacy_*`) of objects that lite-migr does not manage. */
	readonly ignore: readonly string[];
	/** Seconds to wait for a lock. */
	readonly wait: number;
	/** False if the migrations do not have to work on a new database. `check` then does not report that they fail on one. */
	readonly newDatabases: boolean;
	/** Opens database files. Default: better-sqlite3, or node:sqlite if better-sqlite3 is not installed or does not load. */
	readonly driver?: 'better-sqlite3' | 'node:sqlite';
	/** The casing that drizzle-orm 0 applies to columns without an explicit name. The models do not contain it. */
	readonly casing?: 'snake_case' | 'camelCase';
}

/** `wrangler`: guarded SQL for `wrangler d1 migrations apply`. */
export type FileFormat = 'ts' | 'sql' | 'wrangler';

/** `auto`: before anything destructive or a rewrite. */
export type BackupPolicy = 'auto' | 'always' | 'never';

export const configName = 'migrate.toml';

/** The values of a new `migrate.toml`. */
export interface InitialValues {
	readonly db?: string | undefined;
	readonly migrations?: string | undefined;
	readonly models?: string | readonly string[] | undefined;
	readonly casing?: Config['casing'] | undefined;
	readonly format?: FileFormat | undefined;
}

/** Returns the text of a new `migrate.toml`. */
export function initialConfig({db = './app.db', migrations = './migrations', models = './models', casing, format}: InitialValues = {}): string {
	const values = {
		db_path: db,
		migrations_dir: migrations,
		models_dir: models,
		...(format === undefined ? {} : {format}),
		...(casing === undefined ? {} : {casing}),
	};
	const lines = Object.entries(values).map(
		([key, value]) => `${key} = ${Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : literal(value)}\n`,
	);
	return `[migrate]\n${lines.join('')}`;
}

function literal(value: unknown): string {
	return JSON.stringify(value);
}

export interface ConfigOptions {
	/** Overrides `db_path`. */
	readonly db?: string | undefined;
	/** The folder that `db` is relative to. */
	readonly cwd?: string;
	/** Overrides `format`. */
	readonly format?: FileFormat | undefined;
	/** The environment variables, for the credentials of a database on a server. */
	readonly environment?: EngineOptions['environment'] | undefined;
}

/**
 * Reads a `migrate.toml`.
 *
 * @throws MigrError `config`, with file and line, if the file is unreadable or not TOML, has an unknown table or key, or a value of the wrong type
 */
export function loadConfig(file: string, options: ConfigOptions = {}): Config {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		throw new MigrError('config', `cannot read the configuration: ${fileProblem(error)}`, {location: {file}, cause: error});
	}
	return readConfig(text, file, options);
}

/**
 * Returns the configuration for another database of the same project, like `loadConfig` with `db`. For a file, nothing is read again.
 *
 * @param config a configuration for a database file
 * @throws MigrError `usage` for a value that names no database
 */
export function configFor(config: Config, db: string, options: ConfigOptions = {}): Config {
	const target = parseTarget(db, 'usage');
	if (target.kind !== 'file') return loadConfig(config.file, {...options, db});
	const dbPath = resolve(options.cwd ?? dirname(config.file), target.path);
	return {...config, dbPath, backupDir: config.hasOwnBackupDir === true ? config.backupDir : join(dirname(dbPath), 'backups')};
}

/** Reads the text of a `migrate.toml`, like `loadConfig`. Relative paths are relative to the folder of `file`, which is also named in errors. */
export function readConfig(text: string, file: string, options: ConfigOptions = {}): Config {
	const values = migrateTable(text, file);
	const directory = dirname(file);
	const at = (key: string, standard: string) => resolve(directory, (values[key] as string | undefined) ?? standard);
	const models = [(values.models_dir as string | readonly string[] | undefined) ?? './models'].flat().map((path) => resolve(directory, path));
	const {target, folder, ...database} = databaseOf(values.db_path as string | undefined, file, options);
	const migrationsDir = at('migrations_dir', './migrations');
	const format = formatOf((values.format as FileFormat | undefined) ?? 'ts', options.format);
	const wranglerTable = format === 'wrangler' ? wranglerTableOf(target, folder, migrationsDir, options.environment?.CLOUDFLARE_ENV) : undefined;
	return {
		file,
		...database,
		migrationsDir,
		modelsDir: folderForModels(models[0] ?? directory),
		models,
		format,
		...(wranglerTable === undefined ? {} : {wranglerTable}),
		backup: (values.backup as BackupPolicy | undefined) ?? 'auto',
		backupDir:
			values.backup_dir === undefined ? join(database.remote === undefined ? dirname(database.dbPath) : directory, 'backups') : at('backup_dir', ''),
		...(values.backup_dir === undefined ? {} : {hasOwnBackupDir: true}),
		backupKeep: (values.backup_keep as number | undefined) ?? 5,
		ignore: [...((values.ignore as readonly string[] | undefined) ?? []), ...(wranglerTable === undefined ? [] : [wranglerTable])],
		wait: (values.wait as number | undefined) ?? 10,
		newDatabases: (values.new_databases as boolean | undefined) ?? true,
		...(values.driver === undefined ? {} : {driver: values.driver as NonNullable<Config['driver']>}),
		...(values.casing === undefined ? {} : {casing: values.casing as 'snake_case' | 'camelCase'}),
	};
}

/** Reads `--db` or `db_path`. @throws MigrError `usage` or `config` for a value that names no database */
function databaseOf(stored: string | undefined, file: string, {db, cwd, environment = {}}: ConfigOptions): Located {
	const folder = db === undefined ? dirname(file) : (cwd ?? dirname(file));
	let target: Target;
	try {
		target = parseTarget(db ?? stored ?? './app.db', db === undefined ? 'config' : 'usage');
	} catch (error) {
		if (db !== undefined || !(error instanceof MigrError)) throw error;
		throw restated(error, {location: {file}});
	}
	const place = {target, folder};
	if (target.kind === 'file') return {...place, dbPath: resolve(folder, target.path)};
	if (target.kind === 'd1-local') {
		const dbPath = localD1File(target.database, folder, environment.CLOUDFLARE_ENV);
		return {...place, dbPath, dbName: `d1-local:${target.database}`};
	}
	return {...place, dbPath: targetName(target), remote: {target, options: {environment, folder}}};
}

/** @throws MigrError `usage` for a different format in a project of wrangler */
function formatOf(stored: FileFormat, given: FileFormat | undefined): FileFormat {
	if (given === undefined || given === stored) return stored;
	if (stored !== 'wrangler') return given;
	throw new MigrError('usage', `wrangler runs only its own files, so --format ${given} cannot be used in this project`, {
		hint: 'omit --format, or change format in migrate.toml',
	});
}

/** Returns wrangler's migration table. @throws MigrError `config` like `wranglerMigrationTable` */
function wranglerTableOf(target: Target, folder: string, migrationsDir: string, cloudflareEnv: string | undefined): string {
	if (target.kind !== 'd1' && target.kind !== 'd1-local') return defaultMigrationTable;
	return wranglerMigrationTable(target.database, folder, migrationsDir, cloudflareEnv);
}

/** The database, and where its name was read. */
interface Located extends Pick<Config, 'dbPath' | 'dbName' | 'remote'> {
	readonly target: Target;
	/** The folder that the name is relative to. */
	readonly folder: string;
}

/** Returns the path of `migrate.toml` in `folder` or in its nearest parent folder that has one. */
export function findConfig(folder: string): string | undefined {
	for (let place = resolve(folder); ; place = dirname(place)) {
		const file = join(place, configName);
		if (existsSync(file)) return file;
		if (dirname(place) === place) return undefined;
	}
}

function migrateTable(text: string, file: string): Readonly<Record<string, unknown>> {
	let root: Readonly<Record<string, unknown>>;
	try {
		root = parse(text);
	} catch (error) {
		if (!(error instanceof TomlError)) throw error;
		const message = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? '';
		throw new MigrError('config', `not valid TOML: ${message}`, {
			location: {file, line: error.line, column: error.column},
			...(/escape/i.test(message) ? {hint: aboutBackslashes} : {}),
			cause: error,
		});
	}
	for (const [name, value] of Object.entries(root)) {
		if (name !== 'migrate') throw isTable(value) ? unknownTable(text, file, name) : unknownKey(text, file, [name]);
	}
	const table = root.migrate;
	if (table === undefined)
		throw new MigrError('config', 'the [migrate] table is missing', {
			location: {file},
			hint: `start the file with [migrate] and the line db_path = "./app.db"`,
		});
	if (!isTable(table)) throw new MigrError('config', '[migrate] must be a table', {location: {file, ...lineOf(text, ['migrate'])}});
	for (const [name, value] of Object.entries(table)) {
		const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
		if (key === undefined) throw unknownKey(text, file, ['migrate', name]);
		if (!key.fits(value)) throw new MigrError('config', `${name} must be ${key.expected}`, {location: {file, ...lineOf(text, ['migrate', name])}});
		requirePlainPath(name, value, text, file);
	}
	return table;
}

const aboutBackslashes = `in double quotes, a backslash has a special meaning: write the path with / or in single quotes, such as 'data\\app.db'`;

/** Refuses a path such as `"data\\new.db"`, in which TOML reads a line break. */
function requirePlainPath(name: string, value: unknown, text: string, file: string): void {
	const isOdd = [value].flat().some((each) => typeof each === 'string' && /[\u0000-\u001f]/.test(each));
	if (!name.endsWith('_dir') && name !== 'db_path') return;
	if (isOdd)
		throw new MigrError('config', `${name} contains a control character`, {
			location: {file, ...lineOf(text, ['migrate', name])},
			hint: aboutBackslashes,
		});
}

function unknownTable(text: string, file: string, name: string): MigrError {
	return new MigrError('config', `unknown table [${clean(name)}]`, {
		location: {file, ...lineOf(text, [name])},
		hint: nearest(name, ['migrate']) === undefined ? 'move its keys to [migrate], the only table' : 'did you mean [migrate]?',
	});
}

function unknownKey(text: string, file: string, names: readonly string[]): MigrError {
	const name = names.at(-1) ?? '';
	const near = nearest(name, Object.keys(keys));
	const place = names.length === 1 ? ' in [migrate]' : '';
	return new MigrError('config', `unknown key ${clean(name)}`, {
		location: {file, ...lineOf(text, names)},
		hint: near === undefined ? `use one of the known keys: ${Object.keys(keys).join(', ')}` : `did you mean ${near}${place}?`,
	});
}

function lineOf(text: string, names: readonly string[]): {line?: number} {
	const entries = tomlEntries(text).filter(
		(candidate) => candidate.path.length >= names.length && names.every((name, index) => candidate.path[index] === name),
	);
	const entry = entries[0] ?? tomlEntries(text).find((candidate) => candidate.path.every((name, index) => name === names[index]));
	return entry === undefined ? {} : {line: entry.line};
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Returns the folder for new models: the path itself, or the part of a pattern before its first special character. */
function folderForModels(path: string): string {
	const special = path.search(/[*?[\]{}]/);
	return special === -1 ? path : dirname(`${path.slice(0, special)}x`);
}
