import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';
import type {SqlValue} from '../../operations/operation.ts';
import type {TrackedTable} from '../../operations/table-names.ts';
import {columnAffinity} from '../../schema/affinity.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {type RowKey, rowLabel} from '../../sqlite/row-key.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import type {ColumnEffect, EffectCause, EffectSample, TableEffect} from '../event.ts';
import {historyTable} from '../history/foreign-tools.ts';
import {carriedColumn, movedRows, type SomeRows} from './carried.ts';
import {
	anyDiffers,
	becameNull,
	byPrimaryKey,
	type ColumnPair,
	type Comparison,
	comparisonOf,
	countDifferences,
	differs,
	distinctValues,
	joined,
	joinedBackwards,
} from './compare-rows.ts';
import {contentText, matchRows, type RowBefore, type RowNow} from './match-rows.ts';
import {type RowStorage, type StorageColumn, tableStorage, virtualTableStorage} from './row-storage.ts';
import {beforeSchema} from './state-before.ts';
import type {StatementWatch, Written} from './statement-watch.ts';

/** What a run did to one table. */
export interface MeasuredTable {
	/** The last migration that wrote it. */
	readonly migration: string;
	readonly effect: TableEffect;
	readonly rowsBefore: number;
	/** A hash of the keys of all rows and values that are gone; empty if none are. */
	readonly lost: string;
}

/** True if existing rows may have changed in a way that only a comparison with the state before can show. */
export function needsStateBefore(watch: StatementWatch, namedDrops: ReadonlySet<string>): boolean {
	return watch.start.some((table) => isDroppedSilently(table, namedDrops) || isCompared(table, watch));
}

/** Operations that drop a table name it, and preflight has counted its rows. Any other way of dropping it is found here. */
function isDroppedSilently({isDropped, origin}: TrackedTable, namedDrops: ReadonlySet<string>): boolean {
	return isDropped && origin !== null && !sameName(origin, historyTable) && !namedDrops.has(nameKey(origin));
}

function isCompared(table: TrackedTable, {written, droppedColumns, copiedAfterStatements}: StatementWatch): boolean {
	if (table.isDropped || table.origin === null || sameName(table.origin, historyTable)) return false;
	return written.get(table)?.isAppend === false || droppedColumns.has(table) || copiedAfterStatements.has(table);
}

/**
 * Compares every table that statements or code have written with its state before, which must be attached (`state-before.ts`) if `needsStateBefore`
 * says so. Tables that are unchanged are left out.
 *
 * @param namedDrops tables whose drop preflight has reported, by their names before the run, in lower case
 */
export function measureEffects(db: Database, watch: StatementWatch, namedDrops: ReadonlySet<string>): readonly MeasuredTable[] {
	const moves = new Moves(db, watch);
	const measured: MeasuredTable[] = [];
	for (const table of watch.start) {
		const found = isDroppedSilently(table, namedDrops)
			? droppedTable(db, watch, table, moves)
			: isCompared(table, watch)
				? keptTable(db, watch, table, moves)
				: undefined;
		const migration = watch.changed.get(table) ?? '';
		if (found !== undefined && isNotable(found.effect)) measured.push({migration, ...found, effect: {...found.effect, by: causesOf(watch, table)}});
	}
	for (const [table, {isAppend, rowsAdded}] of watch.written) {
		if (table.isDropped) continue;
		const rows =
			table.origin === null
				? table.isVirtual
					? 0
					: Number(db.value(`SELECT count(*) FROM ${tableStorage(db, 'main', table.now).from}`))
				: rowsAdded;
		const isOnlyAppended = table.origin === null || isAppend;
		const isRebuilt = measured.some(({effect}) => table.origin === null && sameName(effect.table, table.now));
		if (rows === 0 || !isOnlyAppended || isRebuilt || isCompared(table, watch)) continue;
		const effect = {...noEffect(table.origin ?? table.now), rowsAdded: rows, by: causesOf(watch, table)};
		measured.push({migration: watch.changed.get(table) ?? '', effect, rowsBefore: 0, lost: ''});
	}
	return measured;
}

