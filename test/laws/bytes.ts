import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {literal} from '../../source/core/schema/identifiers.ts';
import {connect, nativeOf} from '../../source/core/sqlite/connection.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {currentDriver} from '../../source/core/sqlite/driver/choose.ts';

/** node:sqlite in Node.js 22 cannot read or write the bytes of a database in memory. A file can be copied there. */
const canSerialize = () => currentDriver().name === 'better-sqlite3' || 'serialize' in DatabaseSync.prototype;

/** Returns the bytes of a database, with its rowids. */
export function bytesOf(db: Database): Uint8Array {
	if (canSerialize()) return nativeOf(db).serialize();
	return inFolder((file) => {
		db.exec(`VACUUM INTO ${literal(file)}`);
		return readFileSync(file);
	});
}

/** Opens the bytes of a database as a program does, with foreign keys on. */
export function openBytes(bytes: Uint8Array): Database {
	// An empty database has no bytes, which node:sqlite does not take.
	const native = canSerialize() && bytes.length > 0 ? currentDriver().deserialize(Buffer.from(bytes)) : openFile(bytes);
	native.exec('PRAGMA trusted_schema = OFF');
	native.exec('PRAGMA foreign_keys = ON');
	return connect(native, ':memory:');
}

/** The file is removed immediately. An open file can still be used, except on Windows. */
function openFile(bytes: Uint8Array) {
	return inFolder((file) => {
		writeFileSync(file, bytes);
		const native = currentDriver().open(file);
		native.exec('PRAGMA journal_mode = MEMORY');
		native.exec('PRAGMA user_version');
		return native;
	});
}

function inFolder<T>(work: (file: string) => T): T {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-bytes-'));
	try {
		return work(join(folder, 'copy.db'));
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}
