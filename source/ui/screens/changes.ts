import {costText} from '../../core/plan/preview-text.ts';
import {type TreeNode, treeLines} from '../components/tree/tree-lines.ts';
import type {Line, Span, Tone} from '../page/line.ts';
import {span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import type {ChangedObject} from '../services.ts';

const tones: Readonly<Record<ChangedObject['mark'], Tone>> = {'+': 'add', '~': 'change', '-': 'drop'};

/** Returns changes as a tree: each change, how it is carried out, what it costs, and why. */
export function changeLines(changes: readonly ChangedObject[], look: Look): readonly Line[] {
	return treeLines(changes.map(nodeOf), look);
}

function nodeOf(change: ChangedObject): TreeNode {
	const how = costText(change, () => change.rows);
	const isDrop = change.isDestructive && change.strategy === 'drop';
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
