import type {SqlValue} from '../../operations/operation.ts';
import {sameName} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {type RowKey, rowLabel} from '../../sqlite/row-key.ts';
import type {ColumnEffect, EffectSample, TableEffect} from '../event.ts';
import {carriedColumn} from './carried.ts';
import {
	becameNull,
	byPrimaryKey,
	type Comparison,
	type Counts,
	convertedByType,
	countDifferences,
	differs,
	distinctValues,
	joined,
} from './compare-rows.ts';
import {type DifferingRows, differingRows, keepsContents} from './differing-rows.ts';
import {LostKeys} from './lost-keys.ts';
import {matchRows} from './match-rows.ts';
import {ambiguousNote, carriedNote, isLoss, type Measurement, mostSamples, noteOf} from './measured-table.ts';
import type {Moves} from './moves.ts';
import {labelKeyOf, labelList} from './row-label.ts';
import {type ColumnPair, type StorageColumn, valuesIn} from './row-storage.ts';

/** A table whose two states are compared. */
export interface Subject {
	readonly db: Database;
	/** The name of the table before the run. */
	readonly table: string;
	/** Columns of the state before that a statement dropped. */
	readonly dropped: readonly StorageColumn[];
	/** True if only plain UPDATE statements wrote it. */
	readonly isUpdate: boolean;
	readonly moves: Moves;
}

/** Rows that differ are matched by content up to this number. Beyond it, the comparison by key is reported. */
const mostMatched = 50_000;

/** Compares a table by key, and by content if keys were added and removed. */
export function measureKeyedTable(subject: Subject, first: Comparison): Measurement {
	const {db, table, moves} = subject;
	const {comparison, counts} = countedByBestKey(db, first);
	const lost = new LostKeys(table);
	const label = labelKeyOf(comparison.before);
	const change = changeOf(subject, comparison, counts, {lost, label});
	const notes: string[] = [];
	let {rowsGone} = change;
	if (rowsGone > 0) {
		const moved = moves.of(
			{columns: comparison.before.columns, side: 'b', from: `${joined(comparison)} WHERE ${comparison.idNow[0]} IS NULL`},
			rowsGone,
			table,
		);
		rowsGone -= moved.rows;
		notes.push(...moved.notes);
		if (rowsGone > 0 && change.isAmbiguous) notes.push(ambiguousNote(rowsGone, change.rowsAdded));
	}
	const dropped = droppedValues(subject, comparison, {lost, label, notes});
	const columns = [
		...comparison.columns.flatMap((pair, index) => columnEffect(db, comparison, pair, change.columns[index] ?? {gone: 0, changed: 0})),
		...dropped,
	];
	for (const pair of comparison.columns)
		if (columns.some(({column, valuesConverted}) => column === pair.before.name && valuesConverted > 0))
			addConverted(db, comparison, pair, {lost, label});
	const samples = change.samples.length > 0 ? change.samples : changedSamples(db, comparison, label, columns);
	const {rowsBefore} = counts;
	const effect: TableEffect = {
		table,
		rowsBefore,
		rowsGone,
		rowsAdded: change.rowsAdded,
		rowsChanged: change.rowsChanged,
		columns,
		samples,
		by: [],
		note: noteOf(notes),
	};
	return {effect, lost: isLoss(effect) ? lost.hash() : ''};
}

/** Rowids are faster to compare. But a row that was replaced has a different rowid, while its primary key shows that it is the same row. */
function countedByBestKey(db: Database, first: Comparison): {readonly comparison: Comparison; readonly counts: Counts} {
	const counts = countDifferences(db, first);
	const keyed = counts.gone > 0 ? byPrimaryKey(db, first) : undefined;
	return keyed === undefined ? {comparison: first, counts} : {comparison: keyed, counts: countDifferences(db, keyed)};
}

interface Change {
	readonly rowsGone: number;
	readonly rowsAdded: number;
	readonly rowsChanged: number;
	readonly columns: Counts['columns'];
	/** Samples of lost rows and values. */
	readonly samples: readonly EffectSample[];
	readonly isAmbiguous: boolean;
}

interface Collected {
	readonly lost: LostKeys;
	readonly label: RowKey;
}

