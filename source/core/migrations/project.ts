import {existsSync} from 'node:fs';
import {basename, dirname, resolve} from 'node:path';
import {type Config, configName, type FileFormat, findConfig, loadConfig} from '../config/config.ts';
import type {EngineOptions, RemoteConnection} from '../engines/engine.ts';
import type {RemoteSettings, ServerWait} from '../engines/remote-database.ts';
import {MigrError, restated} from '../errors.ts';
import {type BlockedOptions, whileBlocked} from '../sqlite/blocked-wait.ts';
import {setWait} from '../sqlite/connection.ts';
import type {Database} from '../sqlite/database.ts';
import {chooseDriver} from '../sqlite/driver/choose.ts';
import {openDatabase} from '../sqlite/open.ts';
import type {TransactionOptions} from '../sqlite/transaction.ts';
import {clean} from '../text/clean.ts';

/** What to do while another process has locked the database: report it, and stop waiting when the signal fires. */
export interface OnLock extends Pick<TransactionOptions, 'onWait' | 'onWaitEnd' | 'signal'> {
	/** What to do while a query waits for a server. */
	readonly server?: ServerWait | undefined;
	/** Reports a lock that another process takes while the database is read, which blocks the event loop. Called without it, SQLite waits silently. */
	readonly onBlocked?: BlockedOptions['onBlocked'] | undefined;
}

/** What to do if a lock is not free in time, for commands without a flag for it. */
export const longerWait = 'wait for that process to finish, or set a longer wait in migrate.toml';

/** The location of a project, as given on the command line. */
export interface ProjectPlace extends OnLock {
	/** The working folder. */
	readonly cwd: string;
	/** `--config`. If undefined, `migrate.toml` is searched for in the working folder and its parents. */
	readonly config: string | undefined;
	/** `--db`, which overrides db_path. */
	readonly db: string | undefined;
	/** `--format`, which overrides format. */
	readonly format?: FileFormat | undefined;
	/** The environment variables, for the credentials of a database on a server. */
	readonly environment?: EngineOptions['environment'] | undefined;
}

/**
 * Returns the configuration of a project, or undefined if it has none.
 *
 * @throws MigrError `config` if it is invalid
 */
export function findProject({cwd, config, db, environment, format}: ProjectPlace): Config | undefined {
	const file = config === undefined ? findConfig(cwd) : resolve(cwd, config);
	if (file === undefined) return undefined;
	const found = loadConfig(file, {db, cwd, environment, format});
	chooseDriver({name: found.driver, project: dirname(file)});
	return found;
}

/**
 * Returns the configuration of a project.
 *
 * @throws MigrError `config` if it is missing or invalid
 */
export function projectAt(place: ProjectPlace): Config {
	const config = findProject(place);
	if (config === undefined) {
		throw new MigrError('config', `no ${configName} in ${clean(place.cwd)} or its parent folders`, {hint: 'run lite-migr init to create it'});
	}
	return config;
}

/**
 * Refuses a command that records more than wrangler's table can contain.
 *
 * @throws MigrError `usage` for a project with `format = "wrangler"`
 */
export function requireOwnHistory({format, wranglerTable = ''}: Pick<Config, 'format' | 'wranglerTable'>, command: string, hint: string): void {
	if (format !== 'wrangler') return;
	throw new MigrError('usage', `lite-migr ${command} does not work with format = "wrangler", because ${clean(wranglerTable)} is the history`, {hint});
}

/** True if the database exists. One on a server always counts as existing: whether it does shows in the first query. */
export function databaseExists({dbPath, remote}: Pick<Config, 'dbPath' | 'remote'>): boolean {
	return remote !== undefined || existsSync(dbPath);
}

/**
 * Refuses a command that works on database files only.
 *
 * @throws MigrError `usage` for a database on a server
 */
export function requireFile({dbPath, remote}: Pick<Config, 'dbPath' | 'remote'>, command: string, hint: string): void {
	if (remote !== undefined) throw new MigrError('usage', `lite-migr ${command} works on database files, and ${clean(dbPath)} is on a server`, {hint});
}

