import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';
import type {SqlValue} from '../../operations/operation.ts';
import {sameName} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import type {RowKey} from '../../sqlite/row-key.ts';
import {anyDiffers, type Comparison, joined, joinedBackwards} from './compare-rows.ts';
import {contentText, type RowBefore, type RowNow} from './match-rows.ts';

/** The rows that differ between two states of a table, read for `matchRows`. */
export interface DifferingRows {
	readonly before: readonly RowBefore[];
	readonly now: readonly RowNow[];
	/** The key of each row before, as shown to users. */
	readonly labels: readonly (readonly SqlValue[])[];
}

/** Reads the rows into memory, so there must be few of them. Key values are not content: a row keeps its content if its key changes. */
export function differingRows(db: Database, comparison: Comparison, label: RowKey): DifferingRows {
	const {columns, idNow, idBefore, key} = comparison;
	const isKey = columns.map(({before}) => key.some((name) => sameName(name, before.name)));
	const isDifferent = anyDiffers(columns);
	const [idWidth, labelWidth] = [idNow.length, label.parts.length];
	const contentBefore = columns.map(({before}, index) => (isKey[index] ? 'NULL' : `b.${before.sql}`));
	const contentNow = columns.map(({now}, index) => (isKey[index] ? 'NULL' : `n.${now.sql}`));
	const hasContent = isKey.includes(false);
	const content = (row: readonly SqlValue[], from: number) => (hasContent ? row.slice(from) : []);
	const before = wideRows(
		db,
		[...idNow, ...label.parts.map(({sql}) => sql), ...contentBefore],
		`${joined(comparison)} WHERE ${idNow[0]} IS NULL OR ${isDifferent}`,
	);
	const now = wideRows(db, [...idNow, ...contentNow], `${joinedBackwards(comparison)} WHERE ${idBefore[0]} IS NULL OR ${isDifferent}`);
	return {
		before: before.map((row) => ({
			counterpart: row[0] === null ? null : contentText(row.slice(0, idWidth)),
			content: content(row, idWidth + labelWidth),
		})),
		now: now.map((row) => ({id: contentText(row.slice(0, idWidth)), content: content(row, idWidth)})),
		labels: before.map((row) => row.slice(idWidth, idWidth + labelWidth)),
	};
}

/**
 * True if every row before that differs still exists with the same content under a different key. The content must be unique unless it is the whole
 * row. For more rows than can be matched in memory.
 */
export function keepsContents(db: Database, comparison: Comparison): boolean {
	const {columns, idNow, idBefore, key} = comparison;
	const pairs = columns.filter(({before}) => !key.some((name) => sameName(name, before.name)));
	if (pairs.length === 0) return false;
	const isDifferent = anyDiffers(columns);
	const values = (side: 'b' | 'n') =>
		pairs.map(({before, now}, index) => `+${side}.${side === 'b' ? before.sql : now.sql} COLLATE BINARY AS v${index}`).join(', ');
	const old = `SELECT ${values('b')} ${joined(comparison)} WHERE ${idNow[0]} IS NULL OR ${isDifferent}`;
	const now = `SELECT ${values('n')} ${joinedBackwards(comparison)} WHERE ${idBefore[0]} IS NULL OR ${isDifferent}`;
	const list = pairs.map((_, index) => `v${index}`).join(', ');
	const numbered = (rows: string) => `SELECT *, row_number() OVER (PARTITION BY ${list}) AS i FROM (${rows})`;
	if (db.value(`SELECT 1 FROM (${numbered(old)} EXCEPT ${numbered(now)}) LIMIT 1`) !== undefined) return false;
	return key.length === 0 || db.value(`SELECT 1 FROM (${numbered(old)}) WHERE i > 1 LIMIT 1`) === undefined;
}

/** SQLite returns some 2,000 columns at once. Each query returns the same rows in the same order. */
const columnsAtOnce = 1900;

function wideRows(db: Database, list: readonly string[], from: string): readonly (readonly SqlValue[])[] {
	const rows: SqlValue[][] = [];
	for (let at = 0; at < list.length; at += columnsAtOnce) {
		let index = 0;
		for (const row of db.eachTuple(`SELECT ${list.slice(at, at + columnsAtOnce).join(', ')} ${from}`)) {
			rows[index] ??= [];
			for (const value of row) rows[index]?.push(compact(value));
			index += 1;
		}
	}
	return rows;
}

const longValue = 1000;

/** A long value as its beginning and a hash, so that many of them fit in memory. */
function compact(value: SqlValue): SqlValue {
	if (typeof value === 'string' && value.length > longValue) return `${value.slice(0, 100)}… (${bytesToHex(sha256(utf8ToBytes(value)))})`;
	return value instanceof Uint8Array && value.length > longValue ? sha256(value) : value;
}
