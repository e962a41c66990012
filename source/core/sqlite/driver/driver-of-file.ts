import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import {openFileAt} from '../open-descriptors.ts';
import {driverOfLoaded, isBetterSqlite3InProcess, loadedBetterSqlite3} from './better-sqlite3.ts';
import {type DriverChoice, driverFor, hasLoaded} from './choose.ts';
import type {Driver} from './driver.ts';
import type {DriverName} from './driver-connections.ts';
import {isNodeSqliteLoaded} from './node-sqlite.ts';
import {ownDriverOf} from './own-connections.ts';

/*
 * How to read this file. Two copies of SQLite in one process do not see each other's locks, and each of them releases the locks of the other when it
 * closes the file (https://www.sqlite.org/howtocorrupt.html#multiple_copies_of_sqlite_linked_into_the_same_application). A file that the program has
 * open can be opened only with the same copy. The system says that it is open, but not with which copy. So a copy is used if no other one can have it
 * open. Otherwise, the file is not opened at all (docs/decisions/0026).
 */

/**
 * Returns the driver that can open a file without a second copy of SQLite.
 *
 * @throws MigrError `database` if the program has the file open, and its copy of SQLite is not known, is not the one in `choice` or cannot be used
 */
export function driverOfFile(path: string, choice: DriverChoice): Driver {
	const own = ownDriverOf(path);
	if (own !== undefined) return own;
	const copies = loadedBetterSqlite3();
	// A server may have thousands of open files. They need not be searched if this thread has only the copy that lite-migr uses.
	const isOnlyCopy = copies.length === 1 && hasLoaded('better-sqlite3') && isNodeSqliteLoaded() === false;
	if (isOnlyCopy && choice.name !== 'node:sqlite') return driverFor(choice);
	if (openFileAt(path) === undefined) return driverFor(choice);
	const holder = holderOf(copies.length > 0);
	if (holder === 'either' && choice.name === undefined) {
		throw inOtherCopy(path, 'both better-sqlite3 and node:sqlite are loaded, so lite-migr cannot tell which one has it open', [
			'pass the open connection as database',
			'set driver to the one that has it open',
		]);
	}
	const known = holder === 'either' || holder === 'unknown' ? undefined : holder;
	const name = choice.name ?? known;
	if (known !== undefined && name !== known) {
		throw inOtherCopy(path, `the program has it open with ${known}, but driver is ${name}`, [`set driver to ${known}`]);
	}
	if (name !== 'better-sqlite3' || copies.length === 0) return driverFor({...choice, name});
	const [copy = ''] = copies;
	const driver = copies.length === 1 ? driverOfLoaded(copy) : undefined;
	if (driver !== undefined) return driver;
	const why = copies.length > 1 ? 'several copies of better-sqlite3 are loaded' : `lite-migr cannot use the better-sqlite3 of the program (${copy})`;
	throw inOtherCopy(path, why, ['pass the open connection as database']);
}

/**
 * Returns what can have a file open in this process. `unknown`: neither driver is loaded in this thread, so it is another thread or another library.
 */
function holderOf(isBetterLoaded: boolean): DriverName | 'either' | 'unknown' {
	const isNodeLoaded = isNodeSqliteLoaded();
	if (isBetterLoaded) return isNodeLoaded === true ? 'either' : 'better-sqlite3';
	const isBetterElsewhere = isBetterSqlite3InProcess();
	if (isNodeLoaded === true) return isBetterElsewhere === true ? 'either' : 'node:sqlite';
	// Every Node.js contains node:sqlite, so another thread can use it.
	return isNodeLoaded === false && isBetterElsewhere === false ? 'node:sqlite' : 'unknown';
}

function inOtherCopy(path: string, why: string, fixes: readonly string[]): MigrError {
	return new MigrError('database', `${basename(path)} is open in this program, and opening it with another copy of SQLite could damage it`, {
		details: [why, 'nothing was opened or written'],
		hint: [...fixes, 'close it before the run'].join(', or '),
	});
}
