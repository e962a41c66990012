import {createRequire} from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import {MigrError} from '../errors.ts';
import {ownUrl} from '../own-url.ts';

export type NativeDatabase = BetterSqlite3.Database;
export type NativeStatement = BetterSqlite3.Statement;

interface NativeModule {
	/** Opens a file, or a copy of a database file's content in memory. */
	new (source: string | Uint8Array, options?: BetterSqlite3.Options): NativeDatabase;
}

let loaded: NativeModule | undefined;

/**
 * Returns better-sqlite3, loaded on first use, so programs that open no database never load the native module.
 * Uses `require` instead of `import()` so that opening stays synchronous.
 */
export function nativeModule(): NativeModule {
	loaded ??= createRequire(ownUrl())('better-sqlite3') as NativeModule;
	return loaded;
}

/**
 * Opens a connection with better-sqlite3, to a path or to a copy of a database file's content in memory.
 *
 * @throws MigrError `database` if better-sqlite3 is not installed or was built for another Node.js. SQLite errors pass through.
 */
export function openNative(source: string | Uint8Array, options?: BetterSqlite3.Options): NativeDatabase {
	try {
		// The native module is loaded by the first connection.
		return new (nativeModule())(source, options);
	} catch (error) {
		throw missingModule(error) ?? error;
	}
}

/** Explains why better-sqlite3 cannot be loaded. Returns undefined for an SQLite error. */
function missingModule(cause: unknown): MigrError | undefined {
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
