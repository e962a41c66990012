import {mentionedNames} from '../../ddl/statements/mentioned-names.ts';
import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import type {Operation} from '../../operations/operation.ts';
import type {TableNames, TrackedTable} from '../../operations/table-names.ts';
import type {LossStatement} from '../../runtime/bundle.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {columnAffinity} from '../../schema/affinity.ts';
import {nameKey, quoted, sameName} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {ScriptNames} from '../../script/names.ts';
import type {ScriptStep} from '../../script/step-facts.ts';
import type {Database} from '../../sqlite/database.ts';
import {type ColumnPair, pairsByName, type RowStorage, storageOf, trackedPairs} from '../effects/row-storage.ts';
import type {WriteRecord} from '../effects/write-record.ts';
import {isRebuiltByHand} from '../preflight/preflight.ts';
import type {PlacedHazard} from '../replay/perform.ts';
import type {ReplayedRun} from '../replay/replay.ts';
import {type Creators, comparedStates, type LossChecks, lossCount} from './compared-states.ts';

export type {Creators, LossChecks} from './compared-states.ts';

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

/**
 * Returns the statements that find the losses of one migration.
 *
 * How to read this file: a device cannot ask a question in the middle of a batch, so statements of the script itself find the losses that need
 * consent. Drops and conversions that lite-migr plans are counted before the migration. Each table that statements of the migration may change is
 * copied before it, and compared after it. Lost rows and values are counted, as `effects/` does for a local run. A local run compares the contents to
 * distinguish a lost row from a changed or moved one. These statements report a loss instead.
 */
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
			return [lossCount(`SELECT count(*) ${from}`, {kind: 'dropTable', table}, creators.table(table))];
		case 'dropColumn': {
			const column = origin.column ?? hazard.column;
			return [lossCount(`SELECT count(${quoted(column)}) ${from}`, {kind: 'dropColumn', table, column}, creators.column(table, column))];
		}
		case 'convert':
		case 'incompatible': {
			if (hazard.blocking) return [];
			const {column, where} = hazard;
			return [lossCount(`SELECT count(*) ${from} WHERE ${where}`, {kind: 'convert', table, column}, creators.table(table))];
		}
		default:
			return [];
	}
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
		return {...nothing, before: [lossCount(`SELECT count(*) FROM ${before.from}`, {kind: 'dropTable', table: origin}, createdBy)]};
	}
	const pairs = pairsByName(before, now);
	const dropped = before.columns.filter((column) => !pairs.some((pair) => pair.before === column));
	return comparedStates(request, {origin, before, now, pairs, dropped, isSame: false, mayReplace: false, mentions: undefined});
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
	return comparedStates(request, {origin, before, now, pairs, dropped, isSame, mayReplace: isSame && mayRemove && mayInsert, mentions});
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
