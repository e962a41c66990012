import type {MigrError} from '../errors.ts';
import type {SqlValue} from '../operations/operation.ts';
import type {EngineFeatures, EngineKind} from '../script/engine-features.ts';
import type {RemoteTarget} from './parse-target.ts';

/**
 * A database on a server: Cloudflare D1, libSQL (Turso) or rqlite.
 *
 * How to read this folder: `parse-target.ts` reads `--db` and `db_path`, `open-engine.ts` opens the engine of a target. Each engine has its own folder and
 * speaks HTTP through `http.ts`. `exact.ts` wraps queries so that JSON changes no value, and `outcome.ts` explains what a server answered.
 * `remote-database.ts` lets the synchronous readers of the core use an engine.
 */
export interface Engine {
	readonly kind: Exclude<EngineKind, 'sqlite'>;
	/** For messages: `d1 shop`, `rqlite 127.0.0.1:4001`. Never contains credentials. */
	readonly name: string;
	/**
	 * Runs statements that only read, with the strongest consistency of the engine: all of them see the same state. Values are exact.
	 *
	 * @throws MigrError if the server cannot be reached, refuses access or reports an error
	 * @throws TypeError if a statement could write
	 */
	query(queries: readonly Query[]): Promise<readonly Result[]>;
	/**
	 * Runs statements as one atomic batch: all of them or none. Foreign keys are off during the batch if the engine can switch them off.
	 * Rejects only because of a bug.
	 */
	apply(statements: readonly string[]): Promise<ApplyOutcome>;
	/** Probes what a script may use here. @throws MigrError like `query` */
	features(): Promise<ProbedFeatures>;
	/**
	 * Returns the command that restores the database to its current state, for engines that keep old states. Undefined if the engine keeps none, or
	 * does not report it.
	 */
	wayBack?(): Promise<string | undefined>;
	/** Closes idle connections. */
	close(): void;
}

export interface Query {
	readonly sql: string;
	/** Values for the `?` of the statement, in order. */
	readonly parameters?: readonly SqlValue[];
}

export interface Result {
	readonly columns: readonly string[];
	/** In the order of the columns. Integers that a number cannot represent are bigint. */
	readonly rows: readonly (readonly SqlValue[])[];
}

/**
 * - `committed`: all statements were applied
 * - `failed`: the database is unchanged. `statement` is the index of the statement that failed, if the engine reports it.
 * - `unknown`: the answer was lost. Only reading the history shows whether the batch was committed. It may also still be running.
 */
export type ApplyOutcome =
	| {readonly kind: 'committed'}
	| {readonly kind: 'failed'; readonly error: MigrError; readonly statement?: number}
	| {readonly kind: 'unknown'; readonly error: MigrError};

/** What a script may use on a database. Known from probing it, never from its version. */
export interface ProbedFeatures extends EngineFeatures {
	/** `sqlite_version()`, to show it. Empty if the engine does not report it. */
	readonly sqliteVersion: string;
}

export interface EngineOptions {
	/** The environment variables. Credentials come only from here. */
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** The folder where the search for the configuration of wrangler begins. */
	readonly folder: string;
	/** Seconds to wait for an answer. */
	readonly timeout?: number;
}

/** A database on a server, and how to reach it. */
export interface RemoteConnection {
	readonly target: RemoteTarget;
	readonly options: EngineOptions;
}

export const defaultTimeout = 120;