function changeOf(subject: Subject, comparison: Comparison, counts: Counts, collected: Collected): Change {
	const {gone, added, changed, columns, rowsBefore, rowsNow} = counts;
	const hasOtherKeys = gone > 0 && added + changed > 0;
	if (!hasOtherKeys && columns.every((column) => column.gone === 0)) return byKey(subject.db, comparison, counts, collected);
	if (gone + changed + added <= mostMatched) return byContent(subject, comparison, counts, collected);
	if (subject.isUpdate && gone > 0 && rowsBefore === rowsNow) return rekeyed(subject.db, comparison, counts);
	if (hasOtherKeys && keepsContents(subject.db, comparison)) {
		const values = columns.map(() => ({gone: 0, changed: 0}));
		return {rowsGone: 0, rowsAdded: rowsNow - rowsBefore, rowsChanged: gone + changed, columns: values, samples: [], isAmbiguous: false};
	}
	return byKey(subject.db, comparison, counts, collected);
}

/** The result of the comparison by key. */
function byKey(db: Database, comparison: Comparison, counts: Counts, {lost, label}: Collected): Change {
	const samples: EffectSample[] = [];
	const sample = (one: EffectSample) => {
		if (samples.length < mostSamples) samples.push(one);
	};
	if (counts.gone > 0) {
		for (const row of db.eachTuple(`SELECT ${labelList(label)} ${joined(comparison)} WHERE ${comparison.idNow[0]} IS NULL`)) {
			lost.addRow(row);
			sample(goneSample(label, row));
		}
	}
	for (const [index, pair] of comparison.columns.entries()) {
		if ((counts.columns[index]?.gone ?? 0) === 0) continue;
		const where = `${comparison.idNow[0]} IS NOT NULL AND ${becameNull(pair)}`;
		for (const row of db.eachTuple(`SELECT b.${pair.before.sql}, ${labelList(label)} ${joined(comparison)} WHERE ${where}`)) {
			const [value = null, ...key] = row;
			lost.addValue(pair.before.name, key);
			sample(valueSample(label, key, pair, value, null));
		}
	}
	const {gone, added, changed, columns} = counts;
	return {rowsGone: gone, rowsAdded: added, rowsChanged: changed, columns, samples, isAmbiguous: false};
}

/** The result of the comparison by content, for the rows that differ. */
function byContent({db, isUpdate}: Subject, comparison: Comparison, counts: Counts, {lost, label}: Collected): Change {
	const {columns} = comparison;
	const rows = differingRows(db, comparison, label);
	const match = matchRows(rows.before, rows.now, {width: columns.length, isUpdate, isWhole: comparison.key.length === 0});
	const labelOf = (index: number) => rows.labels[index] ?? [];
	for (const index of match.gone) lost.addRow(labelOf(index));
	for (const [column, indexes] of match.valuesGone.entries())
		for (const index of indexes) lost.addValue(columns[column]?.before.name ?? '', labelOf(index));
	return {
		rowsGone: match.gone.length,
		rowsAdded: match.added,
		rowsChanged: match.changed,
		// Keys are not part of the content. Equal keys may be spelled differently.
		columns: columns.map(({before}, index) =>
			comparison.key.some((name) => sameName(name, before.name))
				? (counts.columns[index] ?? {gone: 0, changed: 0})
				: {gone: match.valuesGone[index]?.length ?? 0, changed: match.valuesChanged[index] ?? 0},
		),
		samples: [...match.gone.map((index) => goneSample(label, labelOf(index))), ...goneValues(rows, match.valuesGone, columns, label)].slice(
			0,
			mostSamples,
		),
		isAmbiguous: match.isAmbiguous,
	};
}

function goneValues(
	rows: DifferingRows,
	valuesGone: readonly (readonly number[])[],
	columns: readonly ColumnPair[],
	label: RowKey,
): readonly EffectSample[] {
	return columns.flatMap((pair, column) =>
		(valuesGone[column] ?? [])
			.slice(0, mostSamples)
			.map((index) => valueSample(label, rows.labels[index] ?? [], pair, rows.before[index]?.content[column] ?? null, null)),
	);
}

/** Plain UPDATE statements changed the keys of many rows: the number of rows is the same, but there are too many to match. */
function rekeyed(db: Database, {before, now, columns}: Comparison, counts: Counts): Change {
	return {
		rowsGone: 0,
		rowsAdded: 0,
		rowsChanged: counts.gone + counts.changed,
		columns: columns.map((pair) => ({gone: Math.max(0, valuesIn(db, before, pair.before) - valuesIn(db, now, pair.now)), changed: 0})),
		samples: [],
		isAmbiguous: false,
	};
}

/** With fewer different values than this, a reduction to few values is not asked about. */
const manyValues = 10;

