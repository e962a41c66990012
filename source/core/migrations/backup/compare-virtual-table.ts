import {readStatement, shadowTablesOf} from '../../ddl/read.ts';
import {showsOtherTables} from '../../operations/full-text.ts';
import {sameVirtualTable} from '../../schema/equality.ts';
import {quoted, sameName} from '../../schema/identifiers.ts';
import {emptySchema, type Schema, type Table, type VirtualTable} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {sqliteCode} from '../../sqlite/failure.ts';
import {compareRows, countFrom, type Recorder} from './compare-rows.ts';
import {compareTable, type TableComparison} from './compare-table.ts';

/**
 * Compares the rows of a virtual table as its module returns them. If the module is not available, because another program provides it, compares the
 * shadow tables where it stores its data. Undefined if the table only shows rows of other tables.
 */
export function compareVirtualTable(db: Database, now: Schema, then: Schema, name: string, record: Recorder): TableComparison | undefined {
	const [present, old] = [now, then].map(({virtualTables}) => virtualTables.find((table) => sameName(table.name, name)));
	const tables = [present, old].filter((table) => table !== undefined);
	if (tables.every(showsOtherTables)) return undefined;
	const notes: string[] = [];
	try {
		const found = byModule(db, present, old, name, (fact) => notes.push(fact));
		for (const note of notes) record(note);
		return found;
	} catch (error) {
		if (sqliteCode(error) === undefined) throw error;
		return byShadows(db, present, old, name, record);
	}
}

function byModule(db: Database, present: VirtualTable | undefined, old: VirtualTable | undefined, name: string, record: Recorder): TableComparison {
	const rowsNow = present === undefined ? null : countFrom(db, `main.${quoted(name)}`);
	const rowsInBackup = old === undefined ? null : countFrom(db, `backup.${quoted(name)}`);
	const base = {name, rowsNow, rowsInBackup};
	if (present === undefined) return {...base, lost: 0, reverted: 0, schemaChanged: true};
	const from = `main.${quoted(name)} AS n`;
	if (old === undefined) return {...base, ...only(compareRows(db, {from, key: ['n.rowid']}, record).lost), schemaChanged: true};
	const [columns, oldColumns] = [visibleColumns(db, 'main', name), visibleColumns(db, 'backup', name)];
	const pairs = columns.map((column, place) => {
		const twin = oldColumns.find((other) => sameName(other, column));
		const aligned = columns.length === oldColumns.length ? oldColumns[place] : undefined;
		return [column, twin ?? (aligned !== undefined && !columns.some((other) => sameName(other, aligned)) ? aligned : undefined)] as const;
	});
	const rows = compareRows(
		db,
		{
			from,
			key: ['n.rowid'],
			join: `backup.${quoted(name)} AS t ON t.rowid = n.rowid`,
			mark: 't.rowid',
			differ: pairs.flatMap(([column, twin]) => {
				const [n, t] = [`n.${quoted(column)}`, `t.${quoted(twin ?? '')}`];
				return twin === undefined ? [] : [`(typeof(${n}) IS NOT typeof(${t}) OR ${n} COLLATE BINARY IS NOT ${t})`];
			}),
			gone: pairs.flatMap(([column, twin]) => (twin === undefined ? [`n.${quoted(column)} IS NOT NULL`] : [])),
		},
		record,
	);
	const {lost, valuesGone} = rows;
	const reverted = Math.max(rows.reverted, unseen(db, present, name, record));
	const columnsGone = pairs.flatMap(([column, twin]) => (twin === undefined ? [column] : []));
	return {
		...base,
		lost: Math.max(lost, (rowsNow ?? 0) - (rowsInBackup ?? 0)),
		reverted,
		schemaChanged: !sameVirtualTable(present, old),
		...(valuesGone > 0 ? {valuesGone, columnsGone} : {}),
	};
}

function only(lost: number): Pick<TableComparison, 'lost' | 'reverted'> {
	return {lost, reverted: 0};
}

function visibleColumns(db: Database, schema: 'main' | 'backup', table: string): readonly string[] {
	return db.tuples('SELECT name FROM pragma_table_xinfo(?, ?) WHERE hidden = 0 ORDER BY cid', table, schema).map(([name]) => String(name));
}

/**
 * Counts the rows of a contentless full-text index that may differ. Such an index does not return values, only row lengths. If the index itself
 * differs, any row may differ.
 */
function unseen(db: Database, table: VirtualTable, name: string, record: Recorder): number {
	const isContentless = table.arguments.some(({text}) => /^\s*content\s*=\s*(?:''|"")\s*$/i.test(text));
	if (!isContentless) return 0;
	const shadows = shadowNames(db, 'main', table).filter((shadow) => /_(?:data|docsize|segdir|segments)$/i.test(shadow));
	const isDifferent = shadows.some((shadow) => {
		const [now, then] = [shadowSchema(db, 'main', shadow), shadowSchema(db, 'backup', shadow)];
		const {lost, reverted, rowsNow, rowsInBackup} = compareTable(db, now, then, shadow, record);
		return lost > 0 || reverted > 0 || rowsNow !== rowsInBackup;
	});
	return isDifferent ? countFrom(db, `main.${quoted(name)}`) : 0;
}

/** Compares the shadow tables of a module. The rows of the module itself are unknown, but at most as many are lost as in one of its tables. */
function byShadows(db: Database, present: VirtualTable | undefined, old: VirtualTable | undefined, name: string, record: Recorder): TableComparison {
	const names = new Set([
		...(present === undefined ? [] : shadowNames(db, 'main', present)),
		...(old === undefined ? [] : shadowNames(db, 'backup', old)),
	]);
	const tables = [...names].map((shadow) => compareTable(db, shadowSchema(db, 'main', shadow), shadowSchema(db, 'backup', shadow), shadow, record));
	const most = (pick: (table: TableComparison) => number | null) => Math.max(0, ...tables.map((table) => pick(table) ?? 0));
	return {
		name,
		rowsNow: present === undefined ? null : most(({rowsNow}) => rowsNow),
		rowsInBackup: old === undefined ? null : most(({rowsInBackup}) => rowsInBackup),
		lost: present === undefined ? 0 : most(({lost}) => lost),
		reverted: most(({reverted, valuesGone = 0}) => reverted + valuesGone),
		schemaChanged: present === undefined || old === undefined || !sameVirtualTable(present, old),
	};
}

function shadowNames(db: Database, schema: 'main' | 'backup', table: VirtualTable): readonly string[] {
	const names = db.tuples(`SELECT name FROM ${schema}.sqlite_schema WHERE type = 'table' AND rootpage > 0`).map(([name]) => String(name));
	return shadowTablesOf(table, names);
}

/** Returns a schema with one shadow table, which `readSchema` omits. */
function shadowSchema(db: Database, schema: 'main' | 'backup', table: string): Schema {
	const sql = db.value(`SELECT sql FROM ${schema}.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE`, table);
	const object = typeof sql === 'string' ? readStatement(sql) : undefined;
	return object?.kind === 'table' ? {...emptySchema, tables: [object satisfies Table]} : emptySchema;
}
