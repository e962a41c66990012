import {readSchema, type SchemaRow} from '../../ddl/read.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {nameKey, quoted, sameName} from '../../schema/identifiers.ts';
import {findTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import {attachForReading, detachAfterReading} from '../../sqlite/attach.ts';
import type {Database} from '../../sqlite/database.ts';
import {fileFailure, sqliteCode} from '../../sqlite/failure.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {isError} from '../../text/thrown.ts';
import {readApplied} from '../history/history.ts';
import type {Recorder} from './compare-rows.ts';
import {compareTable, type TableComparison} from './compare-table.ts';
import {compareVirtualTable} from './compare-virtual-table.ts';

export interface RestoreComparison {
	/** Tables that differ in rows or definition. */
	readonly tables: readonly TableComparison[];
	/** Migrations that would be pending again. */
	readonly migrations: readonly string[];
	/** True if rows or values would be lost that were added after the backup. */
	readonly losesRows: boolean;
	/** Why the database cannot be compared. Absent if it can. */
	readonly damage?: string;
}

/**
 * Compares a database with one of its backups, using only SQL. Matches rows by primary key, or else by rowid. In case of doubt, a row counts as lost.
 *
 * @param record called with the keys of all rows that would be lost or changed, and with both schemas
 * @param wranglerTable wrangler's table, if that is the history of the project
 */
export function compareWithBackup(db: Database, backup: string, record: Recorder = () => {}, wranglerTable?: string): RestoreComparison {
	try {
		attachForReading(db, backup, 'backup');
	} catch (error) {
		if (!isError(error) || !error.message.includes('same text encoding')) throw error;
		return uncomparable('the backup has a different text encoding', db, record);
	}
	try {
		// One snapshot for all tables.
		db.exec('BEGIN');
		return compared(db, record, wranglerTable);
	} catch (error) {
		if (sqliteCode(error)?.startsWith('SQLITE_CORRUPT') !== true) throw error;
		return uncomparable(fileFailure(error, db.path)?.message ?? (error as Error).message, db, record);
	} finally {
		if (db.inTransaction) db.exec('COMMIT');
		detachAfterReading(db, 'backup');
	}
}

function compared(db: Database, record: Recorder, wranglerTable?: string): RestoreComparison {
	const rows = db.all('SELECT type, name, sql FROM backup.sqlite_schema ORDER BY rowid') as readonly unknown[] as readonly SchemaRow[];
	const [now, then] = [introspect(db), readSchema(rows)];
	for (const table of ['main.sqlite_schema', 'backup.sqlite_schema'])
		for (const [name, sql] of db.tuples(`SELECT name, sql FROM ${table} ORDER BY rowid`)) record(JSON.stringify([table, name, sql]));
	const tables = [
		...namesOf(now.tables, then.tables)
			.filter((name) => !sameName(name, wranglerTable ?? historyTable))
			.map((name) => compareTable(db, now, then, name, record)),
		...namesOf(now.virtualTables, then.virtualTables).flatMap((name) => compareVirtualTable(db, now, then, name, record) ?? []),
	].filter(
		({schemaChanged, lost, reverted, valuesGone = 0, rowsNow, rowsInBackup}) =>
			schemaChanged || lost > 0 || reverted > 0 || valuesGone > 0 || rowsNow !== rowsInBackup,
	);
	const migrations = migrationsSince(db, then, wranglerTable);
	record(JSON.stringify([tables, migrations]));
	const losesRows = tables.some(({lost, reverted, valuesGone = 0}) => lost > 0 || reverted > 0 || valuesGone > 0);
	return {tables, migrations, losesRows};
}

function uncomparable(damage: string, db: Database, record: Recorder): RestoreComparison {
	record(damage);
	for (const [name, sql] of db.tuples('SELECT name, sql FROM main.sqlite_schema ORDER BY rowid')) record(JSON.stringify([name, sql]));
	return {tables: [], migrations: [], losesRows: true, damage};
}

function namesOf(...lists: readonly (readonly {readonly name: string}[])[]): readonly string[] {
	return [...new Map(lists.flat().map(({name}) => [nameKey(name), name])).values()];
}

function migrationsSince(db: Database, then: Schema, wranglerTable?: string): readonly string[] {
	const table = wranglerTable ?? historyTable;
	const known = findTable(then, table) === undefined ? [] : db.tuples(`SELECT name FROM backup.${quoted(table)}`).map(([name]) => name);
	const isKnown = (name: string) => known.includes(wranglerTable === undefined ? name : `${name}.sql`);
	return readApplied(db, wranglerTable)
		.map(({name}) => name)
		.filter((name) => !isKnown(name));
}
