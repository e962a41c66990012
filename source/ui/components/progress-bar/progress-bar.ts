import {type Span, span} from '../../page/line.ts';

/** Returns a bar of `width` cells. A started run shows at least one cell, and an unfinished one never shows all. */
export function progressBar(done: number, total: number, width: number): readonly Span[] {
	const share = total <= 0 ? 0 : Math.min(1, Math.max(0, done / total));
	const exact = Math.round(share * width);
	const filled = share <= 0 ? 0 : share >= 1 ? width : Math.min(width - 1, Math.max(1, exact));
	return [span('█'.repeat(filled), 'accent'), span('░'.repeat(width - filled), 'quiet')];
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const asciiFrames = ['|', '/', '-', '\\'];

/** Returns the frame of the spinner at a time in milliseconds. */
export function spinner(elapsedMs: number, isAscii: boolean): Span {
	const all = isAscii ? asciiFrames : frames;
	return span(all[Math.floor(Math.max(0, elapsedMs) / 100) % all.length]!, 'accent');
}