/**
 * Refuses to restore a database on a server.
 *
 * @param folder the folder of its backups, as shown to the user
 * @throws MigrError `usage` if the database is not a file
 */
export function requireRestorable(config: Pick<Config, 'dbPath' | 'remote'>, folder: string): void {
	requireFile(config, 'restore', `the files in ${folder} are SQLite databases; on Cloudflare D1, wrangler d1 time-travel restore goes back`);
}

/** Opens the database of a project for reading. Waits for a lock without blocking the event loop. @throws MigrError if it cannot be opened, or the first query fails */
export async function openForReading(
	{dbPath, remote, wait}: Omit<RecordingRequest, keyof OnLock>,
	{server, onBlocked, ...lock}: OnLock = {},
): Promise<Database> {
	if (remote !== undefined) return await openRemote(remote, {wait: server});
	const ready = (db: Database) => {
		if (onBlocked === undefined) db.exec(`PRAGMA busy_timeout = ${Math.round(wait * 1000)}`);
		else {
			db.exec('PRAGMA busy_timeout = 0');
			setWait(db, (work) => whileBlocked(db, {wait, onBlocked, hint: longerWait}, work));
		}
		return db;
	};
	try {
		return ready(openDatabase(dbPath, {readonly: true, wait: 0}));
	} catch (error) {
		if (!(error instanceof MigrError) || error.code !== 'locked') throw error;
	}
	// Loaded only if it is needed, because most commands open a database that is not locked.
	const {openWithRetry} = await import('../sqlite/open-with-retry.ts');
	return ready(await stateIfCancelled(() => openWithRetry(dbPath, {...lockOf({...lock, wait}), readonly: true})));
}

/** The database of a project, and how to wait for its lock. */
export interface RecordingRequest extends Pick<Config, 'dbPath' | 'wait'>, OnLock {
	/** Set for a database on a server. */
	readonly remote?: RemoteConnection | undefined;
}

/** Returns how to wait for the lock on the database of a project. */
export function lockOf({wait, onWait, onWaitEnd, signal}: Pick<RecordingRequest, 'wait' | 'onWait' | 'onWaitEnd' | 'signal'>): TransactionOptions {
	return {wait, onWait, onWaitEnd, signal, hint: longerWait};
}

/**
 * Opens the database of a project to write its migration history, and passes it to `work`. Closes it afterwards. Waits for a lock without blocking the
 * event loop.
 *
 * @throws MigrError if it cannot be opened, and the errors of `work`
 */
export async function withHistory<T>(request: RecordingRequest, work: (db: Database) => Promise<T>): Promise<T> {
	const {dbPath, remote} = request;
	return await stateIfCancelled(async () => {
		const {openWithRetry} = await import('../sqlite/open-with-retry.ts');
		const db =
			remote === undefined ? await openWithRetry(dbPath, lockOf(request)) : await openRemote(remote, {recordsWrites: true, wait: request.server});
		try {
			return await work(db);
		} finally {
			db.close();
		}
	}, basename(dbPath));
}

/** Adds the state of the database to the error of work that was cancelled before it wrote anything. */
export async function stateIfCancelled<T>(work: () => Promise<T>, name?: string): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof MigrError) || error.code !== 'cancelled') throw error;
		throw restated(error, {state: `nothing was written${name === undefined ? '' : `: ${name} is unchanged`}`});
	}
}

/** Opens a database on a server. The engines are loaded only here, so commands on files start without them. */
export async function openRemote({target, options}: RemoteConnection, settings: RemoteSettings = {}): Promise<Database> {
	const {remoteDatabase} = await import('../engines/remote-database.ts');
	return remoteDatabase(target, options, settings);
}

/** Calls `work` with the database, opened read-only, or with undefined if it does not exist. Closes it afterwards. */
export async function withDatabase<T>(config: Config, work: (db: Database | undefined) => T | Promise<T>, lock: OnLock = {}): Promise<T> {
	if (!databaseExists(config)) return await work(undefined);
	const db = await openForReading(config, lock);
	try {
		return await work(db);
	} finally {
		db.close();
	}
}
