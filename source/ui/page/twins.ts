import {withAsciiFallbacks} from '../../core/text/symbols.ts';

/** Symbols that only the terminal UI uses, with ASCII fallbacks. Symbols shared with plain output are in core. */
const signs: readonly (readonly [string, string])[] = [
	['↑↓', 'up/down'],
	['←→', 'left/right'],
	['↑', '...'],
	['↓', '...'],
	['█', '#'],
	['░', '.'],
	['▏', '|'],
	['×', 'x'],
	['•', '*'],
	['–', '-'],
];

/** Replaces symbols that a terminal without Unicode cannot show. */
export function asciiOnly(text: string): string {
	return signs.reduce((changed, [sign, twin]) => changed.replaceAll(sign, twin), withAsciiFallbacks(text));
}