function causesOf({written, droppedTables}: StatementWatch, table: TrackedTable): readonly EffectCause[] {
	const dropped = droppedTables.get(table);
	return [...(written.get(table)?.by ?? []), ...(dropped === undefined ? [] : [dropped])].map(({sql, origin}) => ({sql, location: origin ?? null}));
}

type Found = Pick<MeasuredTable, 'effect' | 'rowsBefore' | 'lost'>;

function noEffect(table: string): TableEffect {
	return {table, rowsGone: 0, rowsAdded: 0, rowsChanged: 0, columns: [], samples: [], by: [], note: null};
}

function isNotable({rowsGone, rowsAdded, rowsChanged, columns, note}: TableEffect): boolean {
	return rowsGone + rowsAdded + rowsChanged > 0 || columns.length > 0 || note !== null;
}

/** A table that still exists, maybe under another name. */
function keptTable(db: Database, watch: StatementWatch, table: TrackedTable, moves: Moves): Found | undefined {
	const states = statesOf(db, table.origin as string, table.now, table.isVirtual, table.isVirtual);
	if (states === undefined) return undefined;
	const {before, now} = states;
	const isCopied = watch.copiedAfterStatements.has(table);
	const pairs = table.isVirtual
		? pairsByName(before, now)
		: [...table.columns.values()].flatMap((column): readonly ColumnPair[] => {
				const [old, is] = [columnNamed(before, column.origin), columnNamed(now, column.now)];
				if (old === undefined || is === undefined) return [];
				const isConverted = !isCopied && (column.isComputed || columnAffinity(old.type, false) !== columnAffinity(is.type, false));
				return [{before: old, now: is, isConverted}];
			});
	const dropped = before.columns.filter(({name}) => watch.droppedColumns.get(table)?.has(name) === true);
	const comparison = comparisonOf(before, now, pairs, !table.isRewritten) ?? byRowid(before, now, pairs);
	const written = watch.written.get(table);
	const subject = {db, table: table.origin as string, dropped, moves, written};
	return comparison === undefined ? withoutKey(subject, before, now, pairs) : byKey(subject, comparison);
}

/** Operations carry implicit rowids over, so they still identify rows of a table without a primary key. */
function byRowid(before: RowStorage, now: RowStorage, pairs: readonly ColumnPair[]): Comparison | undefined {
	return before.key.length > 0 ? undefined : comparisonOf(before, now, pairs, true);
}

/** A table that a statement dropped: rebuilt by hand if the name exists again, otherwise gone with its rows unless they were moved. */
function droppedTable(db: Database, watch: StatementWatch, table: TrackedTable, moves: Moves): Found | undefined {
	const origin = table.origin as string;
	const again = watch.names.find(origin);
	const states = again === undefined ? undefined : statesOf(db, origin, again.now, table.isVirtual, again.isVirtual);
	const before = states?.before ?? storageOf(db, beforeSchema, origin, table.isVirtual);
	if (before === undefined) return undefined;
	const subject = {db, table: origin, moves, written: undefined};
	if (states === undefined) return goneTable({...subject, dropped: []}, before);
	const {now} = states;
	const pairs = pairsByName(before, now);
	const dropped = before.columns.filter((column) => !pairs.some((pair) => pair.before === column));
	const comparison = comparisonOf(before, now, pairs, table.isVirtual);
	return comparison === undefined ? withoutKey({...subject, dropped}, before, now, pairs) : byKey({...subject, dropped}, comparison);
}

function statesOf(
	db: Database,
	origin: string,
	now: string,
	wasVirtual: boolean,
	isVirtual: boolean,
): Pick<Comparison, 'before' | 'now'> | undefined {
	const before = storageOf(db, beforeSchema, origin, wasVirtual);
	const is = before === undefined ? undefined : storageOf(db, 'main', now, isVirtual);
	return before === undefined || is === undefined ? undefined : {before, now: is};
}

function storageOf(db: Database, schema: string, table: string, isVirtual: boolean): RowStorage | undefined {
	return isVirtual ? virtualTableStorage(db, schema, table) : tableStorage(db, schema, table);
}

