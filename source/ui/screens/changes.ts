import {type TreeNode, treeLines} from '../components/tree/tree-lines.ts';
import type {Line, Tone} from '../page/line.ts';
import {span, spans} from '../page/line.ts';
import type {Look} from '../page/look.ts';
import type {ChangeNode} from '../services.ts';

const signs: Readonly<Record<ChangeNode['kind'], readonly [sign: string, tone: Tone]>> = {
	add: ['+', 'add'],
	change: ['~', 'change'],
	drop: ['-', 'drop'],
};

/** Changes as a tree: what, how it is done, what it costs, and why. */
export function changeLines(changes: readonly ChangeNode[], look: Look): readonly Line[] {
	return treeLines(changes.map(nodeOf), look);
}

function nodeOf(change: ChangeNode): TreeNode {
	const [sign, tone] = signs[change.kind];
	return {
		label: spans(span(sign, tone), ` ${change.label}`),
		...(change.how === '' && !change.isDestructive
			? {}
			: {aside: change.isDestructive ? spans(span(`▲ ${change.how}`, 'danger')) : spans(span(change.how, 'quiet'))}),
		notes: change.notes.map((note) => spans(span(note, 'quiet'))),
		children: change.children.map(nodeOf),
	};
}
