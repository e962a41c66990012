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
	/** The key of each row of before, as people see it. */
	readonly labels: readonly (readonly SqlValue[])[];
}

/** Reads them; only to be called if they are few. Values of the key are no content: a row keeps its content under another key. */
export function differingRows(db: Database, comparison: Comparison, label: RowKey): DifferingRows {
	const {columns, idNow, idBefore, key} = comparison;
	const isKey = columns.map(({before}) => key.some((name) => sameName(name, before.name)));
	const isDifferent = anyDiffers(columns);
	const [idWidth, labelWidth] = [idNow.length, label.parts.length];
	const contentBefore = columns.map(({before}, index) => (isKey[index] ? 'NULL' : `b.${before.sql}`));
	const contentNow = columns.map(({now}, index) => (isKey[index] ? 'NULL' : `n.${now.sql}`));
	const hasContent = isKey.includes(false);
	const content = (row: readonly SqlValue[], from: number) => (hasContent ? row.slice(from) : []);
	const before = db.tuples(
		`SELECT ${[...idNow, ...label.parts.map(({sql}) => sql), ...contentBefore].join(', ')} ${joined(comparison)} WHERE ${idNow[0]} IS NULL OR ${isDifferent}`,
	);
	const now = db.tuples(
		`SELECT ${[...idNow, idBefore[0], ...contentNow].join(', ')} ${joinedBackwards(comparison)} WHERE ${idBefore[0]} IS NULL OR ${isDifferent}`,
	);
	return {
		before: before.map((row) => ({
			counterpart: row[0] === null ? null : contentText(row.slice(0, idWidth)),
			content: content(row, idWidth + labelWidth),
		})),
		now: now.map((row) => ({id: contentText(row.slice(0, idWidth)), isAdded: row[idWidth] === null, content: content(row, idWidth + 1)})),
		labels: before.map((row) => row.slice(idWidth, idWidth + labelWidth)),
	};
}
