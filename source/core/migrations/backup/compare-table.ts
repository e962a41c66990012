import {columnAffinity} from '../../schema/affinity.ts';
import {sameTable} from '../../schema/equality.ts';
import {quoted, sameName} from '../../schema/identifiers.ts';
import {rowidNames} from '../../schema/key-columns.ts';
import {findColumn, findTable} from '../../schema/lookup.ts';
import type {Column, Schema, Table} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {missingExtension} from '../../sqlite/missing-extension.ts';
import {isError} from '../../text/thrown.ts';
import {type ComparedRows, compareRows, countFrom, type Recorder} from './compare-rows.ts';

/** The rows of a table in the database, compared with those in the backup. */
export interface TableComparison {
	readonly name: string;
	/** Rows in the database. Null if it does not have the table. */
	readonly rowsNow: number | null;
	/** Rows in the backup. Null if it does not have the table. */
	readonly rowsInBackup: number | null;
	/** Rows of the database whose key is not in the backup. */
	readonly lost: number;
	/** Rows in both that differ in a shared column. The column may have a different name or type in the backup. */
	readonly reverted: number;
	/** True if the definition differs. */
	readonly schemaChanged: boolean;
	/** Rows in both that have a value in a column that the backup does not have. Absent if there are none. */
	readonly valuesGone?: number;
	/** The columns that contain these values. */
	readonly columnsGone?: readonly string[];
}

/** A column of the database, and the column of the backup that contains its values. `before` is undefined if there is none. */
interface Pair {
	readonly now: Column;
	readonly before: Column | undefined;
}

interface MatchedPair {
	readonly now: Column;
	readonly before: Column;
}

/** How a row of the database (n) is matched with a row of the backup (t). */
interface Match {
	readonly on: string;
	/** An expression that is NULL only if there is no such row. */
	readonly mark: string;
}

/** Compares the rows of a table. It may be missing from the database or from the backup. */
export function compareTable(db: Database, now: Schema, then: Schema, name: string, record: Recorder): TableComparison {
	try {
		return compared(db, now, then, name, record);
	} catch (error) {
		if (!lacksExtension(error)) throw error;
	}
	try {
		return compared(db, now, then, name, record, {isPlain: true});
	} catch (error) {
		if (!lacksExtension(error)) throw error;
		return unreadable(db, now, then, name, record);
	}
}

function lacksExtension(error: unknown): boolean {
	return isError(error) && missingExtension(error.message) !== undefined;
}

/**
 * Describes a table WITHOUT ROWID whose key has a collation of another program, which SQLite cannot read. All its rows count as lost, because they may
 * differ. Each row is a cell of a page (https://www.sqlite.org/dbstat.html).
 */
function unreadable(db: Database, now: Schema, then: Schema, name: string, record: Recorder): TableComparison {
	const [present, old] = [findTable(now, name), findTable(then, name)];
	const pages = (schema: 'main' | 'backup', table: Table | undefined) =>
		table === undefined ? [] : db.tuples(`SELECT path, ncell, payload FROM dbstat('${schema}') WHERE name = ? ORDER BY path`, table.name);
	const rowsIn = (found: ReturnType<typeof pages>) => found.reduce((sum, [, cells]) => sum + Number(cells), 0);
	const ownPages = pages('main', present);
	record(JSON.stringify([name, ownPages]));
	const rowsNow = present === undefined ? null : rowsIn(ownPages);
	const rowsInBackup = old === undefined ? null : rowsIn(pages('backup', old));
	const schemaChanged = present === undefined || old === undefined || !sameTable(present, old, now, then);
	return {name, rowsNow, rowsInBackup, lost: rowsNow ?? 0, reverted: 0, schemaChanged};
}