function columnNamed({columns}: RowStorage, name: string): StorageColumn | undefined {
	return columns.find((column) => sameName(column.name, name));
}

function pairsByName(before: RowStorage, now: RowStorage): readonly ColumnPair[] {
	return before.columns.flatMap((column) => {
		const other = columnNamed(now, column.name);
		return other === undefined ? [] : [{before: column, now: other, isConverted: false}];
	});
}

interface Subject {
	readonly db: Database;
	/** The name of the table before the run. */
	readonly table: string;
	/** Columns of before that a statement dropped. */
	readonly dropped: readonly StorageColumn[];
	readonly moves: Moves;
	readonly written: Written | undefined;
}

/** Rows that differ are matched again by content up to this number; beyond it, what the keys say is reported. */
const mostMatched = 50_000;
const mostSamples = 5;

function byKey(subject: Subject, first: Comparison): Found {
	const {db, table, moves, written} = subject;
	const quick = countDifferences(db, first);
	// Rowids are faster to compare; but a row that was replaced has another one, and the primary key says that it is the same row.
	const keyed = quick.gone > 0 ? byPrimaryKey(first) : undefined;
	const comparison = keyed ?? first;
	const counts = keyed === undefined ? quick : countDifferences(db, keyed);
	const {columns} = comparison;
	const isSuspect = (counts.gone > 0 && counts.added + counts.changed > 0) || counts.columns.some(({gone}) => gone > 0);
	const isFewEnough = counts.gone + counts.changed + counts.added <= mostMatched;
	const lost = new LostKeys(table);
	const samples: EffectSample[] = [];
	const key = labelKey(comparison);
	let [rowsGone, rowsAdded, rowsChanged, isAmbiguous] = [counts.gone, counts.added, counts.changed, false];
	let values = counts.columns;
	if (isSuspect && isFewEnough) {
		const found = differingRows(db, comparison, key);
		const match = matchRows(found.before, found.now, columns.length, written?.isUpdate === true);
		[rowsGone, rowsAdded, rowsChanged, isAmbiguous] = [match.gone.length, match.added, match.changed, match.isAmbiguous];
		values = columns.map((_, index) => ({gone: match.valuesGone[index]?.length ?? 0, changed: match.valuesChanged[index] ?? 0}));
		for (const index of match.gone) lost.addRow(found.labels[index] ?? []);
		for (const [column, rows] of match.valuesGone.entries())
			for (const index of rows) lost.addValue(columns[column]?.before.name ?? '', found.labels[index] ?? []);
		samples.push(...matchedSamples(found, match.gone, match.valuesGone, columns, key));
	} else if (isSuspect && written?.isUpdate === true && counts.rowsBefore === counts.rowsNow && counts.gone > 0) {
		// Rows under other keys: too many to match, but as many as before.
		[rowsGone, rowsAdded, rowsChanged] = [0, 0, counts.gone + counts.changed];
		values = columns.map((pair) => ({
			gone: Math.max(0, valuesIn(db, comparison.before, pair.before) - valuesIn(db, comparison.now, pair.now)),
			changed: 0,
		}));
	} else {
		isAmbiguous = counts.gone > 0 && counts.added > 0;
		for (const row of db.iterate(`SELECT ${labelList(key)} ${joined(comparison)} WHERE ${comparison.idNow[0]} IS NULL`)) {
			const label = Object.values(row);
			lost.addRow(label);
			if (samples.length < mostSamples) samples.push({row: rowLabel(key, label), column: null, before: null, after: null});
		}
		for (const [index, pair] of columns.entries()) {
			if ((values[index]?.gone ?? 0) === 0) continue;
			const where = `${comparison.idNow[0]} IS NOT NULL AND ${becameNull(pair)}`;
			for (const row of db.tuples(`SELECT ${labelList(key)}, b.${pair.before.sql} ${joined(comparison)} WHERE ${where}`)) {
				lost.addValue(pair.before.name, row.slice(0, -1));
				if (samples.length < mostSamples) samples.push(valueSample(key, row.slice(0, -1), pair, row.at(-1) ?? null, null));
			}
		}
	}
	const notes: string[] = [];
	if (rowsGone > 0) {
		const moved = moves.of({columns: comparison.before.columns, from: `${joined(comparison)} WHERE ${comparison.idNow[0]} IS NULL`}, rowsGone, table);
		rowsGone -= moved.rows;
		notes.push(...moved.notes);
	}
	if (isAmbiguous && rowsGone > 0) notes.push(`${plural(rowsGone, 'row')} removed and ${rowsAdded} added: their contents do not say which is which`);
	const dropped = droppedValues(subject, comparison, notes, lost);
	const columnEffects = [...columns.flatMap((pair, index) => columnEffect(db, comparison, pair, values[index] ?? {gone: 0, changed: 0})), ...dropped];
	if (samples.length === 0) samples.push(...changedSamples(db, comparison, key, columnEffects));
	const effect = {
		table,
		rowsGone,
		rowsAdded,
		rowsChanged,
		columns: columnEffects,
		samples,
		by: [],
		note: notes.length === 0 ? null : notes.join('; '),
	};
	return {effect, rowsBefore: counts.rowsBefore, lost: isLoss(effect) ? lost.hash() : ''};
}

