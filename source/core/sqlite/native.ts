import {createRequire} from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';

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
