import {mentionedNames} from '../../ddl/statements/mentioned-names.ts';
import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import type {Operation} from '../../operations/operation.ts';
import type {TableNames, TrackedTable} from '../../operations/table-names.ts';
import type {LossKind, LossStatement} from '../../runtime/bundle.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {columnAffinity} from '../../schema/affinity.ts';
import {nameKey, quoted, sameName} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {ScriptNames} from '../../script/names.ts';
import type {ScriptStep} from '../../script/step-facts.ts';
import type {Database} from '../../sqlite/database.ts';
import {anyDiffers, becameNull, type Comparison, convertedByType, differs, joined} from '../effects/compare-rows.ts';
import {type ColumnPair, pairsByName, type RowStorage, type StorageColumn, storageOf, trackedPairs} from '../effects/row-storage.ts';
import type {WriteRecord} from '../effects/write-record.ts';
import {isRebuiltByHand} from '../preflight/preflight.ts';
import type {PlacedHazard} from '../replay/perform.ts';
import type {ReplayedRun} from '../replay/replay.ts';

/**
 * How to read this file: a device cannot ask a question in the middle of a batch, so statements of the script itself find the losses that need
 * consent. Drops and conversions that lite-migr plans are counted before the migration. Each table that statements of the migration may change is
 * copied before it, and compared after it. Lost rows and values are counted, as `effects/` does for a local run. A local run compares the contents to
 * distinguish a lost row from a changed or moved one. These statements report a loss instead.
 */
export interface LossChecks {
	/** Statements before the first step. */
	readonly before: readonly LossStatement[];
	/** Statements after the last step. */
	readonly after: readonly LossStatement[];
	/** The columns of the widest table that is copied. */
	readonly columns: number;
}

export interface LossRequest {
	/** The copy after the migration. */
	readonly db: Database;
	readonly operations: readonly Operation[];
	readonly replayed: ReplayedRun;
	readonly record: WriteRecord;
	/** Where the rows of each table were before the migration, by its name in lower case. Undefined if it has no statements. */
	readonly storage: ReadonlyMap<string, RowStorage> | undefined;
	readonly names: ScriptNames;
	readonly creators: Creators;
}

/** The migrations that created each table and column, by their current names. Undefined if they are unknown. */
export interface Creators {
	table(name: string): string | undefined;
	column(table: string, column: string): string | undefined;
}

/** Returns where the rows of all tables are, for a migration with statements. */
export function storageOfAll(db: Database, {tables, virtualTables}: Schema): ReadonlyMap<string, RowStorage> {
	const all = [...tables.map(({name}) => [name, false] as const), ...virtualTables.map(({name}) => [name, true] as const)];
	return new Map(
		all.flatMap(([name, isVirtual]) => {
			const storage = localStorageOf(db, name, isVirtual);
			return storage === undefined ? [] : [[nameKey(name), storage] as const];
		}),
	);
}

/** Without `main.`, which a script does not need. */
function localStorageOf(db: Database, name: string, isVirtual: boolean): RowStorage | undefined {
	const storage = storageOf(db, 'main', name, isVirtual);
	return storage === undefined ? undefined : {...storage, from: storage.from.replace(/^"main"\./, '')};
}

export function lossChecks(request: LossRequest): LossChecks {
	const {record, replayed, operations, creators} = request;
	const planned = replayed.performed.hazards.flatMap((placed) => plannedLoss(placed, operations, replayed.performed.after, creators));
	const compared = record.start.map((table) => comparedTable(request, table));
	return {
		before: [...planned, ...compared.flatMap(({before}) => before)],
		after: compared.flatMap(({after}) => after),
		columns: Math.max(0, ...compared.map(({columns}) => columns)),
	};
}

function plannedLoss({hazard, origin}: PlacedHazard, operations: readonly Operation[], after: Schema, creators: Creators): readonly LossStatement[] {
	if (origin === null || isRebuiltByHand(hazard, origin, operations, after)) return [];
	const {table} = origin;
	const from = `FROM ${quoted(table)}`;
	switch (hazard.kind) {
		case 'dropTable':
			return [count(`SELECT count(*) ${from}`, {kind: 'dropTable', table}, creators.table(table))];
		case 'dropColumn': {
			const column = origin.column ?? hazard.column;
			return [count(`SELECT count(${quoted(column)}) ${from}`, {kind: 'dropColumn', table, column}, creators.column(table, column))];
		}
		case 'convert':
		case 'incompatible': {
			if (hazard.blocking) return [];
			const {column, where} = hazard;
			return [count(`SELECT count(*) ${from} WHERE ${where}`, {kind: 'convert', table, column}, creators.table(table))];
		}
		default:
			return [];
	}
}

