import {aligned} from '../../page/columns.ts';
import {type Line, prose, type Span, span} from '../../page/line.ts';
import type {Look} from '../../page/look.ts';

/** A change, with what changes inside it. */
export interface TreeNode {
	readonly label: readonly Span[];
	/** How it is done and what it costs. */
	readonly aside?: readonly Span[];
	/** Why, on lines of their own. */
	readonly notes?: readonly (readonly Span[])[];
	readonly children?: readonly TreeNode[];
}

const narrow = 60;

/** A tree of changes, the asides below each other; where it is narrow, below their labels. */
export function treeLines(nodes: readonly TreeNode[], look: Look): readonly Line[] {
	const flat = nodes.flatMap((node) => flatten(node, 0));
	const cells = flat.map(({node, depth}) => [[span(' '.repeat(2 + depth * 4)), ...node.label], ...(node.aside ? [node.aside] : [])]);
	const rows = look.columns < narrow ? [] : aligned(cells, look);
	return flat.flatMap(({node, depth}, index) => {
		const indent = ' '.repeat(6 + depth * 4);
		const notes = (node.notes ?? []).map((note) => prose(indent.length, indent, note));
		const reading = {reading: {role: 'listitem'}} as const;
		if (look.columns >= narrow) return [{spans: rows[index]!, ...reading}, ...notes];
		const aside = node.aside === undefined ? [] : [prose(indent.length, indent, node.aside)];
		return [{...prose(indent.length - 2, cells[index]![0]!), ...reading}, ...aside, ...notes];
	});
}

function flatten(node: TreeNode, depth: number): readonly {node: TreeNode; depth: number}[] {
	return [{node, depth}, ...(node.children ?? []).flatMap((child) => flatten(child, depth + 1))];
}
