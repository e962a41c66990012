import {readSchema, type SchemaRow} from '../../ddl/read.ts';
import {sameTable} from '../../schema/equality.ts';
import {nameKey, quoted, sameName} from '../../schema/identifiers.ts';
import {rowidNames} from '../../schema/key-columns.ts';
import {findColumn, findTable} from '../../schema/lookup.ts';
import type {Schema, Table} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {missingExtension} from '../../sqlite/missing-extension.ts';
import {historyTable} from '../history/foreign-tools.ts';
import {readApplied} from '../history/history.ts';

export interface RestoreComparison {
	/** Tables that differ in rows or definition. */
	readonly tables: readonly TableComparison[];
	/** Migrations that would be pending again. */
	readonly migrations: readonly string[];
	/** True where rows or values that came in since would be lost. */
	readonly losesRows: boolean;
	/** Why the database cannot be compared; absent where it can. */
	readonly damage?: string;
}

export interface TableComparison {
	readonly name: string;
	/** Rows in the database; null where the table is not there. */
	readonly rowsNow: number | null;
	/** Rows in the backup; null where the table is not there. */
	readonly rowsThen: number | null;
	/** Rows of the database whose key the backup does not have. */
	readonly lost: number;
	/** Rows that are in both and differ in a column that both have under the same type. */
	readonly reverted: number;
	/** True where the definition differs. */
	readonly isChanged: boolean;
}

/** Holds a database against a backup of it, by SQL alone: rows are matched by primary key, otherwise by rowid. */
export function compareWithBackup(db: Database, backup: string): RestoreComparison {
	db.run('ATTACH ? AS backup', backup);
	try {
		const now = introspect(db);
		const then = readSchema(db.all('SELECT type, name, sql FROM backup.sqlite_schema ORDER BY rowid') as readonly unknown[] as readonly SchemaRow[]);
		const names = new Map([...now.tables, ...then.tables].map(({name}) => [nameKey(name), name]));
		const tables = [...names.values()]
			.filter((name) => !sameName(name, historyTable))
			.map((name) => compareTable(db, now, then, name))
			.filter((table) => table.isChanged || table.lost > 0 || table.reverted > 0 || table.rowsNow !== table.rowsThen);
		return {tables, migrations: migrationsSince(db, then), losesRows: tables.some(({lost, reverted}) => lost > 0 || reverted > 0)};
	} finally {
		db.exec('DETACH backup');
	}
}

function migrationsSince(db: Database, then: Schema): readonly string[] {
	const known = findTable(then, historyTable) === undefined ? [] : db.tuples(`SELECT name FROM backup.${historyTable}`).map(([name]) => name);
	return readApplied(db)
		.map(({name}) => name)
		.filter((name) => !known.includes(name));
}

function compareTable(db: Database, now: Schema, then: Schema, name: string): TableComparison {
	try {
		return compared(db, now, then, name);
	} catch (error) {
		if (!(error instanceof Error) || missingExtension(error.message) === undefined) throw error;
		return compared(db, now, then, name, {isPlain: true});
	}
}

/** @param options `isPlain`: without the collations of columns and indexes, which may be those of another program */
function compared(db: Database, now: Schema, then: Schema, name: string, {isPlain = false} = {}): TableComparison {
	const [present, old] = [findTable(now, name), findTable(then, name)];
	const indexed = isPlain ? ' NOT INDEXED' : '';
	const rowsNow = present === undefined ? null : Number(db.value(`SELECT count(*) FROM main.${quoted(name)}${indexed}`));
	const rowsThen = old === undefined ? null : Number(db.value(`SELECT count(*) FROM backup.${quoted(name)}${indexed}`));
	const base = {name, rowsNow, rowsThen};
	if (present === undefined || old === undefined) return {...base, lost: rowsNow ?? 0, reverted: 0, isChanged: true};
	const isChanged = !sameTable(present, old, now, then);
	const match = matchOf(present, old, isPlain ? ' COLLATE BINARY' : '');
	if (match === undefined) return {...base, lost: Math.max(0, (rowsNow ?? 0) - (rowsThen ?? 0)), reverted: 0, isChanged};
	const from = `FROM main.${quoted(name)} AS n${indexed}`;
	const backup = `backup.${quoted(old.name)} AS t${indexed}`;
	const lost = Number(db.value(`SELECT count(*) ${from} WHERE NOT EXISTS (SELECT 1 FROM ${backup} WHERE ${match})`));
	// A value that is spelled otherwise is another one, also where the column's collation takes both for the same.
	const differ = comparable(present, old).map((column) => `n.${quoted(column)} COLLATE BINARY IS NOT t.${quoted(column)}`);
	const reverted = differ.length === 0 ? 0 : Number(db.value(`SELECT count(*) ${from} JOIN ${backup} ON ${match} WHERE ${differ.join(' OR ')}`));
	return {...base, lost, reverted, isChanged};
}

/** What makes a row of the one that of the other: the primary key where both have the same, otherwise the rowid. */
function matchOf(present: Table, old: Table, collation: string): string | undefined {
	const key = present.primaryKey?.columns.map(({name}) => name) ?? [];
	const oldKey = old.primaryKey?.columns.map(({name}) => name) ?? [];
	const isSameKey = key.length > 0 && key.length === oldKey.length && key.every((name, index) => sameName(name, oldKey[index] ?? ''));
	if (isSameKey) return key.map((name) => `t.${quoted(name)}${collation} IS n.${quoted(name)}`).join(' AND ');
	const rowid = rowidNames.find((name) => findColumn(present, name) === undefined && findColumn(old, name) === undefined);
	return rowid === undefined || present.withoutRowid || old.withoutRowid ? undefined : `t.${rowid} = n.${rowid}`;
}

/** A conversion by a migration is no change that a person would miss. */
function comparable(present: Table, old: Table): readonly string[] {
	return present.columns
		.filter(({name, type, generated}) => {
			const other = findColumn(old, name);
			return generated === undefined && other !== undefined && other.generated === undefined && other.type.toUpperCase() === type.toUpperCase();
		})
		.map(({name}) => name);
}
