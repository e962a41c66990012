import {execFile} from 'node:child_process';
import {copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {promisify} from 'node:util';
import BetterSqlite3 from 'better-sqlite3';
import {MigrError} from '../../source/core/errors.ts';
import {betterSqlite3} from '../../source/core/runtime/adapters/better-sqlite3.ts';
import {nodeSqlite} from '../../source/core/runtime/adapters/node-sqlite.ts';
import {sqlJs} from '../../source/core/runtime/adapters/sql-js.ts';
import type {Bundle} from '../../source/core/runtime/bundle.ts';
import type {Connection} from '../../source/core/runtime/connection.ts';
import {type MigrateOptions, type MigrateResult, migrate} from '../../source/core/runtime/migrate.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {openBytes} from './bytes.ts';
import type {SqlJs} from './check-bundle.ts';

/** A database that a program migrates with a bundle, on one driver. */
export interface Device {
	/** Runs statements in one transaction, with foreign keys on. */
	exec(statements: readonly string[]): Promise<void>;
	migrate(bundle: Bundle, options?: MigrateOptions): Promise<MigrateResult>;
	/** Calls `migrate`, which is stopped in the middle. `at` chooses the moment. */
	stop(bundle: Bundle, options: MigrateOptions, at: number): Promise<Stopped>;
	/** Returns a copy of the database. */
	copy(): Promise<Database>;
	/** Returns the bytes of the file, or of what the driver stores instead. */
	bytes(): Promise<Buffer>;
	close(): Promise<void>;
}

/**
 * How a run ended that should be stopped. `completed`: it was done before, or had nothing to do. `failed`: a statement failed. `killed`: its process has
 * ended, perhaps after the commit.
 */
export type Stopped = 'completed' | 'failed' | 'killed';

/** A statement that compiles, and fails when it runs. */
export const failing = "SELECT json_extract('{}', 'stopped')";

/** Returns a connection whose batches fail in the middle. `at` chooses the statement. */
export function failingAt(connection: Connection, at: number): Connection {
	return {
		...connection,
		batch: (statements, needs) => connection.batch(statements.toSpliced(at % (statements.length + 1), 0, failing), needs),
	};
}

/** Waits for a run that should fail because of `failing`. */
export async function outcomeOf(running: Promise<MigrateResult>): Promise<Stopped> {
	try {
		const {applied} = await running;
		if (applied.length > 0) throw new Error('a batch with a failing statement was applied');
		return 'completed';
	} catch (error) {
		if (error instanceof MigrError) return 'failed';
		throw error;
	}
}

/** The program of a device with its own process, and the arguments before the file. */
export type Program = readonly [command: string, ...given: readonly string[]];

const driverProgram = join(import.meta.dirname, 'driver-program.ts');

/** Applies a bundle to a file in another process. It kills itself before the statement with the number `killedAt`. */
export async function migrateInProcess(
	[command, ...given]: Program,
	driver: string,
	file: string,
	bundle: Bundle,
	options: MigrateOptions,
	killedAt?: number,
): Promise<MigrateResult> {
	const job = `${file}.json`;
	writeFileSync(job, JSON.stringify({bundle, options}));
	const {stdout} = await promisify(execFile)(command, [...given, driverProgram, driver, file, job, String(killedAt ?? '')]);
	const answer = JSON.parse(stdout) as MigrateResult | {readonly error: MigrError};
	if ('error' in answer) throw new MigrError(answer.error.code, answer.error.message, answer.error);
	return answer;
}

/** Kills a process that applies a bundle to a file. */
export async function killInProcess(
	program: Program,
	driver: string,
	file: string,
	bundle: Bundle,
	options: MigrateOptions,
	at: number,
): Promise<Stopped> {
	// A few statements more, for the transaction and the settings.
	const statements = (bundle.migrations.at(-1)?.up?.statements.length ?? 0) + 12;
	try {
		await migrateInProcess(program, driver, file, bundle, options, 1 + (at % statements));
		return 'completed';
	} catch (error) {
		if ((error as {readonly signal?: string}).signal === 'SIGKILL') return 'killed';
		if (error instanceof MigrError) return 'failed';
		throw error;
	}
}

const node: Program = [process.execPath, '--no-warnings'];

interface FileConnection {
	exec(sql: string): unknown;
	close(): unknown;
}

function inTransaction(run: (sql: string) => unknown, statements: readonly string[]): void {
	run('BEGIN');
	try {
		for (const sql of statements) run(sql);
		run('COMMIT');
	} catch (error) {
		run('ROLLBACK');
		throw error;
	}
}

/** Opens a device whose database is a file. Some runs are killed in another process. The others fail at a statement. */
function onFile<Native extends FileConnection>(driver: string, open: (file: string) => Native, connectionOf: (native: Native) => Connection): Device {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-device-'));
	const file = join(folder, 'app.db');
	let native = open(file);
	return {
		async exec(statements) {
			inTransaction((sql) => native.exec(sql), statements);
		},
		migrate: (bundle, options) => migrate(connectionOf(native), bundle, options),
		async stop(bundle, options, at) {
			if (at % 6 !== 0 || typeof options.consent === 'function')
				return await outcomeOf(migrate(failingAt(connectionOf(native), at), bundle, options));
			native.close();
			try {
				return await killInProcess(node, driver, file, bundle, options, Math.floor(at / 6));
			} finally {
				native = open(file);
			}
		},
		copy: async () => copyOfFile(file),
		bytes: async () => readFileSync(file),
		async close() {
			native.close();
			rmSync(folder, {recursive: true, force: true});
		},
	};
}

/** Returns a copy of a database file whose journal may still have to be rolled back. */
export function copyOfFile(file: string): Database {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-device-'));
	try {
		const copy = join(folder, 'app.db');
		for (const ending of ['', '-journal', '-wal']) if (existsSync(`${file}${ending}`)) copyFileSync(`${file}${ending}`, `${copy}${ending}`);
		const db = new BetterSqlite3(copy);
		// Reads the journal, if there is one. An empty file has no bytes to copy.
		db.pragma('user_version');
		db.pragma('journal_mode = DELETE');
		if (db.pragma('page_count', {simple: true}) === 0) db.exec('VACUUM');
		db.close();
		return openBytes(readFileSync(copy));
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

/** The devices that need no other program. */
export function localDevices({Database: SqlJsDatabase}: SqlJs): Readonly<Record<string, () => Promise<Device>>> {
	return {
		'better-sqlite3': async () =>
			onFile<BetterSqlite3.Database>(
				'better-sqlite3',
				(file) => {
					const db = new BetterSqlite3(file);
					db.pragma('foreign_keys = ON');
					return db;
				},
				betterSqlite3,
			),
		'node:sqlite': async () => onFile<DatabaseSync>('node:sqlite', (file) => new DatabaseSync(file, {enableForeignKeyConstraints: true}), nodeSqlite),
		'sql.js': async () => {
			const db = new SqlJsDatabase();
			db.run('PRAGMA foreign_keys = ON');
			const exported = () => {
				const bytes = db.export();
				// Exporting closes the database and opens it again, with the default settings.
				db.run('PRAGMA foreign_keys = ON');
				return Buffer.from(bytes);
			};
			return {
				exec: async (statements) => inTransaction((sql) => db.run(sql), statements),
				migrate: (bundle, options) => migrate(sqlJs(db), bundle, options),
				stop: (bundle, options, at) => outcomeOf(migrate(failingAt(sqlJs(db), at), bundle, options)),
				copy: async () => openBytes(exported()),
				bytes: async () => exported(),
				close: async () => db.close(),
			};
		},
	};
}
