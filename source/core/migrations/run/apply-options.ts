import {fileURLToPath} from 'node:url';
import type {Config} from '../../config/config.ts';
import type {Bundle} from '../../runtime/bundle.ts';
import type {Database} from '../../sqlite/database.ts';
import type {OpenConnection} from '../../sqlite/driver/adopt.ts';
import type {DriverName} from '../../sqlite/driver/driver-connections.ts';
import {version} from '../../version.ts';
import type {Direction} from '../event.ts';
import type {Finding} from '../finding.ts';

/** The options of an upgrade or downgrade. */
export interface ApplyOptions {
	/** The path of the database, or its `file:` URL. An upgrade creates the file if it does not exist. */
	readonly database: string;
	/** @internal The connection of the program that the run uses. `database` is then its path, or `:memory:`. */
	readonly connection?: Database;
	readonly migrationsDir: string;
	/** Wrangler's migration table, if it is the history (`format = "wrangler"`). */
	readonly wranglerTable?: string;
	readonly direction: Direction;
	/** The last migration to apply, or to keep in a downgrade. Default: apply all pending migrations, or undo the last one. */
	readonly to?: string;
	/** The number of migrations to apply or undo. */
	readonly steps?: number;
	/** True to run everything on a private copy, which is removed afterwards. */
	readonly dryRun?: boolean;
	/** `auto`: back up before destructive changes, rewrites and data changes. */
	readonly backup: 'auto' | 'always' | 'never';
	/** Default: `backups/` in the folder of the database. */
	readonly backupDir?: string;
	/** The number of backups to keep. Default: 5. */
	readonly backupKeep?: number;
	/** Seconds to wait for a lock. Default: 10. */
	readonly wait?: number;
	/** Recorded with each applied migration. */
	readonly toolVersion: string;
	/** Stops the run after the current batch. Everything is rolled back. */
	readonly signal?: AbortSignal;
	/** @internal Ends a wait for a lock before the run writes anything. The run then ends with `cancelled`. */
	readonly stopWaiting?: AbortSignal | undefined;
	/** Consent to losing or changing data. A function is called with the findings before anything is committed. Only `true` is consent. */
	readonly consent: boolean | ((findings: readonly Finding[]) => boolean | Promise<boolean>);
	/**
	 * The id of the plan that was shown, such as `3f9c1a2b`. Runs exactly that plan and consents to exactly the losses it lists. If anything has changed
	 * since then, nothing runs, and the run fails with `answerNeeded`.
	 */
	readonly plan?: string;
	/** True to run even if files of applied migrations were edited or are missing. `consent` does not cover that. */
	readonly acceptEdited?: boolean;
	/** @internal True if a program runs this, so hints name options instead of flags. */
	readonly isProgram?: true;
	/** The clock, for the names of backups. */
	readonly now?: () => Date;
}

/** A folder with migrations. `folder()` returns it. */
export interface MigrationFolder {
	readonly kind: 'folder';
	readonly path: string;
}

/** Returns the migrations in a folder, for `apply`: `folder('migrations')`, or `folder(new URL('migrations', import.meta.url))`. */
export function folder(path: string | URL): MigrationFolder {
	return {kind: 'folder', path: path instanceof URL || /^file:/i.test(path) ? fileURLToPath(path) : path};
}

/** The migrations of a run: `migrations: folder('migrations')`, or only the path as `migrationsDir`. */
export type GivenMigrations =
	| {readonly migrations: MigrationFolder; readonly migrationsDir?: never}
	| {readonly migrationsDir: string; readonly migrations?: never};

type Shared = Partial<
	Omit<ApplyOptions, 'database' | 'migrationsDir' | 'connection' | 'isProgram' | 'stopWaiting' | 'backup' | 'backupDir' | 'backupKeep'>
>;

