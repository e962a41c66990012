import type {TextProps} from 'ink';
import type {Tone} from './line.ts';

type Style = Pick<TextProps, 'color' | 'bold' | 'dimColor'>;

/** The styles of tones, in the 16 colors that every terminal has and users can configure. Nothing is conveyed by color alone. */
export const theme: Readonly<Record<Tone, Style>> = {
	add: {color: 'green'},
	change: {color: 'yellow'},
	drop: {color: 'red'},
	done: {color: 'green'},
	danger: {color: 'red', bold: true},
	notice: {color: 'yellow'},
	failed: {color: 'red', bold: true},
	accent: {color: 'cyan'},
	quiet: {dimColor: true},
	strong: {bold: true},
};