function columnEffect(db: Database, comparison: Comparison, pair: ColumnPair, {gone, changed}: Counts['columns'][number]): readonly ColumnEffect[] {
	if (gone + changed === 0) return [];
	const distinct = changed < manyValues ? undefined : distinctValues(db, comparison, pair);
	const merged = distinct !== undefined && distinct.before >= manyValues && distinct.now * manyValues <= distinct.before;
	return [
		{column: pair.before.name, valuesGone: gone, valuesChanged: changed, valuesConverted: convertedValues(db, comparison, pair, changed), merged},
	];
}

function addConverted(db: Database, comparison: Comparison, pair: ColumnPair, {lost, label}: Collected): void {
	const where = `${comparison.idNow[0]} IS NOT NULL AND ${convertedByType(pair)}`;
	for (const row of db.eachTuple(`SELECT ${labelList(label)} ${joined(comparison)} WHERE ${where}`)) lost.addValue(pair.before.name, row);
}

function convertedValues(db: Database, comparison: Comparison, pair: ColumnPair, changed: number): number {
	const isConverted = convertedByType(pair);
	if (isConverted === undefined || changed === 0) return 0;
	return Number(db.value(`SELECT count(*) ${joined(comparison)} WHERE ${comparison.idNow[0]} IS NOT NULL AND ${isConverted}`));
}

/** Values of columns that no longer exist, unless an added column of this table or of another one has all of them. */
function droppedValues(
	{db, dropped, moves}: Subject,
	comparison: Comparison,
	{lost, label, notes}: Collected & {readonly notes: string[]},
): readonly ColumnEffect[] {
	const added = comparison.now.columns.filter(({sql}) => !comparison.columns.some((pair) => pair.now.sql === sql));
	return dropped.flatMap((column): readonly ColumnEffect[] => {
		const where = `${comparison.idNow[0]} IS NOT NULL AND b.${column.sql} IS NOT NULL AND +b.${column.sql} COLLATE BINARY IS NOT ''`;
		const values = Number(db.value(`SELECT count(*) ${joined(comparison)} WHERE ${where}`));
		if (values === 0) return [];
		const carried = carriedColumn(db, comparison, column, added);
		if (carried !== undefined) {
			notes.push(carriedNote(column.name, carried.name));
			return [];
		}
		const key = comparison.before.columns.filter(({name}) => comparison.before.key.some((other) => sameName(other, name)));
		const into = moves.intoColumn({columns: [...key, column], side: 'b', from: `${joined(comparison)} WHERE ${where}`}, values, column.name);
		if (into !== undefined) {
			notes.push(carriedNote(column.name, into));
			return [];
		}
		for (const row of db.eachTuple(`SELECT ${labelList(label)} ${joined(comparison)} WHERE ${where}`)) lost.addValue(column.name, row);
		return [{column: column.name, valuesGone: values, valuesChanged: 0, valuesConverted: 0, merged: false}];
	});
}

function changedSamples(db: Database, comparison: Comparison, label: RowKey, effects: readonly ColumnEffect[]): readonly EffectSample[] {
	const effectOf = (pair: ColumnPair) => effects.find(({column}) => column === pair.before.name);
	const converted = comparison.columns.filter((pair) => (effectOf(pair)?.valuesConverted ?? 0) > 0);
	const changed = comparison.columns.filter((pair) => (effectOf(pair)?.valuesChanged ?? 0) > 0);
	// Columns that need consent are shown first.
	const shown = converted.length > 0 ? converted : changed;
	return shown
		.flatMap((pair) =>
			db
				.tuples(
					`SELECT b.${pair.before.sql}, n.${pair.now.sql}, ${labelList(label)} ${joined(comparison)}
					WHERE ${comparison.idNow[0]} IS NOT NULL AND ${converted.length > 0 ? convertedByType(pair) : differs(pair)} LIMIT ${mostSamples}`,
				)
				.map(([was = null, is = null, ...key]) => valueSample(label, key, pair, was, is)),
		)
		.slice(0, mostSamples);
}

export function goneSample(label: RowKey, key: readonly SqlValue[]): EffectSample {
	return {row: rowLabel(label, key), column: null, before: null, after: null};
}

function valueSample(label: RowKey, key: readonly SqlValue[], {before}: ColumnPair, was: SqlValue, is: SqlValue): EffectSample {
	return {row: rowLabel(label, key), column: before.name, before: was, after: is};
}
