import type {SqlValue} from '../operations/operation.ts';
import type {Database, Row} from './database.ts';
import type {NativeConnection, NativeStatement} from './driver/driver.ts';
import {notePath} from './failure.ts';
import {missingCollation} from './missing-extension.ts';

const natives = new WeakMap<Database, NativeConnection>();
const waits = new WeakMap<Database, <T>(work: () => T) => T>();

/** Sets a function that calls each work on a connection, again if necessary. For connections that only read. */
export function setWait(db: Database, wait: <T>(work: () => T) => T): void {
	waits.set(db, wait);
}

/** Returns the native connection of a database, for backups, unsafe mode and the code of migrations, which `Database` does not offer. */
export function nativeOf(db: Database): NativeConnection {
	const native = natives.get(db);
	if (native === undefined) throw new TypeError(`${db.path} is not a database file`);
	return native;
}

/** True if the database is a file or in memory on this machine, and not on a server. */
export function isFile(db: Database): boolean {
	return natives.has(db);
}

/**
 * Wraps an open native connection. SQLite errors pass through unchanged, except for a missing collation. The file of each error is recorded,
 * so `failure.ts` can explain the error wherever it is caught.
 *
 * @param onClosed called when the connection is closed
 */
export function connect(native: NativeConnection, path: string, onClosed: () => void = () => {}): Database {
	const noting = <T>(work: () => T): T => {
		try {
			const wait = waits.get(db);
			return wait === undefined ? work() : wait(work);
		} catch (error) {
			notePath(error, path);
			throw error;
		}
	};
	const statement = (sql: string, rows?: 'arrays') => {
		try {
			return native.prepare(sql, rows);
		} catch (error) {
			throw missingCollation(error) ?? error;
		}
	};
	const reused = new Map<string, NativeStatement>();
	/** Returns a statement that was compiled before, for texts whose columns cannot change. Statements are freed only by the garbage collector. */
	const reusable = (sql: string, rows?: 'arrays') => {
		if (!mayReuse.test(sql)) return statement(sql, rows);
		const key = `${rows ?? ''} ${sql}`;
		const known = reused.get(key);
		if (known !== undefined) return known;
		const compiled = statement(sql, rows);
		const [oldest] = reused.keys();
		if (reused.size >= maxReused && oldest !== undefined) reused.delete(oldest);
		reused.set(key, compiled);
		return compiled;
	};
	function* eachRow<Row>(sql: string, parameters: readonly SqlValue[], kind?: 'arrays'): Generator<Row, void, void> {
		// Only the first row may have to wait for a lock. A failed iterator is over.
		const [rows, first] = noting(() => {
			const rows = statement(sql, kind).iterate(...parameters.map(toNative)) as IterableIterator<Row>;
			return [rows, rows.next()] as const;
		});
		try {
			for (let next = first; next.done !== true; next = rows.next()) yield next.value;
		} catch (error) {
			notePath(error, path);
			throw error;
		} finally {
			rows.return?.();
		}
	}
	const db: Database = {
		path,
		sqliteVersion: native.driver.sqliteVersion,
		get inTransaction() {
			return native.inTransaction;
		},
		exec(sql) {
			noting(() => native.exec(sql));
		},
		run(sql, ...parameters) {
			return noting(() => {
				const prepared = reusable(sql, 'arrays');
				return prepared.reader ? exhaust(native, prepared, parameters) : prepared.run(...parameters.map(toNative)).changes;
			});
		},
		all(sql, ...parameters) {
			const rows = noting(() => reusable(sql).all(...parameters.map(toNative)) as Record<string, SqlValue>[]);
			for (const row of rows) fromNativeRow(row);
			return rows;
		},
		tuples(sql, ...parameters) {
			const rows = noting(() => reusable(sql, 'arrays').all(...parameters.map(toNative)) as SqlValue[][]);
			for (const row of rows) for (const [index, value] of row.entries()) if (typeof value === 'bigint') row[index] = fromNative(value);
			return rows;
		},
		*eachTuple(sql, ...parameters) {
			for (const row of eachRow<SqlValue[]>(sql, parameters, 'arrays')) yield row.map(fromNative);
		},
		get(sql, ...parameters) {
			const row = noting(() => reusable(sql).get(...parameters.map(toNative)) as Record<string, SqlValue> | undefined);
			return row && fromNativeRow(row);
		},
		*iterate(sql, ...parameters) {
			for (const row of eachRow<Record<string, SqlValue>>(sql, parameters)) yield fromNativeRow(row);
		},
		value(sql, ...parameters) {
			const row = noting(() => reusable(sql, 'arrays').get(...parameters.map(toNative)) as readonly SqlValue[] | undefined);
			return row === undefined ? undefined : fromNative(row[0] as SqlValue);
		},
		explain(sql, parameters) {
			return native.prepare(`EXPLAIN ${sql}`, 'arrays').all(...parameters) as unknown[][];
		},
		close() {
			native.close();
			onClosed();
		},
	};
	natives.set(db, native);
	return db;
}

/** Texts that lite-migr itself runs again and again. A PRAGMA takes effect when it is compiled, and the columns of `*` depend on the schema. */
const mayReuse = /^\s*(?:SELECT|INSERT INTO)\b[^*]*$/;
const maxReused = 32;

/** Runs a statement that returns rows (RETURNING, a SELECT with side effects) to the end. Returns the number of changed rows. */
function exhaust(native: NativeConnection, statement: NativeStatement, parameters: readonly SqlValue[]): number {
	const changesSoFar = () => Number((native.prepare('SELECT total_changes()', 'arrays').get() as unknown[])[0]);
	const before = changesSoFar();
	for (const _ of statement.iterate(...parameters.map(toNative)));
	return changesSoFar() - before;
}

/** Converts integers to bigint, because drivers bind every number as REAL. They must stay integers even in a column without a type. */
export function toNative(value: SqlValue): SqlValue {
	return typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value;
}

export function fromNative(value: SqlValue): SqlValue {
	return typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function fromNativeRow(row: Record<string, SqlValue>): Row {
	for (const name in row) {
		const value = row[name];
		if (typeof value === 'bigint') row[name] = fromNative(value);
	}
	return row;
}
