import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, onTestFinished} from 'vitest';
import type {Database, Row} from '../source/core/sqlite/database.ts';
import {openDatabase} from '../source/core/sqlite/open.ts';
import {builtLite, type Finished, type RunOptions} from './cli/built-bin.ts';
import {lite} from './cli/lite.ts';

/** A project in a temporary folder, with the paths of `toml`. */
export interface ProjectFolder {
	readonly path: string;
	/** The database, app.db. It is created when it is first opened. */
	readonly file: string;
	readonly migrationsDir: string;
	/** Returns the path of a file in the folder. */
	at(name: string): string;

	write(file: string, text: string): void;
	read(file: string): string;
	remove(file: string): void;
	files(folder: string): readonly string[];
	/**
	 * Writes a migration and returns its path. `upgrade` and `downgrade` are the bodies of its functions, or, for a name that ends in `.sql`, the
	 * whole file.
	 */
	migration(name: string, upgrade: string, downgrade?: string, rest?: string): string;
	removeMigration(name: string): void;

	open(): Database;
	/** Runs a function on the database, and closes it again. */
	database<T>(work: (db: Database) => T): T;
	/** Runs SQL as another program would, with foreign keys on. */
	exec(sql: string): void;
	all(sql: string): readonly Row[];
	value(sql: string): unknown;
	/** Returns these columns of all rows, sorted, each value with its type. */
	rows(table: string, columns: string): readonly string[];

	/** Runs a command in the folder, in this process. */
	lite(...argv: readonly string[]): Promise<Finished>;
	/** Runs the built command in the folder, in its own process. */
	builtLite(...argv: readonly string[]): Promise<Finished>;
	builtLiteWith(options: RunOptions, ...argv: readonly string[]): Promise<Finished>;
}

export const toml = '[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\n';

/** Creates a project for the current test, and removes it after the test. */
export function projectFolder(files: Readonly<Record<string, string>> = {}): ProjectFolder {
	const path = newFolder();
	onTestFinished(() => removeFolder(path));
	const project = projectIn(() => path);
	for (const [file, text] of Object.entries(files)) project.write(file, text);
	return project;
}

/** Creates a new, empty project for each test of a file. Its properties can be read only in a test. */
export function projectForEachTest(): ProjectFolder {
	let path = '';
	beforeEach(() => {
		path = newFolder();
	});
	afterEach(() => removeFolder(path));
	return projectIn(() => path);
}

function newFolder(): string {
	return mkdtempSync(join(tmpdir(), 'lite-migr-'));
}

function removeFolder(path: string): void {
	rmSync(path, {recursive: true, force: true});
}

function projectIn(path: () => string): ProjectFolder {
	const at = (name: string) => join(path(), name);
	const open = () => openDatabase(at('app.db'), {create: true});
	const database = <T>(work: (db: Database) => T): T => {
		const db = open();
		try {
			return work(db);
		} finally {
			db.close();
		}
	};
	const write = (file: string, text: string): void => {
		mkdirSync(dirname(at(file)), {recursive: true});
		writeFileSync(at(file), text);
	};
	return {
		get path() {
			return path();
		},
		get file() {
			return at('app.db');
		},
		get migrationsDir() {
			return at('migrations');
		},
		at,
		write,
		read: (file) => readFileSync(at(file), 'utf8'),
		remove: (file) => rmSync(at(file)),
		files: (folder) => readdirSync(at(folder)).toSorted(),
		migration(name, upgrade, downgrade, rest = '') {
			const file = join('migrations', name.endsWith('.sql') ? name : `${name}.ts`);
			write(file, name.endsWith('.sql') ? upgrade : migrationModule(upgrade, downgrade, rest));
			return at(file);
		},
		removeMigration: (name) => rmSync(at(`migrations/${name}.ts`)),
		open,
		database,
		exec: (sql) => database((db) => db.exec(sql)),
		all: (sql) => database((db) => db.all(sql)),
		value: (sql) => database((db) => db.value(sql)),
		rows(table, columns) {
			const values = columns.split(', ').map((column) => `typeof(${column}) || ' ' || quote(${column})`);
			return database((db) => db.tuples(`SELECT ${values.join(', ')} FROM ${table}`))
				.map((row) => row.join(' | '))
				.toSorted();
		},
		lite: (...argv) => lite(path(), argv),
		builtLite: (...argv) => builtLite(path(), argv),
		builtLiteWith: (options, ...argv) => builtLite(path(), argv, options),
	};
}

function migrationModule(upgrade: string, downgrade: string | undefined, rest: string): string {
	const back = downgrade === undefined ? '' : `export function downgrade(op: MigrationBuilder) {\n${downgrade}\n}\n`;
	return `import type {MigrationBuilder} from 'lite-migr';\n${rest}\nexport function upgrade(op: MigrationBuilder) {\n${upgrade}\n}\n${back}`;
}
