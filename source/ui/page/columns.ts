import {cutSpans, ellipsisOf, safeSpans, spansWidth} from './fit.ts';
import type {Span} from './line.ts';
import type {Look} from './look.ts';

export interface ColumnsOptions {
	/** Spaces between two columns. */
	readonly gap?: number;
	/** The maximum width of a column. The last column is never cut. By default, half of the terminal, unless all columns fit. */
	readonly most?: number;
}

/** Columns that callers add in front of a row, such as the mark of the selected entry. */
const mostIndent = 4;

/** Aligns cells in columns, and returns each row as spans. */
export function aligned(rows: readonly (readonly (readonly Span[])[])[], look: Look, options: ColumnsOptions = {}): readonly (readonly Span[])[] {
	const gap = options.gap ?? 3;
	const safe = rows.map((cells) => cells.map((cell) => safeSpans(cell, look)));
	const most = options.most ?? (fits(safe, gap, look.columns - mostIndent) ? look.columns : Math.floor(look.columns / 2));
	const widths: number[] = [];
	for (const cells of safe) {
		// The last cell of a row has no maximum width.
		cells.slice(0, -1).forEach((cell, index) => {
			widths[index] = Math.max(widths[index] ?? 0, Math.min(most, spansWidth(cell)));
		});
	}
	return safe.map((cells) =>
		cells.flatMap((cell, index) => {
			if (index === cells.length - 1) return cell;
			const width = widths[index] ?? 0;
			const cut = cutSpans(cell, width, ellipsisOf(look));
			return [...cut, {text: ' '.repeat(width - spansWidth(cut) + gap)}];
		}),
	);
}

/** True if no cell must be cut. */
function fits(rows: readonly (readonly (readonly Span[])[])[], gap: number, room: number): boolean {
	const widths: number[] = [];
	let widest = 0;
	for (const cells of rows) {
		cells.slice(0, -1).forEach((cell, index) => {
			widths[index] = Math.max(widths[index] ?? 0, spansWidth(cell));
		});
	}
	for (const cells of rows) {
		const before = widths.slice(0, cells.length - 1).reduce((sum, width) => sum + width + gap, 0);
		widest = Math.max(widest, before + spansWidth(cells.at(-1) ?? []));
	}
	return widest <= room;
}
