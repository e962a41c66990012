import type {PreviewObject} from '../../core/plan/preview.ts';
import {clean} from '../../core/text/clean.ts';
import {plural} from '../../core/text/numbers.ts';
import type {Output, Paint} from './output.ts';

/** Rows of a table by its name in the database; null where there is none to count in. */
export type RowCount = (table: string) => number | null;

interface Line {
	readonly indent: number;
	readonly mark: '+' | '~' | '-' | ' ';
	readonly left: string;
	readonly right: string;
	readonly isDanger: boolean;
}

/** Prints changes as a tree: what, how it is done and what it costs, and why. */
export function printPreview(objects: readonly PreviewObject[], rows: RowCount, output: Output): void {
	const lines = objects.flatMap((object) => linesOf(object, rows));
	const width = Math.min(44, Math.max(0, ...lines.filter(({right}) => right !== '').map(({indent, left}) => indent + left.length)));
	for (const {indent, mark, left, right, isDanger} of lines) {
		const shown = right === '' ? left : left.padEnd(Math.max(0, width - indent));
		const aside = right === '' ? '' : `   ${isDanger ? output.paint('drop', `${output.symbols.danger} ${right}`) : output.paint('quiet', right)}`;
		output.line(
			`${' '.repeat(indent)}${mark === ' ' ? '' : `${output.paint(paints[mark], mark)} `}${mark === ' ' ? output.paint('quiet', left) : shown}${aside}`.trimEnd(),
		);
	}
}

const paints: Readonly<Record<'+' | '~' | '-', Paint>> = {'+': 'add', '~': 'change', '-': 'drop'};

function linesOf(object: PreviewObject, rows: RowCount): readonly Line[] {
	const isDrop = object.mark === '-' && object.strategy === 'drop';
	return [
		{indent: 0, mark: object.mark, left: clean(object.label), right: costOf(object, rows), isDanger: isDrop && object.isDestructive},
		...object.changes.map(({mark, subject, text, isDestructive}) => ({
			indent: 4,
			mark,
			left: clean(subject),
			right: clean(text),
			isDanger: isDestructive,
		})),
		...object.reasons.map((reason): Line => ({indent: 6, mark: ' ', left: `why: ${clean(reason)}`, right: '', isDanger: false})),
	];
}

function costOf({strategy, table, mark}: PreviewObject, rowsOf: RowCount): string {
	const rows = table === undefined ? null : rowsOf(table);
	const these = rows === null ? 'its rows' : plural(rows, 'row');
	switch (strategy) {
		case 'instant':
			return mark === '~' ? 'instant' : '';
		case 'scan':
			return `one scan of ${these}`;
		case 'index':
			return `index over ${these}`;
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
