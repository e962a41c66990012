import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import {MigrError} from '../../errors.ts';
import {ownUrl} from '../../own-url.ts';
import type {Driver, NativeConnection} from './driver.ts';

export interface NativeModule {
	new (file: string | Uint8Array, options?: BetterSqlite3.Options): BetterSqlite3.Database;
}

/**
 * Returns the driver of the package better-sqlite3.
 *
 * @throws MigrError `database` like `betterSqlite3Module`
 */
export function loadBetterSqlite3(project: string | undefined): Driver {
	const native = betterSqlite3Module(project);
	return driverOf(native, versionOf(native));
}

/**
 * Returns the package better-sqlite3: the one of the project if its version fits, otherwise the one that was installed with lite-migr. Its native code
 * is loaded here, so that a failure leaves no empty database.
 *
 * @throws MigrError `database` if the package is not installed, or was built for another Node.js
 */
export function betterSqlite3Module(project?: string): NativeModule {
	try {
		// `require` instead of `import()` keeps opening synchronous.
		const native = createRequire(ownUrl())(packageOf(project) ?? 'better-sqlite3') as NativeModule;
		// The first connection loads the native code.
		new native(':memory:').close();
		return native;
	} catch (error) {
		throw whyNotLoaded(error) ?? error;
	}
}

/** Returns the files with native code of better-sqlite3 that something in this thread has loaded. Each of them is a separate copy of SQLite. */
export function loadedBetterSqlite3(): readonly string[] {
	return Object.keys(createRequire(ownUrl()).cache).filter((file) => nativeFile.test(file));
}

/** True if a thread of this process has loaded the native code of any better-sqlite3. Undefined if the system does not say (other than Linux). */
export function isBetterSqlite3InProcess(): boolean | undefined {
	try {
		return readFileSync('/proc/self/maps', 'utf8')
			.split('\n')
			.some((line) => nativeFile.test(line));
	} catch {
		return undefined;
	}
}

/**
 * Returns the driver of a copy that the program has loaded.
 *
 * @returns undefined if lite-migr does not support its version, or cannot load its package
 */
export function driverOfLoaded(native: string): Driver | undefined {
	const folder = /^.*[\\/]better-sqlite3(?=[\\/])/.exec(native)?.[0];
	if (folder === undefined || !isSupported(folder)) return undefined;
	try {
		const Connection = createRequire(ownUrl())(folder) as NativeModule;
		return driverOf(Connection, versionOf(Connection));
	} catch {
		return undefined;
	}
}

const nativeFile = /better[-_]sqlite3([\\/].*)?\.node$/;

/** The major versions that pass the tests. package.json has only the last one, which needs no compiler and no download. */
const supported = {from: 11, before: 14};
/** From this version on, the package uses Node-API. */
const nodeApi = 13;

/** Returns the folder of the project's better-sqlite3. Undefined if it has none, or one that lite-migr does not support. */
function packageOf(project: string | undefined): string | undefined {
	if (project === undefined) return undefined;
	try {
		const folder = dirname(createRequire(join(project, 'package.json')).resolve('better-sqlite3/package.json'));
		return isSupported(folder) ? folder : undefined;
	} catch {
		return undefined;
	}
}

/** True if lite-migr can use the package in a folder. False also if it cannot be read. */
function isSupported(folder: string): boolean {
	try {
		const major = Number.parseInt(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version, 10);
		return major >= supported.from && major < supported.before && (major >= nodeApi || !mayAbort(folder));
	} catch {
		return false;
	}
}

/**
 * True if the native code was compiled with the headers of Node.js 24.19 or later. With them, a connection that is garbage collected can abort the process
 * (https://github.com/nodejs/node/issues/65446). lite-migr opens many connections.
 */
function mayAbort(folder: string): boolean {
	return readFileSync(join(folder, 'build/Release/better_sqlite3.node')).includes('RemoveEnvironmentCleanupHook');
}

function versionOf(native: NativeModule): string {
	const db = new native(':memory:');
	try {
		return db.prepare('SELECT sqlite_version()').pluck().get() as string;
	} finally {
		db.close();
	}
}

function driverOf(native: NativeModule, sqliteVersion: string): Driver {
	const driver: Driver = {
		name: 'better-sqlite3',
		sqliteVersion,
		pausesBackups: true,
		open: (path, options) => connectionOf(new native(path, options), driver),
		deserialize: (bytes) => connectionOf(new native(bytes), driver),
	};
	return driver;
}

export type BetterSqlite3Database = BetterSqlite3.Database;

/** Returns the connection of a program. Other connections of its driver come from the same copy of the package. */
export function betterSqlite3Connection(native: BetterSqlite3Database): NativeConnection {
	const Connection = native.constructor as NativeModule;
	return connectionOf(native, driverOf(Connection, versionOf(Connection)));
}

function connectionOf(native: BetterSqlite3.Database, driver: Driver): NativeConnection {
	return {
		driver,
		get inTransaction() {
			return native.inTransaction;
		},
		prepare(sql, rows = 'objects') {
			const statement = native.prepare(sql).safeIntegers(true);
			return rows === 'arrays' && statement.reader ? statement.raw(true) : statement;
		},
		exec: (sql) => native.exec(sql),
		backup: (file, {pages, progress}) => native.backup(file, {progress: (copied) => (progress(copied) ? pages : 0)}),
		serialize: () => native.serialize(),
		unsafeMode: (isOn) => native.unsafeMode(isOn),
		defineStub: (name) => native.function(name, {varargs: true, deterministic: true}, () => null),
		close: () => native.close(),
	};
}

/** Explains why better-sqlite3 cannot be loaded. Returns undefined for an SQLite error. */
function whyNotLoaded(cause: unknown): MigrError | undefined {
	const {code, message = ''} = cause as {readonly code?: string; readonly message?: string};
	const firstLine = message.split('\n', 1)[0] ?? '';
	if (code === 'MODULE_NOT_FOUND' && /better-sqlite3'?$/.test(firstLine)) {
		return new MigrError('database', 'the package better-sqlite3 is not installed', {
			details: ['lite-migr opens databases with it'],
			hint: 'run npm install better-sqlite3',
			cause,
		});
	}
	if (/Could not locate the bindings file|\.node'?$/.test(firstLine) && code?.startsWith('SQLITE_') !== true) {
		return new MigrError('database', 'better-sqlite3 is installed without its native module', {
			details: [firstLine],
			hint: 'run npm rebuild better-sqlite3; if your package manager blocks install scripts, allow the script of better-sqlite3 first',
			cause,
		});
	}
	if (code === 'ERR_DLOPEN_FAILED' || /NODE_MODULE_VERSION/.test(message)) {
		return new MigrError('database', 'better-sqlite3 was built for another version of Node.js or another system', {
			details: [firstLine],
			hint: 'run npm rebuild better-sqlite3',
			cause,
		});
	}
	return undefined;
}
