import type {Database} from '../../sqlite/database.ts';
import type {ColumnEffect, TableEffect} from '../event.ts';
import {countOf} from './compare-rows.ts';
import {goneSample, type Subject} from './keyed-table.ts';
import {LostKeys} from './lost-keys.ts';
import {carriedNote, isLoss, type Measurement, mostSamples, noEffect, noteOf} from './measured-table.ts';
import {labelKeyOf, labelList} from './row-label.ts';
import {type ColumnPair, type RowStorage, type StorageColumn, valuesIn} from './row-storage.ts';

/**
 * Compares a table that was rebuilt without a key: whole rows as multisets. If there are fewer rows than before, the difference is a loss. Other rows
 * that differ were changed.
 */
export function measureKeylessTable(
	{db, table, dropped, moves}: Subject,
	before: RowStorage,
	now: RowStorage,
	pairs: readonly ColumnPair[],
): Measurement {
	const [rowsBefore, rowsNow] = [countOf(db, before), countOf(db, now)];
	const fall = Math.max(0, rowsBefore - rowsNow);
	const notes = pairs.length === 0 ? ['its old and new columns have no name in common, so rows were only counted'] : [];
	const names = pairs.map((_, index) => `v${index}`).join(', ');
	// Equal rows are numbered, so that each of them needs its own row.
	const numbered = (side: 'before' | 'now') => {
		const values = pairs.map((pair, index) => `+${pair[side].sql} COLLATE BINARY AS v${index}`).join(', ');
		return `SELECT ${names}, row_number() OVER (PARTITION BY ${names}) FROM (SELECT ${values} FROM ${(side === 'before' ? before : now).from})`;
	};
	const kept = Math.min(rowsBefore, rowsNow);
	const same = pairs.length === 0 ? kept : Number(db.value(`SELECT count(*) FROM (${numbered('before')} INTERSECT ${numbered('now')})`));
	let rowsGone = fall;
	if (fall > 0 && pairs.length > 0 && pairs.length === before.columns.length) {
		const columns = pairs.map((pair, index) => ({...pair.before, sql: `v${index}`}));
		const moved = moves.of({columns, side: 'b', from: `FROM (${numbered('before')} EXCEPT ${numbered('now')}) AS b WHERE 1`}, fall, table);
		rowsGone -= moved.rows;
		notes.push(...moved.notes);
	}
	const added = now.columns.filter(({sql}) => !pairs.some((pair) => pair.now.sql === sql));
	const columns = [
		...pairs.flatMap((pair) =>
			columnLoss(pair.before.name, valuesIn(db, before, pair.before) - valuesIn(db, now, pair.now) - fall, convertedIn(db, before, now, pair)),
		),
		...dropped.flatMap((column): readonly ColumnEffect[] => {
			const values = valuesIn(db, before, column);
			const carried = values === 0 ? undefined : added.find((other) => hasAllValues(db, before, column, now, other));
			if (carried === undefined) return columnLoss(column.name, values);
			notes.push(carriedNote(column.name, carried.name));
			return [];
		}),
	];
	const effect: TableEffect = {
		...noEffect(table),
		rowsBefore,
		rowsGone,
		rowsAdded: Math.max(0, rowsNow - rowsBefore),
		rowsChanged: kept - Math.min(same, kept),
		columns,
		note: noteOf(notes),
	};
	return {effect, lost: isLoss(effect) ? allKeys(db, table, before).hash : ''};
}

/** A table that no longer exists and was not replaced. */
export function measureGoneTable({db, table, moves}: Subject, before: RowStorage): Measurement {
	const rowsBefore = countOf(db, before);
	const moved = moves.of({columns: before.columns, side: 'b', from: `FROM ${before.from} AS b WHERE 1`}, rowsBefore, table);
	const rowsGone = rowsBefore - moved.rows;
	const keys = rowsGone > 0 ? allKeys(db, table, before) : undefined;
	return {effect: {...noEffect(table), rowsBefore, rowsGone, samples: keys?.samples ?? [], note: noteOf(moved.notes)}, lost: keys?.hash ?? ''};
}

function allKeys(db: Database, table: string, before: RowStorage): {readonly hash: string; readonly samples: TableEffect['samples']} {
	const label = labelKeyOf(before);
	const lost = new LostKeys(table);
	const samples: TableEffect['samples'][number][] = [];
	for (const row of db.eachTuple(`SELECT ${labelList(label)} FROM ${before.from} AS b NOT INDEXED`)) {
		lost.addRow(row);
		if (samples.length < mostSamples) samples.push(goneSample(label, row));
	}
	return {hash: lost.hash(), samples};
}

function columnLoss(column: string, gone: number, converted = 0): readonly ColumnEffect[] {
	const valuesGone = Math.max(0, gone);
	if (valuesGone + converted === 0) return [];
	return [{column, valuesGone, valuesChanged: converted, valuesConverted: converted, merged: false}];
}

/** Values that the new type changes, without those that it left unchanged. */
function convertedIn(db: Database, before: RowStorage, now: RowStorage, {before: old, now: is, changedByType}: ColumnPair): number {
	if (changedByType === undefined) return 0;
	// Not with an alias in a subquery: SQLite renames a column called true or false there.
	const count = (from: string, column: string) =>
		Number(db.value(`SELECT count(*) FROM ${from} AS b WHERE ${changedByType.replaceAll(`b.${old.sql}`, () => `b.${column}`)}`));
	return Math.max(0, count(before.from, old.sql) - count(now.from, is.sql));
}

function hasAllValues(db: Database, before: RowStorage, column: StorageColumn, now: RowStorage, other: StorageColumn): boolean {
	const numbered = (from: string, sql: string) =>
		`SELECT x, row_number() OVER (PARTITION BY x) FROM (SELECT +${sql} COLLATE BINARY AS x FROM ${from} WHERE ${sql} IS NOT NULL)`;
	return db.value(`SELECT 1 FROM (${numbered(before.from, column.sql)} EXCEPT ${numbered(now.from, other.sql)}) LIMIT 1`) === undefined;
}
