import type {TrackedTable} from '../../operations/table-names.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {columnAffinity} from '../../schema/affinity.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {beforeSchema} from '../../sqlite/attach.ts';
import type {Database} from '../../sqlite/database.ts';
import type {EffectCause, TableEffect} from '../event.ts';
import {comparisonOf, countOf} from './compare-rows.ts';
import {measureKeyedTable} from './keyed-table.ts';
import {measureGoneTable, measureKeylessTable} from './keyless-table.ts';
import {type MeasuredTable, type Measurement, noEffect} from './measured-table.ts';
import {Moves, receivers} from './moves.ts';
import {type ColumnPair, pairsByName, storageOf, tableStorage, trackedPairs} from './row-storage.ts';
import type {StatementWatch} from './statement-watch.ts';
import type {WriteRecord} from './write-record.ts';

/**
 * How to read this folder: `statement-watch.ts` and `schema-change.ts` see what statements and code write while they run, and `write-record.ts`
 * records it. When all have run, the state before is attached (`state-before.ts`). This file compares each of those tables with it: by key
 * (`keyed-table.ts`), again by content if keys were added and removed (`match-rows.ts`), or as multisets if a rebuild left no key
 * (`keyless-table.ts`). `moves.ts` and `carried.ts` find rows and columns that were moved elsewhere. The rest is a loss, and needs consent
 * (`losses.ts`).
 */

/** True if existing rows may have changed in a way that only a comparison with the state before can show. */
export function needsStateBefore(watch: StatementWatch, namedDrops: ReadonlySet<string>): boolean {
	return watch.record.start.some((table) => isDroppedSilently(table, namedDrops) || isCompared(table, watch.record));
}

/** Operations that drop a table name it, and preflight has counted its rows. Any other way of dropping it is found here. */
function isDroppedSilently({isDropped, storesRows, origin}: TrackedTable, namedDrops: ReadonlySet<string>): boolean {
	return isDropped && storesRows && origin !== null && !sameName(origin, historyTable) && !namedDrops.has(nameKey(origin));
}

function isCompared(table: TrackedTable, {written, droppedColumns, copiedAfterStatements}: WriteRecord): boolean {
	if (table.isDropped || table.origin === null || sameName(table.origin, historyTable)) return false;
	return written.get(table)?.isAppend === false || droppedColumns.has(table) || copiedAfterStatements.has(table);
}

/**
 * Compares every table that statements or code have written with its state before, which must be attached if `needsStateBefore` says so. Returns the
 * tables that have changed.
 *
 * @param namedDrops tables whose drop preflight has reported, by their names before the run, in lower case
 */
export function measureEffects(db: Database, watch: StatementWatch, namedDrops: ReadonlySet<string>): readonly MeasuredTable[] {
	const moves = new Moves(db, watch);
	const found: [TrackedTable, Measurement | undefined][] = watch.record.start.map((table) => [
		table,
		isDroppedSilently(table, namedDrops)
			? droppedTable(db, watch, table, moves)
			: isCompared(table, watch.record)
				? keptTable(db, watch, table, moves)
				: undefined,
	]);
	// Without statements, new tables have no rows.
	for (const table of watch.record.hasStatements ? receivers(watch.record) : []) {
		const isDoneAlready = table.replaces !== null || (table.origin !== null && isCompared(table, watch.record));
		if (!isDoneAlready) found.push([table, addedRows(db, watch.record, table)]);
	}
	return found.flatMap(([table, measured]): readonly MeasuredTable[] => {
		if (measured === undefined || !isNotable(measured.effect)) return [];
		return [{...measured, migration: watch.record.changed.get(table) ?? '', effect: {...measured.effect, by: causesOf(watch.record, table)}}];
	});
}

function isNotable({rowsGone, rowsAdded, rowsChanged, columns, note}: TableEffect): boolean {
	return rowsGone + rowsAdded + rowsChanged > 0 || columns.length > 0 || note !== null;
}

function causesOf({written, droppedTables}: WriteRecord, table: TrackedTable): readonly EffectCause[] {
	const dropped = droppedTables.get(table);
	return [...(written.get(table)?.by ?? []), ...(dropped === undefined ? [] : [dropped])].map(({sql, origin}) => ({sql, location: origin ?? null}));
}

/** A table that only received rows: a new one, or one that nothing but plain INSERT statements wrote. */
function addedRows(db: Database, {written}: WriteRecord, table: TrackedTable): Measurement | undefined {
	if (table.origin === null && table.isVirtual) return undefined;
	const rowsAdded = table.origin === null ? countOf(db, tableStorage(db, 'main', table.now)) : (written.get(table)?.rowsAdded ?? 0);
	return {effect: {...noEffect(table.origin ?? table.now), rowsAdded}, lost: ''};
}

/** A table that still exists, possibly with a different name. */
function keptTable(db: Database, watch: StatementWatch, table: TrackedTable, moves: Moves): Measurement | undefined {
	const origin = table.origin as string;
	const before = storageOf(db, beforeSchema, origin, table.isVirtual);
	const now = storageOf(db, 'main', table.now, table.isVirtual);
	if (before === undefined || now === undefined) return undefined;
	const tracked = table.isVirtual ? pairsByName(before, now) : trackedPairs(table, before, now);
	const pairs = watch.record.copiedAfterStatements.has(table) ? tracked : withConversions(tracked, table);
	const dropped = before.columns.filter(({name}) => watch.record.droppedColumns.get(table)?.has(name) === true);
	const subject = {db, table: origin, dropped, moves, isUpdate: watch.record.written.get(table)?.isUpdate === true};
	// Operations carry implicit rowids over, so they still identify the rows of a table without a primary key.
	const hasRowids = !table.isRewritten || before.key.length === 0;
	const comparison = comparisonOf(db, before, now, pairs, hasRowids, watch.keptRowids.get(table));
	return comparison === undefined ? measureKeylessTable(subject, before, now, pairs) : measureKeyedTable(subject, comparison);
}

/** Preflight has examined the values that an operation converts, unless a statement had run before. */
function withConversions(pairs: readonly ColumnPair[], {columns}: TrackedTable): readonly ColumnPair[] {
	const computed = new Set([...columns.values()].filter(({isComputed}) => isComputed).map(({origin}) => origin));
	return pairs.map((pair) => {
		const isConverted = computed.has(pair.before.name) || columnAffinity(pair.before.type, false) !== columnAffinity(pair.now.type, false);
		return isConverted ? {...pair, isConverted, changedByType: undefined} : pair;
	});
}

/** A table that a statement dropped: rebuilt by hand if another one has its name now, otherwise lost with its rows unless they were moved. */
function droppedTable(db: Database, watch: StatementWatch, table: TrackedTable, moves: Moves): Measurement | undefined {
	const origin = table.origin as string;
	const before = storageOf(db, beforeSchema, origin, table.isVirtual);
	if (before === undefined) return undefined;
	const again = watch.record.names.replacementOf(origin);
	const now = again === undefined ? undefined : storageOf(db, 'main', again.now, again.isVirtual);
	const subject = {db, table: origin, moves, isUpdate: false};
	if (now === undefined) return measureGoneTable({...subject, dropped: []}, before);
	const pairs = pairsByName(before, now);
	const dropped = before.columns.filter((column) => !pairs.some((pair) => pair.before === column));
	const comparison = comparisonOf(db, before, now, pairs, table.isVirtual);
	return comparison === undefined
		? measureKeylessTable({...subject, dropped}, before, now, pairs)
		: measureKeyedTable({...subject, dropped}, comparison);
}