/** True if the effect needs consent: rows or values are gone, or many different values became one or few. */
export function isLoss({rowsGone, columns}: Pick<TableEffect, 'rowsGone' | 'columns'>): boolean {
	return rowsGone > 0 || columns.some(({valuesGone, merged}) => valuesGone > 0 || merged);
}

const manyValues = 10;

function columnEffect(
	db: Database,
	comparison: Comparison,
	pair: ColumnPair,
	{gone, changed}: {readonly gone: number; readonly changed: number},
): readonly ColumnEffect[] {
	if (gone + changed === 0) return [];
	let merged = false;
	if (changed >= manyValues) {
		const {before, now} = distinctValues(db, comparison, pair);
		merged = before >= manyValues && now * manyValues <= before;
	}
	return [{column: pair.before.name, valuesGone: gone, valuesChanged: changed, merged}];
}

/** Values of columns that no longer exist, unless an added column has all of them. */
function droppedValues({db, dropped}: Subject, comparison: Comparison, notes: string[], lost: LostKeys): readonly ColumnEffect[] {
	const added = comparison.now.columns.filter(({sql}) => !comparison.columns.some((pair) => pair.now.sql === sql));
	return dropped.flatMap((column): readonly ColumnEffect[] => {
		const where = `${comparison.idNow[0]} IS NOT NULL AND b.${column.sql} IS NOT NULL AND +b.${column.sql} COLLATE BINARY IS NOT ''`;
		const values = Number(db.value(`SELECT count(*) ${joined(comparison)} WHERE ${where}`));
		if (values === 0) return [];
		const carried = carriedColumn(db, comparison, column, added);
		if (carried !== undefined) {
			notes.push(`the values of ${clean(column.name)} are in ${clean(carried.name)} now`);
			return [];
		}
		const key = labelKey(comparison);
		for (const row of db.iterate(`SELECT ${labelList(key)} ${joined(comparison)} WHERE ${where}`)) lost.addValue(column.name, Object.values(row));
		return [{column: column.name, valuesGone: values, valuesChanged: 0, merged: false}];
	});
}

/** A table that no longer exists, and none of its name. */
function goneTable({db, table, moves}: Subject, before: RowStorage): Found {
	const rows = Number(db.value(`SELECT count(*) FROM ${before.from}`));
	const key = labelKeyOf(before);
	const moved = moves.of({columns: before.columns, from: `FROM ${before.from} AS b WHERE 1`}, rows, table);
	const lost = new LostKeys(table);
	const samples: EffectSample[] = [];
	const rowsGone = rows - moved.rows;
	if (rowsGone > 0) {
		for (const row of db.iterate(`SELECT ${labelList(key)} FROM ${before.from} AS b NOT INDEXED`)) {
			const label = Object.values(row);
			lost.addRow(label);
			if (samples.length < mostSamples) samples.push({row: rowLabel(key, label), column: null, before: null, after: null});
		}
	}
	const effect = {...noEffect(table), rowsGone, samples, note: moved.notes.length === 0 ? null : moved.notes.join('; ')};
	return {effect, rowsBefore: rows, lost: rowsGone > 0 ? lost.hash() : ''};
}

