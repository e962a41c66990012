import type {Config} from '../../core/config/config.ts';
import {listBackups} from '../../core/migrations/backup/backup-files.ts';
import {listMigrations} from '../../core/migrations/files/list.ts';
import {databaseExists} from '../../core/migrations/project.ts';
import {historyTable} from '../../core/runtime/history-table.ts';
import {sameName} from '../../core/schema/identifiers.ts';
import type {Schema} from '../../core/schema/schema.ts';
import {introspect} from '../../core/sqlite/introspect.ts';
import {openDatabase} from '../../core/sqlite/open.ts';
import type {Completion, NamedThing} from './complete-line.ts';

/** Returns the names of a project that can complete a word. Names that a shell would have to quote are omitted. */
export function projectNames(config: Config, thing: NamedThing): readonly Completion[] {
	return namesOf(config, thing).filter(({word}) => /^[\p{L}\p{N}_.=-]+$/u.test(word));
}

function namesOf(config: Config, thing: NamedThing): readonly Completion[] {
	switch (thing) {
		case 'migration':
			return listMigrations(config.migrationsDir).map(({name}) => ({word: name, description: 'migration'}));
		case 'backup':
			if (config.remote !== undefined) return [];
			return listBackups(config.dbPath, config.backupDir).map(({id, before}) => ({
				word: id,
				description: before === null ? 'backup' : `before ${before}`,
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

function columnsOf(config: Config, end: string): readonly Completion[] {
	return tablesOf(config).flatMap(({name, columns}) =>
		columns.map((column) => ({word: `${name}.${column.name}${end}`, description: column.type === '' ? 'column' : column.type})),
	);
}

/** Returns the tables of the database file, without the history of lite-migr. A database on a server is not asked: a key press must not wait for the network. */
function tablesOf(config: Config): Schema['tables'] {
	if (config.remote !== undefined || !databaseExists(config)) return [];
	const db = openDatabase(config.dbPath, {readonly: true, wait: 0});
	try {
		return introspect(db).tables.filter(({name}) => !sameName(name, historyTable));
	} finally {
		db.close();
	}
}
