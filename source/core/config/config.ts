import {existsSync, readFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {parse, TomlError} from 'smol-toml';
import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {fileProblem} from '../text/file-problem.ts';
import {nearest} from '../text/nearest.ts';
import {tomlEntries} from './toml-entries.ts';

/** What `migrate.toml` says, with defaults in place; all paths are absolute. */
export interface Config {
	/** The file that it was read from. */
	readonly file: string;
	readonly dbPath: string;
	readonly migrationsDir: string;
	readonly modelsDir: string;
	/** Of new migration files. */
	readonly format: 'ts' | 'sql';
	readonly backup: BackupPolicy;
	/** Beside the database unless the file says otherwise, so that a backup can be put back by a rename. */
	readonly backupDir: string;
	/** How many backups stay. */
	readonly backupKeep: number;
	/** Names and patterns (`legacy_*`) of objects that are not ours. */
	readonly ignore: readonly string[];
	/** Seconds to wait for a lock. */
	readonly wait: number;
	/** False if the migrations need not build a new database: `check` then accepts that they cannot. */
	readonly newDatabases: boolean;
	/** The case that drizzle-orm 0 is told to give to columns without a name of their own; it is not in the models. */
	readonly casing?: 'snake_case' | 'camelCase';
}

/** `auto`: before anything destructive or a rewrite. */
export type BackupPolicy = 'auto' | 'always' | 'never';

export const configName = 'migrate.toml';

interface Key {
	/** What a value must be, in words. */
	readonly wanted: string;
	readonly fits: (value: unknown) => boolean;
}

const path: Key = {wanted: 'a path in quotes', fits: (value) => typeof value === 'string' && value !== '' && !value.includes('\0')};

const keys: Readonly<Record<string, Key>> = {
	db_path: path,
	migrations_dir: path,
	models_dir: path,
	format: oneOf('ts', 'sql'),
	backup: oneOf('auto', 'always', 'never'),
	backup_dir: path,
	casing: oneOf('snake_case', 'camelCase'),
	backup_keep: {wanted: 'a whole number from 1', fits: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1},
	ignore: {
		wanted: 'a list of names, such as ["legacy_*"]',
		fits: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== ''),
	},
	new_databases: {wanted: 'true or false', fits: (value) => typeof value === 'boolean'},
	wait: {wanted: 'a number of seconds', fits: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0},
};

/** The text of a new `migrate.toml`. */
export function initialConfig(paths: {readonly db?: string; readonly migrations?: string; readonly models?: string} = {}): string {
	const {db = './app.db', migrations = './migrations', models = './models'} = paths;
	return `[migrate]\ndb_path = ${JSON.stringify(db)}\nmigrations_dir = ${JSON.stringify(migrations)}\nmodels_dir = ${JSON.stringify(models)}\n`;
}

export interface ConfigOptions {
	/** Takes the place of `db_path`. */
	readonly db?: string | undefined;
	/** What `db` is relative to. */
	readonly cwd?: string;
}

/**
 * Reads a `migrate.toml`.
 *
 * @throws MigrError `config` with file and line: unreadable, not TOML, an unknown table or key (with the nearest known one), a wrong type
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

/** As `loadConfig`, from text; `file` says what relative paths are relative to, and names the text in errors. */
export function readConfig(text: string, file: string, options: ConfigOptions = {}): Config {
	const values = migrateTable(text, file);
	const directory = dirname(file);
	const at = (key: string, standard: string) => resolve(directory, (values[key] as string | undefined) ?? standard);
	const dbPath = options.db === undefined ? at('db_path', './app.db') : resolve(options.cwd ?? directory, options.db);
	return {
		file,
		dbPath,
		migrationsDir: at('migrations_dir', './migrations'),
		modelsDir: at('models_dir', './models'),
		format: (values.format as 'ts' | 'sql' | undefined) ?? 'ts',
		backup: (values.backup as BackupPolicy | undefined) ?? 'auto',
		backupDir: values.backup_dir === undefined ? join(dirname(dbPath), 'backups') : at('backup_dir', ''),
		backupKeep: (values.backup_keep as number | undefined) ?? 5,
		ignore: (values.ignore as readonly string[] | undefined) ?? [],
		wait: (values.wait as number | undefined) ?? 10,
		newDatabases: (values.new_databases as boolean | undefined) ?? true,
		...(values.casing === undefined ? {} : {casing: values.casing as 'snake_case' | 'camelCase'}),
	};
}

/** Where `migrate.toml` lies in a folder or the nearest of its parents that has one. */
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
		throw new MigrError('config', `not valid TOML: ${message}`, {location: {file, line: error.line, column: error.column}, cause: error});
	}
	for (const [name, value] of Object.entries(root)) {
		if (name !== 'migrate') throw isTable(value) ? unknownTable(text, file, name) : unknownKey(text, file, [name]);
	}
	const table = root.migrate;
	if (table === undefined)
		throw new MigrError('config', 'there is no [migrate] table', {
			location: {file},
			hint: `it starts with [migrate] and the line db_path = "./app.db"`,
		});
	if (!isTable(table)) throw new MigrError('config', '[migrate] must be a table', {location: {file, ...lineOf(text, ['migrate'])}});
	for (const [name, value] of Object.entries(table)) {
		const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
		if (key === undefined) throw unknownKey(text, file, ['migrate', name]);
		if (!key.fits(value)) throw new MigrError('config', `${name} must be ${key.wanted}`, {location: {file, ...lineOf(text, ['migrate', name])}});
	}
	return table;
}

function unknownTable(text: string, file: string, name: string): MigrError {
	return new MigrError('config', `unknown table [${clean(name)}]`, {
		location: {file, ...lineOf(text, [name])},
		hint: nearest(name, ['migrate']) === undefined ? 'the only table is [migrate]' : 'did you mean [migrate]?',
	});
}

function unknownKey(text: string, file: string, names: readonly string[]): MigrError {
	const name = names.at(-1) ?? '';
	const near = nearest(name, Object.keys(keys));
	const place = names.length === 1 ? ' in [migrate]' : '';
	return new MigrError('config', `unknown key ${clean(name)}`, {
		location: {file, ...lineOf(text, names)},
		hint: near === undefined ? `known in [migrate]: ${Object.keys(keys).join(', ')}` : `did you mean ${near}${place}?`,
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

function oneOf(...choices: readonly string[]): Key {
	const names = choices.map((choice) => `"${choice}"`);
	return {wanted: `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`, fits: (value) => choices.includes(value as string)};
}