/** A table that was rebuilt without a key: whole rows are compared as multisets. */
function withoutKey({db, table, dropped, moves}: Subject, before: RowStorage, now: RowStorage, pairs: readonly ColumnPair[]): Found {
	const [rowsBefore, rowsNow] = [before, now].map(({from}) => Number(db.value(`SELECT count(*) FROM ${from}`))) as [number, number];
	const notes: string[] = [];
	if (pairs.length === 0) notes.push('its old and new columns have no name in common, so rows were only counted');
	const list = (side: 'before' | 'now') => pairs.map((pair, index) => `+${pair[side].sql} COLLATE BINARY AS v${index}`).join(', ');
	const names = pairs.map((_, index) => `v${index}`).join(', ');
	const numbered = (side: 'before' | 'now') =>
		`SELECT ${names}, row_number() OVER (PARTITION BY ${names}) FROM (SELECT ${list(side)} FROM ${(side === 'before' ? before : now).from})`;
	const same =
		pairs.length === 0
			? Math.min(rowsBefore, rowsNow)
			: Number(db.value(`SELECT count(*) FROM (${numbered('before')} INTERSECT ${numbered('now')})`));
	let rowsGone = Math.max(0, rowsBefore - rowsNow);
	if (rowsGone > 0 && pairs.length === before.columns.length) {
		const columns = pairs.map((pair, index) => ({...pair.before, sql: `v${index}`}));
		const moved = moves.of({columns, from: `FROM (${numbered('before')} EXCEPT ${numbered('now')}) AS b WHERE 1`}, rowsGone, table);
		rowsGone -= moved.rows;
		notes.push(...moved.notes);
	}
	const added = now.columns.filter(({sql}) => !pairs.some((pair) => pair.now.sql === sql));
	const columns = [
		...pairs.flatMap((pair): readonly ColumnEffect[] => {
			const valuesGone = Math.max(0, valuesIn(db, before, pair.before) - valuesIn(db, now, pair.now) - Math.max(0, rowsBefore - rowsNow));
			return valuesGone === 0 ? [] : [{column: pair.before.name, valuesGone, valuesChanged: 0, merged: false}];
		}),
		...dropped.flatMap((column): readonly ColumnEffect[] => {
			const valuesGone = valuesIn(db, before, column);
			const carried = valuesGone === 0 ? undefined : added.find((other) => hasAllValues(db, before, column, now, other));
			if (carried !== undefined) notes.push(`the values of ${clean(column.name)} are in ${clean(carried.name)} now`);
			return valuesGone === 0 || carried !== undefined ? [] : [{column: column.name, valuesGone, valuesChanged: 0, merged: false}];
		}),
	];
	const effect: TableEffect = {
		table,
		rowsGone,
		rowsAdded: Math.max(0, rowsNow - rowsBefore),
		rowsChanged: Math.min(rowsBefore, rowsNow) - Math.min(same, rowsBefore, rowsNow),
		columns,
		samples: [],
		by: [],
		note: notes.length === 0 ? null : notes.join('; '),
	};
	const lost = new LostKeys(table);
	if (isLoss(effect)) {
		const key = labelKeyOf(before);
		for (const row of db.iterate(`SELECT ${labelList(key)} FROM ${before.from} AS b NOT INDEXED`)) lost.addRow(Object.values(row));
	}
	return {effect, rowsBefore, lost: isLoss(effect) ? lost.hash() : ''};
}

function valuesIn(db: Database, {from}: RowStorage, {sql}: StorageColumn): number {
	return Number(db.value(`SELECT count(*) FROM ${from} WHERE ${sql} IS NOT NULL AND +${sql} COLLATE BINARY IS NOT ''`));
}