/** @param options `isPlain`: ignores the collations of columns and indexes, which may be defined by another program */
function compared(db: Database, now: Schema, then: Schema, name: string, record: Recorder, {isPlain = false} = {}): TableComparison {
	const [present, old] = [findTable(now, name), findTable(then, name)];
	const indexed = isPlain ? ' NOT INDEXED' : '';
	const rowsNow = present === undefined ? null : countFrom(db, `main.${quoted(name)}${indexed}`);
	const rowsInBackup = old === undefined ? null : countFrom(db, `backup.${quoted(name)}${indexed}`);
	const base = {name, rowsNow, rowsInBackup};
	if (present === undefined) return {...base, lost: 0, reverted: 0, schemaChanged: true};
	const from = `main.${quoted(name)} AS n${indexed}`;
	const key = keyOf(present);
	if (old === undefined) {
		const {lost} = compareRows(db, {from, key}, record);
		return {...base, lost, reverted: 0, schemaChanged: true};
	}
	const schemaChanged = !sameTable(present, old, now, then);
	const named = sameNamed(present, old);
	const match = matchOf(present, old, named, isPlain ? ' COLLATE BINARY' : '');
	if (match === undefined) return {...base, lost: compareRows(db, {from, key}, record).lost, reverted: 0, schemaChanged};
	const joined = {from, key, join: `backup.${quoted(old.name)} AS t${indexed} ON ${match.on}`, mark: match.mark};
	const pairs = withRenamedColumns(named, old, (pair) => hasSameValues(db, joined, differ(pair, present, old)));
	const rows = compareRows(
		db,
		{
			...joined,
			differ: pairs.flatMap((pair) => (pair.before === undefined ? [] : [differ({now: pair.now, before: pair.before}, present, old)])),
			gone: pairs.flatMap(({now: column, before: twin}) => (twin === undefined && column.generated === undefined ? [goneIn(column)] : [])),
		},
		record,
	);
	return {...base, ...summary(rows, rowsNow ?? 0, rowsInBackup ?? 0, pairs), schemaChanged};
}

function summary(
	{lost, reverted, valuesGone}: ComparedRows,
	rowsNow: number,
	rowsInBackup: number,
	pairs: readonly Pair[],
): Pick<TableComparison, 'lost' | 'reverted' | 'valuesGone' | 'columnsGone'> {
	const columnsGone = pairs.filter(({now, before}) => before === undefined && now.generated === undefined).map(({now}) => now.name);
	// The database cannot have more rows after the restore than the backup, regardless of the keys.
	return {lost: Math.max(lost, rowsNow - rowsInBackup), reverted, ...(valuesGone > 0 ? {valuesGone, columnsGone} : {})};
}

/** Returns expressions that identify a row of the database. */
function keyOf(table: Table): readonly string[] {
	const key = table.primaryKey?.columns.map(({name}) => `n.${quoted(name)}`) ?? [];
	if (table.withoutRowid) return key;
	const rowid = rowidNameOf(table);
	return rowid === undefined ? key : [...key, `n.${rowid}`];
}

function rowidNameOf(table: Table): string | undefined {
	return table.withoutRowid ? undefined : rowidNames.find((name) => findColumn(table, name) === undefined);
}

/**
 * Pairs columns with the same name. If both tables have the same number of columns, it also pairs columns at the same position, because a renamed column
 * keeps its position. This guess cannot hide a loss, because the values of both are compared.
 */
function sameNamed(present: Table, old: Table): readonly Pair[] {
	const isAlignable = present.columns.length === old.columns.length;
	return present.columns.map((now, place) => {
		const named = findColumn(old, now.name);
		if (named !== undefined) return {now, before: named};
		const other = isAlignable ? old.columns[place] : undefined;
		return {now, before: other === undefined || findColumn(present, other.name) !== undefined ? undefined : other};
	});
}

/** Completes pairs that have no column of the backup yet, with any unused column that has the same value in every row. */
function withRenamedColumns(pairs: readonly Pair[], old: Table, hasSame: (pair: MatchedPair) => boolean): readonly Pair[] {
	const free = new Set(old.columns.filter((column) => !pairs.some(({before}) => before === column)));
	const open = pairs.filter(({now, before}) => before === undefined && now.generated === undefined);
	if (free.size * open.length > maxTries) return pairs;
	return pairs.map((pair) => {
		if (!open.includes(pair)) return pair;
		const twin = [...free].find((before) => hasSame({now: pair.now, before}));
		if (twin === undefined) return pair;
		free.delete(twin);
		return {now: pair.now, before: twin};
	});
}

