import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect} from 'vitest';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import {builtLite, type Finished, type RunOptions} from '../cli/built-bin.ts';
import {statementsOf} from './contents.ts';
import type {Access} from './rigs.ts';

/** A project whose database is on a server, used with the built command. */
export interface RemoteProject {
	readonly path: string;
	lite(...argv: readonly string[]): Promise<Finished>;
	/** The same with another way to reach the database, such as through a proxy, or other variables. */
	liteWith(options: RunOptions & {readonly through?: Access}, ...argv: readonly string[]): Promise<Finished>;
	write(file: string, text: string): void;
	read(file: string): string;
	files(folder: string): readonly string[];
	/** Writes a migration in SQL, newer than all others. Returns its name. */
	migration(name: string, upgrade: string, downgrade?: string): string;
	/** Runs statements as another client would. */
	exec(...statements: readonly string[]): Promise<void>;
	/** Returns the values of a query. */
	values(sql: string): Promise<readonly unknown[]>;
	/** Returns the statements that build the database with all its rows, without the migration history. They are in alphabetical order. */
	contents(): Promise<readonly string[]>;
	/** Everything that the commands have printed. */
	printed(): string;
}

/** Creates a project in a new folder. `migrate.toml` has the database, unless the test calls `lite-migr init`. */
export function remoteProject(access: Access, {name = 'project', db = access.db, hasConfig = true} = {}): RemoteProject {
	const path = join(access.options.folder, name);
	mkdirSync(path, {recursive: true});
	let printed = '';
	let migrations = 0;

	async function liteWith({through = access, ...options}: RunOptions & {readonly through?: Access}, ...argv: readonly string[]): Promise<Finished> {
		const database = through === access || through.db === db ? [] : ['--db', through.db];
		const finished = await builtLite(path, [...argv, ...database], {...options, env: {...through.options.environment, ...options.env}});
		printed += `$ lite-migr ${argv.join(' ')}\n${finished.stdout}${finished.stderr}`;
		return finished;
	}

	async function withEngine<T>(work: (engine: Awaited<ReturnType<typeof openEngine>>) => Promise<T>): Promise<T> {
		const engine = await openEngine(access.target, access.options);
		try {
			return await work(engine);
		} finally {
			engine.close();
		}
	}

	const write = (file: string, text: string): void => {
		mkdirSync(dirname(join(path, file)), {recursive: true});
		writeFileSync(join(path, file), text);
	};
	if (hasConfig) write('migrate.toml', `[migrate]\ndb_path = "${db}"\n`);
	return {
		path,
		lite: (...argv) => liteWith({}, ...argv),
		liteWith,
		write,
		read: (file) => readFileSync(join(path, file), 'utf8'),
		files: (folder) => readdirSync(join(path, folder)).toSorted(),
		migration(given, upgrade, downgrade) {
			migrations += 1;
			// Newer than those that the command creates.
			const full = `2099010${migrations}_000000_${given}`;
			write(`migrations/${full}.sql`, `-- upgrade\n${upgrade}\n${downgrade === undefined ? '' : `-- downgrade\n${downgrade}\n`}`);
			return full;
		},
		exec: (...statements) => withEngine(async (engine) => expect(await engine.apply(statements)).toEqual({kind: 'committed'})),
		values: (sql) => withEngine(async (engine) => (await engine.query([{sql}]))[0]?.rows.flat() ?? []),
		contents: () => withEngine(async (engine) => withoutHistory(await statementsOf(async (sql) => (await engine.query([{sql}]))[0]?.rows ?? []))),
		printed: () => printed,
	};
}

/** Returns statements of `statementsOf` in alphabetical order, without the migration history. */
export function withoutHistory(statements: readonly string[]): readonly string[] {
	const history = /^(?:CREATE TABLE|INSERT INTO) "?_lite_migr"?|^(?:DELETE FROM|INSERT INTO) sqlite_sequence|^PRAGMA/;
	return statements.filter((sql) => !history.test(sql)).toSorted();
}