function hasAllValues(db: Database, before: RowStorage, column: StorageColumn, now: RowStorage, other: StorageColumn): boolean {
	const numbered = (from: string, sql: string) =>
		`SELECT x, row_number() OVER (PARTITION BY x) FROM (SELECT +${sql} COLLATE BINARY AS x FROM ${from} WHERE ${sql} IS NOT NULL)`;
	return db.value(`SELECT 1 FROM (${numbered(before.from, column.sql)} EXCEPT ${numbered(now.from, other.sql)}) LIMIT 1`) === undefined;
}

/** By what a person recognizes a row of before. */
function labelKey({before}: Comparison): RowKey {
	return labelKeyOf(before);
}

function labelKeyOf({key, columns, rowid}: RowStorage): RowKey {
	const parts = key.flatMap((name) => {
		const column = columns.find((one) => sameName(one.name, name));
		return column === undefined ? [] : [{name, sql: `b.${column.sql}`}];
	});
	return {parts: parts.length > 0 || rowid === undefined ? parts : [{name: 'rowid', sql: `b.${rowid}`}]};
}

/** Every part under a name of its own, so that none hides another. */
function labelList({parts}: RowKey): string {
	return parts.length === 0 ? 'NULL' : parts.map(({sql}, index) => `${sql} AS "${index} key"`).join(', ');
}

interface Differing {
	readonly before: readonly RowBefore[];
	readonly now: readonly RowNow[];
	/** The key of each row of before. */
	readonly labels: readonly (readonly SqlValue[])[];
}

function differingRows(db: Database, comparison: Comparison, key: RowKey): Differing {
	const {columns, idNow, idBefore} = comparison;
	// A value of the key is no content: a row keeps its content under another key.
	const contentOf = (side: 'b' | 'n') =>
		columns.map((pair) => {
			const isKey = comparison.key.some((name) => sameName(name, pair.before.name));
			return isKey ? 'NULL' : `${side}.${side === 'b' ? pair.before.sql : pair.now.sql}`;
		});
	const list = (parts: readonly string[]) => (parts.length === 0 ? ['NULL'] : parts);
	const isOther = anyDiffers(columns.filter(({isConverted}) => !isConverted).concat(columns.filter(({isConverted}) => isConverted)));
	const labels = key.parts.map(({sql}) => sql);
	const before = db.tuples(
		`SELECT ${[...idNow, ...list(labels), ...list(contentOf('b'))].join(', ')} ${joined(comparison)} WHERE ${idNow[0]} IS NULL OR ${isOther}`,
	);
	const now = db.tuples(
		`SELECT ${[...idNow, idBefore[0], ...list(contentOf('n'))].join(', ')} ${joinedBackwards(comparison)} WHERE ${idBefore[0]} IS NULL OR ${isOther}`,
	);
	const width = columns.length;
	const at = idNow.length;
	const hasContent = columns.some((pair) => !comparison.key.some((name) => sameName(name, pair.before.name)));
	const content = (row: readonly SqlValue[], from: number) => (hasContent ? row.slice(from, from + width) : []);
	return {
		before: before.map((row) => ({
			counterpart: row[0] === null ? null : contentText(row.slice(0, at)),
			content: content(row, at + list(labels).length),
		})),
		now: now.map((row) => ({id: contentText(row.slice(0, at)), isAdded: row[at] === null, content: content(row, at + 1)})),
		labels: before.map((row) => row.slice(at, at + labels.length)),
	};
}

function matchedSamples(
	{before, labels}: Differing,
	gone: readonly number[],
	valuesGone: readonly (readonly number[])[],
	columns: readonly ColumnPair[],
	key: RowKey,
): readonly EffectSample[] {
	const rows = gone.map((index): EffectSample => ({row: rowLabel(key, labels[index] ?? []), column: null, before: null, after: null}));
	const values = valuesGone.flatMap((indexes, column) =>
		indexes.map((index) => valueSample(key, labels[index] ?? [], columns[column] as ColumnPair, before[index]?.content[column] ?? null, null)),
	);
	return [...rows, ...values].slice(0, mostSamples);
}

