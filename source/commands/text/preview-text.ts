import type {PreviewObject} from '../../core/plan/preview.ts';
import {costText, type RowCount} from '../../core/plan/preview-text.ts';
import {clean} from '../../core/text/clean.ts';
import type {Output, Paint} from './output.ts';

interface Line {
	readonly indent: number;
	readonly mark: '+' | '~' | '-' | ' ';
	readonly left: string;
	readonly right: string;
	readonly isDanger: boolean;
}

/** Prints changes as a tree: each change, how it is carried out, what it costs, and why. */
export function printPreview(objects: readonly PreviewObject[], rows: RowCount, output: Output): void {
	const lines = objects.flatMap((object) => linesOf(object, rows));
	if (lines.length === 0) return;
	const widest = lines.reduce((width, {indent, left, right}) => (right === '' ? width : Math.max(width, indent + left.length)), 0);
	const width = Math.min(44, widest);
	const texts = lines.map(({indent, mark, left, right, isDanger}) => {
		const shown = right === '' ? left : left.padEnd(Math.max(0, width - indent));
		const aside = right === '' ? '' : `   ${isDanger ? output.paint('drop', `${output.symbols.danger} ${right}`) : output.paint('quiet', right)}`;
		return `${' '.repeat(indent)}${mark === ' ' ? '' : `${output.paint(paints[mark], mark)} `}${mark === ' ' ? output.paint('quiet', left) : shown}${aside}`.trimEnd();
	});
	// One write for all lines: thousands of them take time, for the reader too.
	output.line(texts.join('\n'));
}

const paints: Readonly<Record<'+' | '~' | '-', Paint>> = {'+': 'add', '~': 'change', '-': 'drop'};

function linesOf(object: PreviewObject, rows: RowCount): readonly Line[] {
	const isDrop = object.mark === '-' && object.strategy === 'drop';
	return [
		{indent: 0, mark: object.mark, left: clean(object.label), right: costText(object, rows), isDanger: isDrop && object.isDestructive},
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
