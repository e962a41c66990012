import {clean} from '../text/clean.ts';
import {plural} from '../text/numbers.ts';
import type {PreviewObject} from './preview.ts';

/** Returns the number of rows of a table by its name in the database, or null if it cannot be counted. */
export type RowCount = (table: string) => number | null;

/** Describes the cost of a change for users: `rewrite, copies 12,403 rows`. Empty if there is nothing to report. */
export function costText({strategy, table, mark, label}: PreviewObject, rowsOf: RowCount): string {
	if (strategy === undefined) return '';
	if (strategy === 'instant') return mark === '~' ? 'instant' : '';
	// What statements do to rows is measured, not guessed from their text.
	if (strategy === 'data') {
		// All other statements of a table fill its full-text index.
		if (table !== undefined) return mark === '+' ? '' : 'fills its index';
		return /^execute (?:create|alter|drop)\b/i.test(label) ? 'runs as written' : 'may change data';
	}
	const rows = table === undefined ? null : rowsOf(table);
	const these = rows === null ? 'its rows' : plural(rows, 'row');
	switch (strategy) {
		case 'scan':
			return `one scan of ${these}`;
		case 'index':
			return mark === '+' ? '' : `index over ${these}`;
		case 'rewrite':
			return `rewrite, copies ${these}`;
		case 'drop':
			return rows === 0 ? 'drops it (no rows)' : `drops ${these}`;
	}
}

/** Lists the changes, one per line, without their strategy: `+ user.age INTEGER`, `- legacy_log`. */
export function changeList(objects: readonly PreviewObject[]): readonly string[] {
	return objects.flatMap(({mark, label, changes}) => {
		if (mark !== '~' || changes.length === 0) return [`${mark} ${clean(label)}`];
		return changes.map((change) => {
			const text = change.mark === '~' && change.text !== '' ? `  ${change.text}` : '';
			return clean(`${change.mark} ${label}.${change.subject}${text}`);
		});
	});
}

/** Counts changes for `3 changes`: each change in a table counts, every other object counts once. */
export function changeCount(objects: readonly PreviewObject[]): number {
	return changeList(objects).length;
}
