import type {Config} from '../../core/config/config.ts';
import {listBackups} from '../../core/migrations/backup/backup-files.ts';
import {listMigrations} from '../../core/migrations/files/list.ts';
import {projectMigrations} from '../../core/migrations/files/source.ts';
import {type ProjectState, projectState} from '../../core/migrations/history/state.ts';
import {databaseExists} from '../../core/migrations/project.ts';
import {historyTable} from '../../core/runtime/history-table.ts';
import {sameName} from '../../core/schema/identifiers.ts';
import type {Schema} from '../../core/schema/schema.ts';
import type {Database} from '../../core/sqlite/database.ts';
import {knownFailure} from '../../core/sqlite/failure.ts';
import {introspect} from '../../core/sqlite/introspect.ts';
import {openDatabase} from '../../core/sqlite/open.ts';
import type {Completion, NamedThing} from './complete-line.ts';

/** Returns the names of a project that can complete a word. Names that a shell would have to quote are omitted. */
export function projectNames(config: Config, thing: NamedThing): readonly Completion[] {
	return namesOf(config, thing).filter(({word}) => /^[\p{L}\p{N}_.=-]+$/u.test(word));
}

function namesOf(config: Config, thing: NamedThing): readonly Completion[] {
	switch (thing) {
		case 'pending':
			return migrationsOf(config, ({pending}) => pending.map(({file}) => file.name));
		case 'applied':
			// The newest one is applied now, so keeping it undoes nothing.
			return migrationsOf(config, ({applied}) => applied.slice(0, -1).map(({name}) => name));
		case 'backup':
			if (config.remote !== undefined) return [];
			return listBackups(config.dbPath, config.backupDir).map(({id, before}) => ({
				word: id,
				description: before === null ? 'backup' : `backup, ${before}`,
			}));
		case 'table':
			return tablesOf(config).map(({name}) => ({word: name, description: 'table'}));
		case 'column':
			return [...namesOf(config, 'table'), ...columnsOf(config, '')];
		case 'renamed':
			return [...tablesOf(config).map(({name}) => ({word: `${name}=`, description: 'table'})), ...columnsOf(config, '=')];
		case 'filled':
			return columnsOf(config, '=');
	}
}

/**
 * Returns the migrations that a run in one direction can go to. All of them if the history cannot be read: there is no database, several are named, or
 * it is on a server.
 */
function migrationsOf(config: Config, select: (state: ProjectState) => readonly string[]): readonly Completion[] {
	const all = () => listMigrations(config.migrationsDir).map(({name}) => ({word: name, description: 'migration'}));
	try {
		const history = inDatabase(config, (db) => select(projectState(projectMigrations(config), db)));
		return history?.map((name) => ({word: name, description: 'migration'})) ?? all();
	} catch (error) {
		// It is locked or damaged, which the command itself will report.
		if (knownFailure(error) !== undefined) return all();
		throw error;
	}
}

function columnsOf(config: Config, end: string): readonly Completion[] {
	return tablesOf(config).flatMap(({name, columns}) =>
		columns.map((column) => ({word: `${name}.${column.name}${end}`, description: column.type === '' ? 'column' : column.type})),
	);
}

/**
 * Returns the tables of the database file, without the history of lite-migr. A database on a server is not queried: a key press must not wait for the
 * network.
 */
function tablesOf(config: Config): Schema['tables'] {
	return inDatabase(config, (db) => introspect(db).tables.filter(({name}) => !sameName(name, historyTable))) ?? [];
}

/** Reads the database file. Undefined if there is none, or if the database is on a server. */
function inDatabase<Result>(config: Config, read: (db: Database) => Result): Result | undefined {
	if (config.remote !== undefined || !databaseExists(config)) return undefined;
	const db = openDatabase(config.dbPath, {readonly: true, wait: 0});
	try {
		return read(db);
	} finally {
		db.close();
	}
}
