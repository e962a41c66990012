// biome-ignore lint/style/noRestrictedImports: the warning of our own import has to be kept from the process.
import process from 'node:process';
import type {DatabaseSync, SQLInputValue, StatementSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import {tokenize} from '../../ddl/lexer.ts';
import {splitStatements} from '../../ddl/split.ts';
import type {Driver, NativeConnection, NativeOptions, NativeStatement} from './driver.ts';
import {resultCodeName} from './result-codes.ts';

type NodeSqlite = typeof import('node:sqlite');

/** The methods that only newer versions of Node.js have. */
type Connection = DatabaseSync & {
	enableDefensive?(isOn: boolean): void;
	serialize?(): Uint8Array;
	deserialize?(bytes: Uint8Array): void;
};

/** Returns the driver of Node's built-in SQLite (https://nodejs.org/api/sqlite.html). */
export function loadNodeSqlite(): Driver {
	const {DatabaseSync: Connection, backup} = nodeSqliteModule();
	return driverOf(Connection, backup);
}

/** Returns the module node:sqlite, without the warning that Node 22 prints. Users cannot act on it, because they did not load the module. */
export function nodeSqliteModule(): NodeSqlite {
	return withoutWarning(() => process.getBuiltinModule('node:sqlite'));
}

/** True if something in this thread has imported node:sqlite. Undefined if the runtime does not say. */
export function isNodeSqliteLoaded(): boolean | undefined {
	const {moduleLoadList} = process as {readonly moduleLoadList?: readonly string[]};
	return moduleLoadList?.includes('NativeModule sqlite');
}

function withoutWarning<T>(load: () => T): T {
	const emit = process.emitWarning;
	process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
		if (!/^SQLite is an experimental feature/.test(String(warning))) emit.call(process, warning, ...rest);
	}) as typeof emit;
	try {
		return load();
	} finally {
		process.emitWarning = emit;
	}
}

function driverOf(native: NodeSqlite['DatabaseSync'], backup: NodeSqlite['backup']): Driver {
	const open = (path: string, {readonly = false, timeout = 0}: NativeOptions = {}) =>
		noting(() => new native(path, {readOnly: readonly, timeout, enableForeignKeyConstraints: true, enableDoubleQuotedStringLiterals: false}));
	const driver: Driver = {
		name: 'node:sqlite',
		sqliteVersion: versionOf(native),
		pausesBackups: false,
		// Node always creates a missing file. A URI can refuse that (https://www.sqlite.org/uri.html).
		open: (path, options = {}) =>
			connectionOf(
				open(
					options.fileMustExist === true && path !== ':memory:' ? `${pathToFileURL(path)}?mode=${options.readonly === true ? 'ro' : 'rw'}` : path,
					options,
				),
				driver,
				backup,
			),
		deserialize(bytes) {
			const connection: Connection = open(':memory:');
			connection.deserialize?.(bytes);
			return connectionOf(connection, driver, backup);
		},
	};
	return driver;
}

export type NodeSqliteDatabase = DatabaseSync;

/** Returns the connection of a program. */
export function nodeSqliteConnection(native: NodeSqliteDatabase): NativeConnection {
	const {DatabaseSync: Connection, backup} = nodeSqliteModule();
	return connectionOf(native, driverOf(Connection, backup), backup);
}

function versionOf(native: NodeSqlite['DatabaseSync']): string {
	const db = new native(':memory:');
	try {
		return String(db.prepare('SELECT sqlite_version() AS version').get()?.version);
	} finally {
		db.close();
	}
}

function connectionOf(native: Connection, driver: Driver, backup: NodeSqlite['backup']): NativeConnection {
	const unsafeMode = (isOn: boolean) => native.enableDefensive?.(!isOn);
	const asObjects = (sql: string): StatementSync => {
		const statement = native.prepare(sql);
		statement.setReturnArrays(false);
		return statement;
	};
	let counter: StatementSync | undefined;
	const totalChanges = () => {
		counter ??= asObjects('SELECT total_changes() AS n');
		return (counter.get() as {readonly n: number}).n;
	};
	return {
		driver,
		get inTransaction() {
			return native.isTransaction;
		},
		prepare(sql, rows = 'objects') {
			requireOneStatement(sql);
			const statement = noting(() => native.prepare(sql));
			statement.setReadBigInts(true);
			statement.setAllowUnknownNamedParameters(true);
			// A program can open its connection with `returnArrays`.
			statement.setReturnArrays(rows === 'arrays');
			return statementOf(statement, sql, totalChanges);
		},
		exec: (sql) => noting(() => native.exec(sql)),
		async backup(file, {pages, progress}) {
			// At least two batches, so the first one is followed by a call of `progress` before anything is visible.
			const half = Math.ceil(Number(asObjects('PRAGMA page_count').get()?.page_count) / 2);
			try {
				return {totalPages: await backup(native, file, {rate: Math.max(1, Math.min(pages, half)), progress: (copied) => void progress(copied)})};
			} catch (error) {
				throw withCode(error);
			}
		},
		serialize() {
			if (native.serialize === undefined) throw new TypeError('this version of Node.js cannot serialize a database');
			return native.serialize();
		},
		unsafeMode,
		defineStub: (name) => native.function(name, {varargs: true, deterministic: true}, () => null),
		close: () => native.close(),
	};
}

