import {aligned} from '../../page/columns.ts';
import {safeSpans, spansWidth} from '../../page/fit.ts';
import {type Line, prose, type Span, span} from '../../page/line.ts';
import type {Look} from '../../page/look.ts';
import {narrow} from '../../page/page.ts';

/** A change with its nested changes. */
export interface TreeNode {
	readonly label: readonly Span[];
	/** How it is carried out and what it costs. */
	readonly aside?: readonly Span[];
	readonly children?: readonly TreeNode[];
	/** Reasons, on separate lines below the children. */
	readonly notes?: readonly (readonly Span[])[];
}

interface Row {
	readonly depth: number;
	readonly label: readonly Span[];
	readonly aside?: readonly Span[] | undefined;
	readonly isNote: boolean;
	readonly marks: Line['marks'];
}

/** Returns a tree of changes. The asides are aligned in a column, or are below their labels on a narrow terminal. */
export function treeLines(nodes: readonly TreeNode[], look: Look): readonly Line[] {
	const rows = nodes.flatMap((node) => flatten(node, 0));
	const cells = rows.map(({label, aside, depth, isNote}) => {
		const indented = [span(' '.repeat(2 + depth * 4)), ...label];
		return isNote || aside === undefined ? [[], indented].slice(1) : [indented, aside];
	});
	// Labels get all the room that the asides leave.
	const asideWidth = Math.max(0, ...rows.map(({aside}) => (aside === undefined ? 0 : spansWidth(safeSpans(aside, look)))));
	const inColumns = aligned(cells, look, {most: Math.max(Math.floor(look.columns / 2), look.columns - asideWidth - 3)});
	return rows.flatMap((row, index): Line[] => {
		const [first, ...rest] = linesOf(row, index);
		return first === undefined ? [] : [row.marks === undefined ? first : {...first, marks: row.marks}, ...rest];
	});

	function linesOf(row: Row, index: number): Line[] {
		const indent = 2 + row.depth * 4;
		const reading = {role: 'listitem'} as const;
		if (row.isNote) return [{...prose(indent + 2, inColumns[index]!), reading}];
		if (look.columns >= narrow) return [{spans: inColumns[index]!, reading}];
		if (row.aside === undefined) return [{...prose(indent + 2, cells[index]![0]!), reading}];
		const joined = [...cells[index]![0]!, span('  '), ...row.aside];
		if (spansWidth(safeSpans(joined, look)) <= look.columns) return [{spans: joined, reading}];
		return [{...prose(indent + 2, cells[index]![0]!), reading}, prose(indent + 4, ' '.repeat(indent + 4), row.aside)];
	}
}

function flatten({label, aside, children, notes}: TreeNode, depth: number): readonly Row[] {
	return [
		{depth, label, isNote: false, aside, marks: marksOf(depth, aside)},
		...(children ?? []).flatMap((child) => flatten(child, depth + 1)),
		...(notes ?? []).map((note) => ({depth: depth + 1, label: [span('  '), ...note], isNote: true, marks: undefined})),
	];
}

function marksOf(depth: number, aside: readonly Span[] = []): Line['marks'] {
	const isLoss = aside.some(({tone}) => tone === 'danger');
	if (depth === 0) return isLoss ? ['object', 'loss'] : ['object'];
	return isLoss ? ['loss'] : undefined;
}