/** A run on a file, which lite-migr opens. */
export type FileRequest = GivenMigrations &
	Shared &
	Partial<Pick<ApplyOptions, 'backup' | 'backupDir' | 'backupKeep'>> & {
		/** The path of the database. An upgrade creates the file if it does not exist. */
		readonly database: string;
		/**
		 * Default: better-sqlite3, or node:sqlite if better-sqlite3 is not installed or does not load. A file that the program has open is opened with the
		 * same copy of SQLite.
		 */
		readonly driver?: DriverName;
	};

/**
 * A run on a connection that the program has opened. No backup is taken, and nothing notices that another process has replaced the file. Do not use the
 * connection until the run has ended.
 */
export type ConnectionRequest = GivenMigrations &
	Shared & {
		/** An open connection of better-sqlite3 or node:sqlite, on a file or in memory. */
		readonly database: OpenConnection;
		readonly backup?: never;
		readonly backupDir?: never;
		readonly backupKeep?: never;
		readonly driver?: never;
	};

/**
 * The options of a program that migrates its own database. Everything except the database and the migrations has a default. By default, all pending
 * migrations are applied, with a backup before anything risky if the database is a path, and migrations that lose or change data are refused.
 */
export type ApplyRequest = FileRequest | ConnectionRequest | BundleRequest;

/** The options that need the files of the migrations. */
type NotForBundles = {
	readonly [Option in Exclude<keyof FileRequest, 'database' | 'migrations' | 'consent' | 'acceptEdited' | 'wait' | 'driver'>]?: never;
};

/** A run of a module of `lite-migr bundle`, which is compiled: it takes no backup, and cannot be tried or undone step by step. */
export interface BundleRequest extends NotForBundles {
	/** The path of the database, or an open connection. */
	readonly database: string | OpenConnection;
	/** What the module exports as `migrations`. */
	readonly migrations: Bundle;
	/** Consent to losing or changing data. */
	readonly consent?: boolean;
	/** True to run even if applied migrations were edited or are missing in the bundle. `consent` does not cover that. */
	readonly acceptEdited?: boolean;
	/** Seconds to wait for a lock. Default: 10. */
	readonly wait?: number;
	/** For a path. Default: better-sqlite3, or node:sqlite if better-sqlite3 is not installed or does not load. */
	readonly driver?: DriverName;
}

/** Adds the default options. */
export function withDefaults({migrations, migrationsDir = migrations?.path ?? '', driver: _, ...request}: FileRequest): ApplyOptions {
	return {direction: 'upgrade', backup: 'auto', consent: false, toolVersion: version, isProgram: true, ...request, migrationsDir};
}

/** The options of a run that the user sets. The others come from the configuration. */
export interface RunSettings extends Pick<ApplyOptions, 'direction' | 'to' | 'steps' | 'dryRun' | 'wait' | 'acceptEdited' | 'plan'> {
	readonly noBackup?: boolean;
}

/** Returns the options of a run without any consent. */
export function applyOptionsFor(config: Config, {direction, to, steps, dryRun, wait, acceptEdited, plan, noBackup}: RunSettings): ApplyOptions {
	return {
		database: config.dbPath,
		migrationsDir: config.migrationsDir,
		...(config.wranglerTable === undefined ? {} : {wranglerTable: config.wranglerTable}),
		direction,
		...(to === undefined ? {} : {to}),
		...(steps === undefined ? {} : {steps}),
		dryRun: dryRun === true,
		...(plan === undefined ? {} : {plan}),
		acceptEdited: acceptEdited === true,
		backup: noBackup === true ? 'never' : config.backup,
		backupDir: config.backupDir,
		backupKeep: config.backupKeep,
		wait: wait ?? config.wait,
		toolVersion: version,
		consent: false,
	};
}

/** Returns the command line of a run: `lite-migr upgrade --to 0012`. */
export function runCommand({direction, to, steps}: Pick<ApplyOptions, 'direction' | 'to' | 'steps'>): string {
	return ['lite-migr', direction, ...(to === undefined ? [] : ['--to', to]), ...(steps === undefined ? [] : ['--steps', String(steps)])].join(' ');
}