function changedSamples(db: Database, comparison: Comparison, key: RowKey, effects: readonly ColumnEffect[]): readonly EffectSample[] {
	const pairs = comparison.columns.filter(({before}) => effects.some(({column, valuesChanged}) => column === before.name && valuesChanged > 0));
	return pairs
		.flatMap((pair) =>
			db
				.tuples(
					`SELECT ${labelList(key)}, b.${pair.before.sql}, n.${pair.now.sql} ${joined(comparison)}
					WHERE ${comparison.idNow[0]} IS NOT NULL AND ${differs(pair)} LIMIT ${mostSamples}`,
				)
				.map((row) => valueSample(key, row.slice(0, -2), pair, row.at(-2) ?? null, row.at(-1) ?? null)),
		)
		.slice(0, mostSamples);
}

function valueSample(key: RowKey, label: readonly SqlValue[], {before}: ColumnPair, was: SqlValue, is: SqlValue): EffectSample {
	return {row: rowLabel(key, label), column: before.name, before: was, after: is};
}

/** A hash of every key that is lost: a plan names exactly these rows, not how many there are. */
class LostKeys {
	readonly #hash = sha256.create();

	constructor(table: string) {
		this.#hash.update(utf8ToBytes(JSON.stringify([table])));
	}

	addRow(key: readonly SqlValue[]): void {
		this.#hash.update(utf8ToBytes(`row ${contentText(key)}\n`));
	}

	addValue(column: string, key: readonly SqlValue[]): void {
		this.#hash.update(utf8ToBytes(`value ${JSON.stringify(column)} ${contentText(key)}\n`));
	}

	hash(): string {
		return bytesToHex(this.#hash.digest());
	}
}

/** Rows that one table lost and another one received. Each received row answers for one lost row only. */
class Moves {
	readonly #db: Database;
	readonly #watch: StatementWatch;
	readonly #taken = new Map<TrackedTable, number>();

	constructor(db: Database, watch: StatementWatch) {
		this.#db = db;
		this.#watch = watch;
	}

	of(gone: SomeRows, rowsGone: number, from: string): {readonly rows: number; readonly notes: readonly string[]} {
		const notes: string[] = [];
		let rows = 0;
		for (const table of this.#watch.written.keys()) {
			if (rows === rowsGone) break;
			if (table.isVirtual || table.isDropped || (table.origin !== null && sameName(table.origin, from)) || sameName(table.now, from)) continue;
			const received = this.#received(table);
			if (received === undefined) continue;
			const moved = Math.min(movedRows(this.#db, gone, received), rowsGone - rows, this.#free(table));
			if (moved === 0) continue;
			this.#taken.set(table, (this.#taken.get(table) ?? 0) + moved);
			rows += moved;
			notes.push(`${plural(moved, 'row')} moved to ${clean(table.now)}`);
		}
		return {rows, notes};
	}

	/** A row that only got another key looks like one that was received: no table received more rows than it has in addition. */
	#free(table: TrackedTable): number {
		const rows = (schema: string, name: string) => Number(this.#db.value(`SELECT count(*) FROM ${tableStorage(this.#db, schema, name).from}`));
		const before = table.origin === null ? 0 : rows(beforeSchema, table.origin);
		return Math.max(0, rows('main', table.now) - before - (this.#taken.get(table) ?? 0));
	}

	#received(table: TrackedTable): SomeRows | undefined {
		const now = tableStorage(this.#db, 'main', table.now);
		if (table.origin === null) return {columns: now.columns, from: `FROM ${now.from} AS n WHERE 1`};
		const before = tableStorage(this.#db, beforeSchema, table.origin);
		const pairs = [...table.columns.values()].flatMap((column): readonly ColumnPair[] => {
			const [old, is] = [columnNamed(before, column.origin), columnNamed(now, column.now)];
			return old === undefined || is === undefined ? [] : [{before: old, now: is, isConverted: false}];
		});
		const comparison = comparisonOf(before, now, pairs, !table.isRewritten);
		if (comparison === undefined) return undefined;
		return {columns: now.columns, from: `FROM ${now.from} AS n WHERE NOT EXISTS (SELECT 1 FROM ${before.from} AS b WHERE ${comparison.match})`};
	}
}
