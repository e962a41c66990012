import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {isError} from '../text/thrown.ts';
import {beforeSchema, detachAfterReading} from './attach.ts';
import {connect, nativeOf} from './connection.ts';
import {readConnectionState, restoreConnectionState} from './connection-state.ts';
import type {Database} from './database.ts';
import {adoptNative, type OpenConnection} from './driver/adopt.ts';

/** A connection of the program during a run. */
export interface TakenConnection {
	readonly db: Database;
	/** False if the program has closed it. */
	isOpen(): boolean;
	/** Restores all settings and leaves the connection open. Can be called if the program has closed it. */
	giveBack(): void;
}

const inUse = new WeakSet<object>();

/**
 * Prepares a run on a connection that the program has opened. Its settings, functions and statements are kept.
 *
 * @throws MigrError `usage` if it is not a connection of a known driver, or `database` if a run cannot use it in its current state
 */
export function takeConnection(connection: OpenConnection): TakenConnection {
	const adopted = adoptNative(connection);
	if (adopted === undefined) {
		throw new MigrError('usage', 'database is neither a path nor an open connection of better-sqlite3 or node:sqlite', {
			hint: 'pass the path of the file, or the connection itself instead of a wrapper around it',
		});
	}
	const {native, path, isOpen, isReadonly} = adopted;
	if (!isOpen) throw unusable('the connection is closed', 'open it again, or pass the path of the file');
	if (isReadonly === true) throw unusable('the connection is read-only', 'open one that can write');
	if (inUse.has(connection)) throw unusable('another run uses the connection', 'wait for the end of that run');
	const db = connect(native, path);
	if (isReading(db)) throw unusable('the connection is in the middle of reading rows', 'finish or leave the loop over iterate() before the run');
	if (Number(db.value('PRAGMA query_only')) === 1)
		throw unusable('the connection is read-only: PRAGMA query_only is on', 'switch it off before the run');
	requireNothingElse(db);
	const isUnsafe = acceptsSchemaWrites(db);
	const state = readConnectionState(db);
	inUse.add(connection);
	const isStillOpen = () => adoptNative(connection)?.isOpen === true;
	return {
		db,
		isOpen: isStillOpen,
		giveBack() {
			inUse.delete(connection);
			if (!isStillOpen()) return;
			restoreConnectionState(db, state);
			native.unsafeMode(isUnsafe);
		},
	};
}

function unusable(message: string, hint: string): MigrError {
	return new MigrError('database', message, {hint});
}

/** True if better-sqlite3 refuses all statements because the program reads rows one by one. node:sqlite reports a locked table later. */
export function isReading(db: Database): boolean {
	try {
		db.exec('');
		return false;
	} catch (error) {
		if (isError(error) && error.name === 'TypeError') return true;
		throw error;
	}
}

/** A name in a migration could refer to an object of another database, and migrations drop temporary objects. */
function requireNothingElse(db: Database): void {
	const names = db.tuples("SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')").map(([name]) => String(name));
	// An earlier run could not detach it, because a statement of the program was still reading.
	if (names.includes(beforeSchema)) detachAfterReading(db, beforeSchema);
	const attached = names.filter((name) => name !== beforeSchema).map(clean);
	if (attached.length > 0) throw unusable(`the connection has attached databases: ${attached.join(', ')}`, 'detach them before the run');
	const objects = db.tuples("SELECT name FROM temp.sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'").map(([name]) => clean(String(name)));
	if (objects.length > 0) throw unusable(`the connection has temporary objects: ${objects.join(', ')}`, 'drop them before the run');
}

/** True if the program has switched unsafe mode on, which no driver reports. */
function acceptsSchemaWrites(db: Database): boolean {
	const before = Number(db.value('PRAGMA writable_schema'));
	if (before === 1) return true;
	db.exec('PRAGMA writable_schema = ON');
	const accepts = Number(db.value('PRAGMA writable_schema')) === 1;
	db.exec('PRAGMA writable_schema = OFF');
	return accepts;
}

/** Returns the bytes of a database, including the changes of its open transaction. @throws MigrError `plan` if the driver cannot read them */
export function bytesOf(db: Database, purpose: string): Uint8Array {
	if (db.value('PRAGMA page_count') === 0) return new Uint8Array();
	try {
		return nativeOf(db).serialize();
	} catch (cause) {
		throw new MigrError('plan', `${purpose} needs a newer Node.js, or better-sqlite3`, {hint: 'update Node.js to version 24', cause});
	}
}
