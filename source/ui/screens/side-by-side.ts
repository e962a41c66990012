import {filled} from '../page/fit.ts';
import {blank, type Line, line, type Span, span} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import type {ChangedObject} from '../services.ts';
import {highlighted} from './sql-lines.ts';

/** Returns the definitions of changed tables before and after, side by side, with the changed words marked. */
export function sideBySideLines(changes: readonly ChangedObject[], look: Look): readonly Line[] {
	const width = Math.floor((look.columns - 7) / 2);
	return changes.flatMap(({mark, label, definition}, index) => {
		if (definition === undefined) return [];
		const head: Line = {...line(span(mark, mark === '+' ? 'add' : mark === '-' ? 'drop' : 'change'), ' ', span(label, 'strong')), marks: ['object']};
		const rows = paired(definition.before, definition.after).map(([was, is]): Line => {
			const isSame = was === is;
			const [left, right] = isSame || was === undefined || is === undefined ? [was, is].map((text) => whole(text, isSame, was, is)) : marked(was, is);
			return {spans: [span('  '), ...filled(left ?? [], width), span(' │ ', 'quiet'), ...filled(right ?? [], width)]};
		});
		return [...(index > 0 ? [blank] : []), head, ...rows];
	});
}

function whole(text: string | undefined, isSame: boolean, was: string | undefined, is: string | undefined): readonly Span[] {
	if (text === undefined) return [];
	if (isSame) return highlighted(text);
	return [span(text, was === undefined ? 'add' : is === undefined ? 'drop' : 'change')];
}

/** Marks the words of two lines that differ. */
function marked(was: string, is: string): readonly [readonly Span[], readonly Span[]] {
	const [before, after] = [wordsOf(was), wordsOf(is)];
	const common = commonOf(before, after);
	const spansOf = (words: readonly string[], kept: ReadonlySet<number>, tone: 'drop' | 'add') =>
		words.flatMap((word, index) => (kept.has(index) || word.trim() === '' ? highlighted(word) : [span(word, tone)]));
	return [spansOf(before, new Set(common.map(([index]) => index)), 'drop'), spansOf(after, new Set(common.map(([, index]) => index)), 'add')];
}

function wordsOf(text: string): readonly string[] {
	return text.match(/\s+|\w+|[^\s\w]/g) ?? [];
}

/** Pairs equal lines, and changed lines of the same column, so that they are next to each other. */
function paired(before: readonly string[], after: readonly string[]): readonly (readonly [string | undefined, string | undefined])[] {
	const same = commonOf(before, after);
	const rows: (readonly [string | undefined, string | undefined])[] = [];
	let [left, right] = [0, 0];
	for (const [nextLeft, nextRight] of [...same, [before.length, after.length] as const]) {
		const gone = before.slice(left, nextLeft);
		const added = after.slice(right, nextRight);
		for (let index = 0; index < Math.max(gone.length, added.length); index++) rows.push([gone[index], added[index]]);
		if (nextLeft < before.length) rows.push([before[nextLeft], after[nextRight]]);
		[left, right] = [nextLeft + 1, nextRight + 1];
	}
	return rows;
}

/** Returns the longest common subsequence of two lists, as pairs of positions. */
function commonOf(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
	const lengths = Array.from({length: a.length + 1}, () => new Uint16Array(b.length + 1));
	for (let i = a.length - 1; i >= 0; i--) {
		for (let j = b.length - 1; j >= 0; j--) {
			lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
		}
	}
	const pairs: (readonly [number, number])[] = [];
	for (let i = 0, j = 0; i < a.length && j < b.length; ) {
		if (a[i] === b[j]) pairs.push([i++, j++]);
		else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++;
		else j++;
	}
	return pairs;
}
