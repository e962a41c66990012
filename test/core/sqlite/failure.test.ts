import {createContext, runInContext} from 'node:vm';
import {describe, expect, test} from 'vitest';
import {asProblem} from '../../../source/core/migrations/problem.ts';
import {messageOf} from '../../../source/core/runtime/connection.ts';
import {fileFailure, isBusy, sqliteCode} from '../../../source/core/sqlite/failure.ts';
import {thrownText} from '../../../source/core/text/thrown.ts';

/** Jest runs each test file in its own realm, but better-sqlite3 creates all errors of a process in the realm of the first file. */
function errorOfAnotherRealm(message: string, code: string): unknown {
	const context = createContext({message, code});
	return runInContext(
		"class SqliteError extends Error {} SqliteError.prototype.name = 'SqliteError'; Object.assign(new SqliteError(message), {code})",
		context,
	);
}

describe('an SQLite error of another realm', () => {
	const locked = errorOfAnotherRealm('database is locked', 'SQLITE_BUSY');

	test('is known by its code', () => {
		expect(locked instanceof Error).toBe(false);
		expect(sqliteCode(locked)).toBe('SQLITE_BUSY');
		expect(isBusy(locked)).toBe(true);
		expect(fileFailure(locked, 'app.db')).toMatchObject({code: 'locked'});
	});

	test('has its own message, and is not reported as a bug', () => {
		expect(thrownText(locked)).toBe('database is locked');
		expect(messageOf(locked)).toBe('database is locked');
		expect(asProblem(errorOfAnotherRealm('no such table: x', 'SQLITE_ERROR'))).toMatchObject({code: 'database', message: 'no such table: x'});
	});
});

test.each([null, undefined, 7, 'text', {message: 'no stack'}])('%j is not an SQLite error', (value) => {
	expect(sqliteCode(value)).toBeUndefined();
});
