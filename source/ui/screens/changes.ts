import {costText} from '../../core/plan/preview-text.ts';
import {type BrowseState, matches} from '../components/browse/reduce-browse.ts';
import {type TreeNode, treeLines} from '../components/tree/tree-lines.ts';
import type {Line, Span, Tone} from '../page/line.ts';
import {span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import type {ChangedObject} from '../services.ts';

const tones: Readonly<Record<ChangedObject['mark'], Tone>> = {'+': 'add', '~': 'change', '-': 'drop'};

/** Returns changes as a tree: each change, how it is carried out, what it costs, and why. */
export function changeLines(
	changes: readonly ChangedObject[],
	look: Look,
	{filter = '', isFolded = false}: Partial<BrowseState> = {},
): readonly Line[] {
	const shown = filter === '' ? changes : changes.filter((change) => contains(change, filter));
	return treeLines(
		shown.map((change) => {
			const node = nodeOf(change);
			return isFolded ? {...node, children: [], notes: []} : node;
		}),
		look,
	);
}

function contains({label, changes}: ChangedObject, filter: string): boolean {
	return matches(label, filter) || changes.some(({subject, text}) => matches(`${subject} ${text}`, filter));
}

function nodeOf(change: ChangedObject): TreeNode {
	const how = costText(change, () => change.rows);
	// Dropping an empty table loses nothing.
	const isDrop = change.isDestructive && change.strategy === 'drop' && change.rows !== 0;
	return {
		label: spans(span(change.mark, tones[change.mark]), ' ', span(change.label, 'strong')),
		...(how === '' ? {} : {aside: isDrop ? spans(span(`▲ ${how}`, 'danger')) : spans(span(how, 'quiet'))}),
		children: change.changes.map(({mark, subject, text, isDestructive}) => ({
			label: spans(span(mark, tones[mark]), ` ${subject}`),
			...(text === '' && !isDestructive ? {} : {aside: textOf(text, isDestructive, mark)}),
		})),
		notes: change.reasons.map((reason) => spans(span(`why: ${reason}`, 'quiet'))),
	};
}

function textOf(text: string, isDestructive: boolean, mark: ChangedObject['mark']): readonly Span[] {
	if (!isDestructive) return spans(span(text, 'quiet'));
	return spans(span(text, 'quiet'), ' ', span(mark === '-' ? '▲ loses its values' : '▲ may change values', 'danger'));
}