function count(sql: string, loss: LossKind, createdBy: string | undefined): LossStatement {
	return {sql, loss, ...(createdBy === undefined ? {} : {createdBy})};
}

const nothing: LossChecks = {before: [], after: [], columns: 0};

/** Returns the statements about one table that statements of the migration may have changed. */
function comparedTable(request: LossRequest, table: TrackedTable): LossChecks {
	const {record, storage, creators, replayed} = request;
	const {origin} = table;
	const before = origin === null ? undefined : storage?.get(nameKey(origin));
	if (origin === null || before === undefined || sameName(origin, historyTable)) return nothing;
	const createdBy = creators.table(origin);
	if (!table.isDropped) return isWritten(table, record) ? kept(request, table, before) : nothing;
	const isPlanned = replayed.performed.hazards.some(
		(placed) =>
			placed.hazard.kind === 'dropTable' &&
			placed.origin !== null &&
			sameName(placed.origin.table, origin) &&
			!isRebuiltByHand(placed.hazard, placed.origin, request.operations, replayed.performed.after),
	);
	if (isPlanned) return nothing;
	const again = record.names.replacementOf(origin);
	const now = again === undefined ? undefined : localStorageOf(request.db, again.now, again.isVirtual);
	if (now === undefined) {
		return {...nothing, before: [count(`SELECT count(*) FROM ${before.from}`, {kind: 'dropTable', table: origin}, createdBy)]};
	}
	const pairs = pairsByName(before, now);
	const dropped = before.columns.filter((column) => !pairs.some((pair) => pair.before === column));
	return compared(request, {origin, before, now, pairs, dropped, isSame: false, mayReplace: false, mentions: undefined});
}

function isWritten(table: TrackedTable, {written, droppedColumns, copiedAfterStatements}: WriteRecord): boolean {
	return written.get(table)?.isAppend === false || droppedColumns.has(table) || copiedAfterStatements.has(table);
}

function kept(request: LossRequest, table: TrackedTable, before: RowStorage): LossChecks {
	const {record, db, replayed} = request;
	const origin = table.origin as string;
	const now = localStorageOf(db, table.now, table.isVirtual);
	if (now === undefined) return nothing;
	const tracked = table.isVirtual ? pairsByName(before, now) : trackedPairs(table, before, now);
	const pairs = record.copiedAfterStatements.has(table) ? tracked : tracked.map((pair) => withConversion(pair, table));
	const dropped = before.columns.filter(({name}) => record.droppedColumns.get(table)?.has(name) === true);
	const writers = writersOf(replayed.scriptSteps, table, record.names);
	const mayRemove =
		table.isVirtual || writers.some(({sql, writes}) => writes.hasPrograms || writes.mayReplace || statementFacts(sql).verb === 'DELETE');
	const mayInsert =
		table.isVirtual || writers.some(({sql, writes}) => writes.hasPrograms || !['UPDATE', 'DELETE'].includes(statementFacts(sql).verb));
	const hasRowids = !table.isRewritten || before.key.length === 0;
	const isRowidKey = before.key.length === 1 && before.collations.length === 0;
	// A row that was replaced has a different rowid, but the same key.
	const isSame = hasRowids && (before.key.length === 0 || isRowidKey || !mayRemove);
	const programs = writers.some(({writes}) => writes.hasPrograms);
	const mentions = programs || table.isVirtual ? undefined : new Set(writers.flatMap(({sql}) => [...mentionedNames(sql)]));
	return compared(request, {origin, before, now, pairs, dropped, isSame, mayReplace: isSame && mayRemove && mayInsert, mentions});
}

/** Values that an operation converts are counted before the migration. */
function withConversion(pair: ColumnPair, {columns}: TrackedTable): ColumnPair {
	const isFilled = [...columns.values()].some(({origin, isComputed}) => isComputed && origin === pair.before.name);
	const isConverted = isFilled || columnAffinity(pair.before.type, false) !== columnAffinity(pair.now.type, false);
	return isConverted ? {...pair, isConverted, changedByType: undefined} : pair;
}

interface Writer {
	readonly sql: string;
	readonly writes: NonNullable<ScriptStep['writes']>;
}

