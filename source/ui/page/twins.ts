import {withTwins} from '../../core/text/symbols.ts';

/** Signs that only the terminal UI draws, with their ASCII twins; those that it shares with plain output are in core. */
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

/** Text as a terminal without Unicode can show it. */
export function asciiOnly(text: string): string {
	return signs.reduce((changed, [sign, twin]) => changed.replaceAll(sign, twin), withTwins(text));
}
