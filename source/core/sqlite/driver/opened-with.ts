import {openFileAt} from '../open-descriptors.ts';
import {isBetterSqlite3Loaded} from './better-sqlite3.ts';
import type {DriverName} from './driver-connections.ts';
import {isNodeSqliteLoaded} from './node-sqlite.ts';

/**
 * Returns the driver through which the program has a file open, if only one is possible. Opening it with the other one could damage the database: two
 * copies of SQLite in one process do not see each other's locks, and each of them releases the locks of the other when it closes the file
 * (https://www.sqlite.org/howtocorrupt.html#multiple_copies_of_sqlite_linked_into_the_same_application).
 */
export function openedWith(path: string): DriverName | undefined {
	return isNodeSqliteLoaded() && !isBetterSqlite3Loaded() && openFileAt(path) !== undefined ? 'node:sqlite' : undefined;
}
