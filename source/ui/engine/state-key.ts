import {existsSync, statSync} from 'node:fs';
import type {Config} from '../../core/config/config.ts';
import {MigrError} from '../../core/errors.ts';
import {listMigrations} from '../../core/migrations/files/list.ts';
import {readApplied} from '../../core/migrations/history/history.ts';
import {allModelFiles} from '../../core/models/model-files.ts';
import {openDatabase} from '../../core/sqlite/open.ts';

/**
 * Returns a text that changes when models, migrations, the configuration, the history or the schema of the database change. Changed rows do not
 * change it. A database on a server is not queried.
 */
export function stateKey(config: Config): string {
	return JSON.stringify([timeOf(config.file), ...modelTimes(config), ...migrationTimes(config), databaseState(config)]);
}

function timeOf(file: string): readonly [string, number, number] {
	const {mtimeMs = 0, size = 0} = statSync(file, {throwIfNoEntry: false}) ?? {};
	return [file, mtimeMs, size];
}

function modelTimes({models}: Config): readonly unknown[] {
	return orProblem(() => {
		return allModelFiles(models).map(timeOf);
	});
}

function migrationTimes({migrationsDir}: Config): readonly unknown[] {
	return orProblem(() => listMigrations(migrationsDir).map(({path}) => timeOf(path)));
}

function databaseState({dbPath, remote, wranglerTable}: Config): readonly unknown[] {
	if (remote !== undefined || !existsSync(dbPath)) return [];
	return orProblem(() => {
		const db = openDatabase(dbPath, {readonly: true, wait: 0});
		try {
			return [Number(db.value('PRAGMA schema_version')), readApplied(db, wranglerTable).map(({name, checksum}) => [name, checksum])];
		} finally {
			db.close();
		}
	});
}

/** A problem is part of the state: it disappears when the user fixes it. A lock says nothing about the state. */
function orProblem(read: () => readonly unknown[]): readonly unknown[] {
	try {
		return read();
	} catch (error) {
		if (error instanceof MigrError) return error.code === 'locked' ? ['locked'] : [error.message];
		throw error;
	}
}
