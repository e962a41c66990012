import {clean} from '../text/clean.ts';
import {plural} from '../text/numbers.ts';
import type {PreviewObject} from './preview.ts';

/** Rows of a table by its name in the database; null where there is none to count in. */
export type RowCount = (table: string) => number | null;

/** How an object is changed and what that costs, for people: `rewrite, copies 12,403 rows`; empty where there is nothing to say. */
export function costText({strategy, table, mark}: PreviewObject, rowsOf: RowCount): string {
	const rows = table === undefined ? null : rowsOf(table);
	const these = rows === null ? 'its rows' : plural(rows, 'row');
	switch (strategy) {
		case 'instant':
			return mark === '~' ? 'instant' : '';
		case 'scan':
			return `one scan of ${these}`;
		case 'index':
			return mark === '+' ? '' : `index over ${these}`;
		case 'rewrite':
			return `rewrite, copies ${these}`;
		case 'drop':
			return rows === 0 ? 'drops it; it is empty' : `drops ${these}`;
		case 'data':
			return 'changes data';
		case undefined:
			return '';
	}
}

/** The changes one a line, without how they are done: `+ user.age INTEGER`, `- legacy_log`. */
export function changeList(objects: readonly PreviewObject[]): readonly string[] {
	return objects.flatMap(({mark, label, changes}) => {
		if (mark !== '~' || changes.length === 0) return [`${mark} ${clean(label)}`];
		return changes.map((change) => {
			const text = change.mark === '~' && change.text !== '' ? `  ${change.text}` : '';
			return clean(`${change.mark} ${label}.${change.subject}${text}`);
		});
	});
}

/** What each change counts for `3 changes`: what is in a table one by one, everything else once. */
export function changeCount(objects: readonly PreviewObject[]): number {
	return changeList(objects).length;
}
