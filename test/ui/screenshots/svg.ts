import type {Emulator} from '../emulator.ts';

type Terminal = Emulator['terminal'];

const cell = {width: 8.4, height: 18, baseline: 13};
const margin = {x: 16, top: 40, bottom: 14};
const background = '#16181d';
const foreground = '#d7dae0';
const palette = [
	'#3f4451',
	'#e06c75',
	'#98c379',
	'#e5c07b',
	'#61afef',
	'#c678dd',
	'#56b6c2',
	'#d7dae0',
	'#5c6370',
	'#ff7a85',
	'#b5e890',
	'#ffd68a',
	'#82c4ff',
	'#dd9df0',
	'#7fd6e0',
	'#ffffff',
];

interface Run {
	readonly column: number;
	readonly width: number;
	readonly text: string;
	readonly color: string;
	readonly isBold: boolean;
	readonly isDim: boolean;
}

/** Returns the cells of an emulator as an SVG picture. Empty rows at the end are omitted. */
export function svgOf(terminal: Terminal, title: string): string {
	const rows = Array.from({length: terminal.rows}, (_, row) => runsOf(terminal, terminal.buffer.active.viewportY + row));
	const used = rows.findLastIndex((runs) => runs.length > 0) + 1;
	const width = Math.round(terminal.cols * cell.width + 2 * margin.x);
	const height = used * cell.height + margin.top + margin.bottom;
	const dots = ['#ff5f57', '#febc2e', '#28c840'].map((fill, index) => `<circle cx="${20 + index * 18}" cy="20" r="5.5" fill="${fill}"/>`);
	const text = rows.slice(0, used).flatMap((runs, row) => runs.map((run) => textOf(run, row)));
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
		`<title>${escaped(title)}</title>`,
		`<rect width="${width}" height="${height}" rx="8" fill="${background}"/>`,
		...dots,
		`<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">`,
		...text,
		'</g>',
		'</svg>',
		'',
	].join('\n');
}

function textOf({column, width, text, color, isBold, isDim}: Run, row: number): string {
	const x = (margin.x + column * cell.width).toFixed(1);
	const y = margin.top + row * cell.height + cell.baseline;
	const style = `${isBold ? ' font-weight="bold"' : ''}${isDim ? ' opacity="0.62"' : ''}`;
	// Whatever font the reader has, a run is as wide as its cells.
	return `<text x="${x}" y="${y}" fill="${color}"${style} textLength="${(width * cell.width).toFixed(1)}" lengthAdjust="spacingAndGlyphs">${escaped(text)}</text>`;
}

/** Neighbouring cells of one look, without the spaces between words that are far apart. */
function runsOf(terminal: Terminal, row: number): readonly Run[] {
	const line = terminal.buffer.active.getLine(row);
	const runs: Run[] = [];
	for (let column = 0; line !== undefined && column < terminal.cols; ) {
		const at = line.getCell(column);
		if (at === undefined) break;
		const width = Math.max(1, at.getWidth());
		const text = at.getChars();
		if (text !== '' && text !== ' ') {
			const look = {color: colorOf(at), isBold: at.isBold() !== 0, isDim: at.isDim() !== 0};
			const last = runs.at(-1);
			const gap = last === undefined ? 0 : column - last.column - last.width;
			if (last !== undefined && gap <= 1 && isSame(last, look)) {
				runs[runs.length - 1] = {...last, text: `${last.text}${' '.repeat(gap)}${text}`, width: last.width + gap + width};
			} else runs.push({column, width, text, ...look});
		}
		column += width;
	}
	return runs;
}

function isSame(run: Run, look: Pick<Run, 'color' | 'isBold' | 'isDim'>): boolean {
	return run.color === look.color && run.isBold === look.isBold && run.isDim === look.isDim;
}

function colorOf(at: {isFgPalette(): boolean; getFgColor(): number}): string {
	return at.isFgPalette() ? (palette[at.getFgColor()] ?? foreground) : foreground;
}

function escaped(text: string): string {
	return text.replace(/[&<>"]/g, (character) => ({'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'})[character] ?? character);
}
