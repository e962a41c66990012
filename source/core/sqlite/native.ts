import {createRequire} from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import {MigrError} from '../errors.ts';

export type NativeDatabase = BetterSqlite3.Database;
export type NativeStatement = BetterSqlite3.Statement;

interface NativeModule {
	new (path: string, options?: BetterSqlite3.Options): NativeDatabase;
}

let loaded: NativeModule | undefined;

/**
 * better-sqlite3, loaded at the first use: a program that opens no database never pays for the native module.
 * `require` and not `import()`, so that opening stays synchronous.
 */
export function nativeModule(): NativeModule {
	loaded ??= createRequire(import.meta.url)('better-sqlite3') as NativeModule;
	return loaded;
}

/**
 * Opens a connection with better-sqlite3.
 *
 * @throws MigrError `database` if better-sqlite3 is not installed or does not fit this Node.js; otherwise what SQLite throws
 */
export function openNative(path: string, options?: BetterSqlite3.Options): NativeDatabase {
	try {
		// The native part is loaded by the first connection.
		return new (nativeModule())(path, options);
	} catch (error) {
		throw missingModule(error) ?? error;
	}
}

/** Why better-sqlite3 cannot be loaded; undefined for an error of SQLite. */
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
		return new MigrError('database', 'better-sqlite3 is installed without its native part', {
			details: [firstLine],
			hint: 'run npm rebuild better-sqlite3; if your package manager blocks install scripts, allow the one of better-sqlite3 first',
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
