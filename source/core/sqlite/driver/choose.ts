import {AsyncLocalStorage} from 'node:async_hooks';
import {loadBetterSqlite3} from './better-sqlite3.ts';
import type {Driver} from './driver.ts';
import type {DriverName} from './driver-connections.ts';
import {loadNodeSqlite} from './node-sqlite.ts';

/** Which driver to use. */
export interface DriverChoice {
	/** Default: better-sqlite3, or node:sqlite if better-sqlite3 is not installed or does not load. */
	readonly name?: DriverName | undefined;
	/** The folder of the project. Its own better-sqlite3 is used if the version fits, so the process does not load a second copy. */
	readonly project?: string | undefined;
}

let choice: DriverChoice = {};
const scope = new AsyncLocalStorage<Driver>();
const loaded = new Map<DriverName, Driver>();

/** Sets the driver of this process, or of this worker thread. It is loaded when the first database is opened. */
export function chooseDriver(given: DriverChoice): void {
	choice = given;
}

/** Returns the argument of `chooseDriver`, for another process that opens the same databases. */
export function chosenDriver(): DriverChoice {
	return choice;
}

/**
 * Returns the driver that opens databases now.
 *
 * @throws MigrError `database` if the driver that was asked for does not load
 */
export function currentDriver(): Driver {
	return scope.getStore() ?? driverFor(choice);
}

/** Returns the version of the SQLite that opens database files, for plans that are only shown. @throws MigrError `database` like `currentDriver` */
export function localSqliteVersion(): string {
	return currentDriver().sqliteVersion;
}

/** True if lite-migr has opened a database with this driver in this thread. */
export function hasLoaded(name: DriverName): boolean {
	return loaded.has(name);
}

/** @throws MigrError `database` if the driver that was asked for does not load */
export function driverFor({name, project}: DriverChoice): Driver {
	if (name !== undefined) return driverNamed(name, project);
	const known = loaded.get('better-sqlite3') ?? loaded.get('node:sqlite');
	if (known !== undefined) return known;
	try {
		return driverNamed('better-sqlite3', project);
	} catch {
		// Every supported version of Node.js has the other driver.
		return driverNamed('node:sqlite', project);
	}
}

function driverNamed(name: DriverName, project: string | undefined): Driver {
	const known = loaded.get(name);
	if (known !== undefined) return known;
	const driver = name === 'better-sqlite3' ? loadBetterSqlite3(project) : loadNodeSqlite();
	loaded.set(name, driver);
	return driver;
}

/** Runs a function. Every database that it opens, including in memory and after an `await`, comes from this driver. */
export function inDriver<T>(driver: Driver, work: () => T): T {
	return scope.run(driver, work);
}

/** Runs a generator. Every database that it opens, including in memory, comes from this driver. */
export async function* withDriver<T, R>(driver: Driver, work: () => AsyncGenerator<T, R, void>): AsyncGenerator<T, R, void> {
	const running = scope.run(driver, work);
	let isDone = false;
	try {
		for (;;) {
			const step = await scope.run(driver, () => running.next());
			if (step.done === true) {
				isDone = true;
				return step.value;
			}
			yield step.value;
		}
	} finally {
		if (!isDone) await scope.run(driver, () => running.return(undefined as R));
	}
}