function statementOf(statement: StatementSync, sql: string, totalChanges: () => number): NativeStatement {
	const reader = statement.columns().length > 0;
	const bound = binderFor(sql);
	const requireReader = () => {
		if (!reader) throw new TypeError('This statement does not return data. Use run() instead');
	};
	return {
		reader,
		run(...given) {
			const parameters = bound(given);
			const before = totalChanges();
			const {changes, lastInsertRowid} = noting(() => statement.run(...parameters));
			// A statement that is not an INSERT, UPDATE or DELETE does not reset the count of the last one.
			return {changes: totalChanges() === before ? 0 : Number(changes), lastInsertRowid};
		},
		get(...given) {
			requireReader();
			const parameters = bound(given);
			return withBuffers(noting(() => statement.get(...parameters)));
		},
		all(...given) {
			requireReader();
			const parameters = bound(given);
			return noting(() => statement.all(...parameters)).map(withBuffers);
		},
		*iterate(...given) {
			requireReader();
			const parameters = bound(given);
			const rows = noting(() => statement.iterate(...parameters));
			try {
				for (;;) {
					const row = noting(() => rows.next());
					if (row.done === true) return;
					yield withBuffers(row.value);
				}
			} finally {
				rows.return?.();
			}
		},
	};
}

/** Turns blobs into buffers, which code of migrations expects. */
function withBuffers<Row>(row: Row): Row {
	const values = row as Record<string, unknown>;
	for (const name in values) {
		const value = values[name];
		if (!(value instanceof Uint8Array)) continue;
		// Node.js 22 binds NULL for the empty array that it returns.
		values[name] = value.byteLength === 0 ? Buffer.alloc(0) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
	}
	return row;
}

/** Node compiles the first statement and ignores the rest. @throws RangeError like better-sqlite3 */
function requireOneStatement(sql: string): void {
	if (!sql.includes(';') && /^\s*\w/.test(sql)) return;
	const count = countStatements(sql);
	if (count === 1) return;
	throw new RangeError(`The supplied SQL string contains ${count === 0 ? 'no statements' : 'more than one statement'}`);
}

function countStatements(sql: string): number {
	try {
		return splitStatements(sql).length;
	} catch {
		// SQLite reports the error in it.
		return 1;
	}
}

/** Returns a function that checks and flattens parameters. Node binds NULL to missing ones. */
function binderFor(sql: string): (given: readonly unknown[]) => SQLInputValue[] {
	const names = /[?:@$#]/.test(sql) ? tokenize(sql).flatMap(({kind, text}) => (kind === 'parameter' ? [text] : [])) : [];
	const anonymous = names.filter((name) => name === '?').length;
	const named = [...new Set(names.filter((name) => name !== '?').map((name) => name.slice(1)))];
	return (given) => {
		const values: unknown[] = [];
		let byName: Readonly<Record<string, unknown>> | undefined;
		for (const parameter of given) {
			if (Array.isArray(parameter)) values.push(...parameter);
			else if (isRecord(parameter)) byName = parameter;
			else values.push(parameter);
		}
		if (values.length !== anonymous) throw new RangeError(`Too ${values.length < anonymous ? 'few' : 'many'} parameter values were provided`);
		const missing = named.find((name) => byName === undefined || !Object.hasOwn(byName, name));
		if (missing !== undefined) throw new RangeError(`Missing named parameter "${missing}"`);
		return [...(byName === undefined || named.length === 0 ? [] : [byName]), ...values] as SQLInputValue[];
	};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}

function noting<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw withCode(error);
	}
}

/** Adds the name of its result code to an SQLite error. A backup whose file is locked at the first step has no number. */
function withCode(error: unknown): unknown {
	const {code, errcode} = error as {readonly code?: unknown; readonly errcode?: unknown};
	if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number') return error;
	return Object.assign(error as Error, {code: errcode === 0 ? 'SQLITE_BUSY' : resultCodeName(errcode)});
}