/** Returns the statements of the migration that may write a table, under any name that it has had. */
function writersOf(steps: readonly ScriptStep[], table: TrackedTable, {renames}: TableNames): readonly Writer[] {
	const names = new Set([nameKey(table.origin ?? table.now), nameKey(table.now)]);
	for (let size = 0; size !== names.size; ) {
		size = names.size;
		for (const pair of renames) if (pair.some((name) => names.has(nameKey(name)))) for (const name of pair) names.add(nameKey(name));
	}
	return steps.flatMap(({step, writes}) => {
		if (step.kind !== 'execute' || writes === undefined || ![...writes.tables].some((name) => names.has(name))) return [];
		return [{sql: step.operation.sql, writes}];
	});
}

interface ComparedStates {
	readonly origin: string;
	readonly before: RowStorage;
	readonly now: RowStorage;
	readonly pairs: readonly ColumnPair[];
	/** Columns of the previous state that statements dropped. */
	readonly dropped: readonly StorageColumn[];
	/** True if the rowids are unchanged. */
	readonly isSame: boolean;
	/** True if a row may have been deleted and another one inserted with its rowid. A changed row then counts as lost. */
	readonly mayReplace: boolean;
	/** Names in the statements that write the table, in lower case. Undefined if any column may change. */
	readonly mentions: ReadonlySet<string> | undefined;
}

const copiedRowid = '_lite_migr_rowid';

function compared({names, creators}: LossRequest, states: ComparedStates): LossChecks {
	const {origin, before, now, pairs, dropped, isSame, mayReplace, mentions} = states;
	const createdBy = creators.table(origin);
	const copy = names.next('was');
	const copied = new Set([...pairs.map((pair) => pair.before.sql), ...dropped.map(({sql}) => sql), ...before.key.map(quoted)]);
	const columns = [...(before.rowid === undefined ? [] : [`${before.rowid} AS ${copiedRowid}`]), ...copied];
	const was: RowStorage = {...before, from: copy, rowid: before.rowid === undefined ? undefined : copiedRowid};
	const comparison = comparisonOf(was, now, pairs, isSame);
	const statement = (sql: string): LossStatement => ({sql, ...(createdBy === undefined ? {} : {createdBy})});
	const loss = (kind: LossKind['kind'], sql: string, column?: string) =>
		count(sql, {kind, table: origin, ...(column === undefined ? {} : {column})}, column === undefined ? createdBy : creators.column(origin, column));
	const rows = comparison === undefined ? keylessRows(was, now, pairs) : keyedRows(comparison, mayReplace);
	const changed = pairs.filter(
		({before: {name}, now: is}) => mentions === undefined || mentions.has(nameKey(name)) || mentions.has(nameKey(is.name)),
	);
	const added = now.columns.filter(({sql}) => !pairs.some((pair) => pair.now.sql === sql));
	const values =
		comparison === undefined
			? dropped.map((column) => loss('valuesGone', `SELECT count(*) FROM ${copy} AS b WHERE ${hasValue(column)}`, column.name))
			: [
					...changed.flatMap((pair) => columnLosses(comparison, pair).map(([kind, sql]) => loss(kind, sql, pair.before.name))),
					...dropped.map((column) => loss('valuesGone', droppedValues(comparison, column, added), column.name)),
				];
	return {
		before: [statement(`CREATE TABLE ${copy} AS SELECT ${columns.join(', ')} FROM ${before.from}`)],
		after: [loss('deleteRows', rows), ...values, statement(`DROP TABLE ${copy}`)],
		columns: columns.length,
	};
}

function hasValue({sql}: StorageColumn): string {
	return `b.${sql} IS NOT NULL AND +b.${sql} COLLATE BINARY IS NOT ''`;
}

