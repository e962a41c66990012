import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {DatabaseSync} from 'node:sqlite';
import type BetterSqlite3 from 'better-sqlite3';
import {MigrError, restated} from '../../errors.ts';
import {betterSqlite3Module} from './better-sqlite3.ts';
import {driverFor} from './choose.ts';
import type {Driver} from './driver.ts';
import type {DriverConnections, DriverName} from './driver-connections.ts';
import {nodeSqliteModule} from './node-sqlite.ts';

/** A connection of any driver. */
export interface Closable {
	close(): unknown;
}

/** A driver that opens connections as a program does, to build a database as a file, and to clone it in memory. */
export interface CloningDriver<Connection extends Closable> {
	/** The driver that runs migrations. */
	readonly driver: Driver;
	/** Opens a file with foreign keys on. Creates it if it does not exist. */
	open(file: string): Connection;
	isOpen(connection: Connection): boolean;
	inTransaction(connection: Connection): boolean;
	/** Returns a function that opens a new in-memory database with the content of a database file, with foreign keys on. */
	clonesOf(content: Buffer): () => Connection;
}

/** Each driver is loaded once per process. */
const cloning: {[Name in DriverName]?: CloningDriver<DriverConnections[Name]>} = {};

/**
 * Returns a driver, loaded on first use.
 *
 * @param project the folder of the project, whose better-sqlite3 is used
 * @throws MigrError `database` if it cannot be loaded
 */
export function cloningDriver<Name extends DriverName>(name: Name, project: string): CloningDriver<DriverConnections[Name]> {
	if (name === 'node:sqlite') cloning['node:sqlite'] ??= cloningNodeSqlite(loadDriver(name, project));
	else cloning['better-sqlite3'] ??= cloningBetterSqlite3(loadDriver(name, project), project);
	return cloning[name] as CloningDriver<DriverConnections[Name]>;
}

function loadDriver(name: DriverName, project: string): Driver {
	try {
		return driverFor({name, project});
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		const hint = [error.hint, "if your program uses node:sqlite, set the option driver: 'node:sqlite'"].filter(Boolean).join('\n');
		throw restated(error, {hint});
	}
}

function cloningBetterSqlite3(driver: Driver, project: string): CloningDriver<BetterSqlite3.Database> {
	const Connection = betterSqlite3Module(project);
	const open = (source: string | Buffer) => {
		const connection = new Connection(source);
		connection.exec('PRAGMA foreign_keys = ON');
		return connection;
	};
	return {
		driver,
		open,
		isOpen: (connection) => connection.open,
		inTransaction: (connection) => connection.inTransaction,
		clonesOf: (content) => () => open(content),
	};
}

function cloningNodeSqlite(driver: Driver): CloningDriver<DatabaseSync> {
	const {DatabaseSync: Connection} = nodeSqliteModule();
	const open = (path: string) => new Connection(path, {enableForeignKeyConstraints: true});
	return {
		driver,
		open,
		isOpen: ({isOpen}) => isOpen,
		inTransaction: ({isTransaction}) => isTransaction,
		clonesOf: (content) => ('deserialize' in Connection.prototype ? deserialized(open, content) : vacuumed(open, content)),
	};
}

function deserialized(open: (path: string) => DatabaseSync, content: Buffer): () => DatabaseSync {
	return () => {
		const clone = open(':memory:');
		clone.deserialize(content);
		return clone;
	};
}

/**
 * Clones with VACUUM INTO, for versions of Node without `deserialize`, such as 22. The databases are in SQLite's memdb VFS
 * (https://www.sqlite.org/src/file/src/memdb.c), which is shared by all threads of the process. VACUUM INTO keeps rowids, unlike VACUUM.
 */
function vacuumed(open: (path: string) => DatabaseSync, content: Buffer): () => DatabaseSync {
	const clone = (source: DatabaseSync) => {
		const uri = `file:/lite-migr-${crypto.randomUUID()}?vfs=memdb`;
		// A memdb database exists as long as a connection to it.
		const copy = open(uri);
		source.exec(`VACUUM INTO '${uri}'`);
		return copy;
	};
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-'));
	try {
		const file = join(folder, 'template.db');
		writeFileSync(file, content);
		const source = open(file);
		try {
			const template = clone(source);
			return () => clone(template);
		} finally {
			source.close();
		}
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}