/** The maximum number of comparisons. Each reads the table at most once. */
const maxTries = 25;

function hasSameValues(
	db: Database,
	{from, join, mark}: {readonly from: string; readonly join: string; readonly mark: string},
	differs: string,
): boolean {
	const some = (condition: string) =>
		db.value(`SELECT EXISTS (SELECT 1 FROM ${from} JOIN ${join} WHERE ${mark} IS NOT NULL AND (${condition}))`) === 1;
	return !some(differs);
}

/** Returns how to match rows of both tables: by primary key if both have the same, otherwise by rowid. */
function matchOf(present: Table, old: Table, pairs: readonly Pair[], collation: string): Match | undefined {
	const [rowid, oldRowid] = [rowidNameOf(present), rowidNameOf(old)];
	const key = present.primaryKey?.columns.map(({name}) => pairs.find(({now}) => sameName(now.name, name))) ?? [];
	const oldKey = old.primaryKey?.columns.map(({name}) => name) ?? [];
	const hasSameAffinity = ({now, before}: MatchedPair) => columnAffinity(now.type, present.strict) === columnAffinity(before.type, old.strict);
	const isSameKey =
		key.length > 0 &&
		key.length === oldKey.length &&
		key.every(
			(pair, index) =>
				pair?.before !== undefined && sameName(pair.before.name, oldKey[index] ?? '') && hasSameAffinity({now: pair.now, before: pair.before}),
		);
	if (isSameKey) {
		const columns = key.flatMap((pair) =>
			pair?.before === undefined ? [] : [[`n.${quoted(pair.now.name)}`, `t.${quoted(pair.before.name)}`] as const],
		);
		const on = columns.map(([now, then]) => `${then}${collation} IS ${now}`);
		if (oldRowid === undefined) return {on: on.join(' AND '), mark: columns[0]?.[1] ?? 'NULL'};
		// Several rows may have NULL in a key. These are matched by rowid.
		const isRowidKey = present.primaryKey?.rowidAlias === true && old.primaryKey?.rowidAlias === true;
		const isUnknown = columns.map(([now]) => `${now} IS NULL`).join(' OR ');
		const same = isRowidKey || rowid === undefined ? [] : [`(NOT (${isUnknown}) OR t.${oldRowid} = n.${rowid})`];
		return {on: [...on, ...same].join(' AND '), mark: `t.${oldRowid}`};
	}
	return rowid === undefined || oldRowid === undefined ? undefined : {on: `t.${oldRowid} = n.${rowid}`, mark: `t.${oldRowid}`};
}

/**
 * Returns a condition for rows whose value differs from the backup. A value with a different spelling is a different value, even if the column's
 * collation or affinity treats both as equal. If the type changed, a value equals its converted old value: 7 equals '07'.
 */
function differ({now, before}: MatchedPair, present: Table, old: Table): string {
	const [n, t] = [`n.${quoted(now.name)}`, `t.${quoted(before.name)}`];
	const [affinity, oldAffinity] = [columnAffinity(now.type, present.strict), columnAffinity(before.type, old.strict)];
	if (affinity === oldAffinity || affinity === 'BLOB') return `(typeof(${n}) IS NOT typeof(${t}) OR ${n} COLLATE BINARY IS NOT ${t})`;
	if (affinity === 'TEXT') return `(${n} COLLATE BINARY IS NOT CASE WHEN typeof(${t}) IN ('integer', 'real') THEN CAST(${t} AS TEXT) ELSE ${t} END)`;
	return `(${n} COLLATE BINARY IS NOT ${t} AND NOT (typeof(${t}) = 'integer' AND ${n} IS CAST(${t} AS REAL)))`;
}

/** Returns a condition for rows whose value is not in the backup. The default of the column does not count, because no user entered it. */
function goneIn({name, default: value}: Column): string {
	const column = `n.${quoted(name)}`;
	const constant = value !== undefined && constants.test(value.text.trim()) ? ` AND ${column} COLLATE BINARY IS NOT ${value.text.trim()}` : '';
	return `(${column} IS NOT NULL${constant})`;
}

const constants = /^(?:[-+]?\d+(?:\.\d+)?|x?'(?:[^']|'')*'|true|false)$/i;