/** Returns how rows are recognized: by rowid, or by a primary key that both states have. Undefined if there is neither. */
function comparisonOf(before: RowStorage, now: RowStorage, columns: readonly ColumnPair[], isSame: boolean): Comparison | undefined {
	if (isSame && before.rowid !== undefined && now.rowid !== undefined) {
		const key = before.key.length === 1 && before.collations.length === 0 ? before.key : [];
		const [n, b] = [`n.${now.rowid}`, `b.${before.rowid}`];
		return {before, now, columns, match: `${n} = ${b}`, matchBackwards: `${b} = ${n}`, idNow: [n], idBefore: [b], key};
	}
	const keys = before.key.flatMap((name) => columns.find((pair) => sameName(pair.before.name, name)) ?? []);
	const isKey = keys.length > 0 && keys.length === before.key.length && keys.length === now.key.length;
	if (!isKey || !keys.every((pair, at) => sameName(pair.now.name, now.key[at] ?? ''))) return undefined;
	const sides = keys.map((pair) => [`n.${pair.now.sql}`, `b.${pair.before.sql}`] as const);
	return {
		before,
		now,
		columns,
		match: sides.map(([n, b]) => `${n} IS +${b}`).join(' AND '),
		matchBackwards: sides.map(([n, b]) => `${b} IS +${n}`).join(' AND '),
		idNow: now.rowid === undefined ? sides.map(([n]) => n) : [`n.${now.rowid}`],
		idBefore: sides.map(([, b]) => b),
		key: before.key,
	};
}

function keyedRows(comparison: Comparison, mayReplace: boolean): string {
	const {before, now, idNow, columns} = comparison;
	const gone = [`${idNow[0]} IS NULL`, ...(mayReplace && columns.length > 0 ? [anyDiffers(columns)] : [])].join(' OR ');
	// Rows with a NULL in their key match each other, so their number is compared as well.
	return `SELECT max((SELECT count(*) FROM ${before.from}) - (SELECT count(*) FROM ${now.from}), (SELECT count(*) ${joined(comparison)} WHERE ${gone}))`;
}

/** Whole rows as multisets: equal rows are numbered, so that each of them needs its own row. */
function keylessRows(before: RowStorage, now: RowStorage, pairs: readonly ColumnPair[]): string {
	const fall = `(SELECT count(*) FROM ${before.from}) - (SELECT count(*) FROM ${now.from})`;
	if (pairs.length === 0) return `SELECT max(0, ${fall})`;
	const list = pairs.map((_, index) => `v${index}`).join(', ');
	const numbered = (side: 'before' | 'now', from: string) => {
		const values = pairs.map((pair, index) => `+${pair[side].sql} COLLATE BINARY AS v${index}`).join(', ');
		return `SELECT ${list}, row_number() OVER (PARTITION BY ${list}) FROM (SELECT ${values} FROM ${from})`;
	};
	return `SELECT count(*) FROM (${numbered('before', before.from)} EXCEPT ${numbered('now', now.from)})`;
}

/** With fewer different values than this, a reduction to few values needs no consent. */
const manyValues = 10;

function columnLosses(comparison: Comparison, pair: ColumnPair): readonly (readonly [LossKind['kind'], string])[] {
	const both = `${joined(comparison)} WHERE ${comparison.idNow[0]} IS NOT NULL`;
	if (comparison.key.some((name) => sameName(name, pair.before.name))) return [];
	const gone = ['valuesGone', `SELECT count(*) ${both} AND ${becameNull(pair)}`] as const;
	if (pair.isConverted) return [gone];
	const distinct = (sql: string) => `count(DISTINCT +${sql} COLLATE BINARY)`;
	const [was, is] = [distinct(`b.${pair.before.sql}`), distinct(`n.${pair.now.sql}`)];
	const isMerged = `count(*) >= ${manyValues} AND ${was} >= ${manyValues} AND ${is} * ${manyValues} <= ${was}`;
	const merged = ['valuesMerged', `SELECT CASE WHEN ${isMerged} THEN count(*) ELSE 0 END ${both} AND ${differs(pair)}`] as const;
	const converted = convertedByType(pair);
	return [gone, ...(converted === undefined ? [] : [['convert', `SELECT count(*) ${both} AND ${converted}`] as const]), merged];
}

const mostAdded = 20;

/** Counts the values of a dropped column, unless an added column has all of them: then it was renamed by hand. */
function droppedValues(comparison: Comparison, column: StorageColumn, added: readonly StorageColumn[]): string {
	const both = `${joined(comparison)} WHERE ${comparison.idNow[0]} IS NOT NULL AND ${hasValue(column)}`;
	const carried = added.slice(0, mostAdded).map(({sql}) => `NOT EXISTS (SELECT 1 ${both} AND n.${sql} COLLATE BINARY IS NOT b.${column.sql})`);
	const values = `(SELECT count(*) ${both})`;
	return carried.length === 0 ? `SELECT ${values}` : `SELECT CASE WHEN ${carried.join(' OR ')} THEN 0 ELSE ${values} END`;
}
