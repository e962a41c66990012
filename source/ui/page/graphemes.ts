/**
 * Characters that a reader sees, as in `Intl.Segmenter`. Creating a segmenter takes longer than drawing the first screen, and so does the first use of the
 * expression for emoji in `string-width`. Text with simple characters needs neither. `build.ts` makes Ink and its packages use this file, too.
 */

/** Printable characters that are one column wide and never part of a longer character: ASCII, Latin-1 and the symbols of screens. */
const simple = ' -~\\u00a0-\\u00ac\\u00ae-\\u00ff–—‘-”•…←-↓─-▟▲○●✔✗❯⠀-⣿';
const simpleText = new RegExp(`^[${simple}]*$`);
const simpleCharacters = new RegExp(`^[\\n\\u001b${simple}]*$`);

/** True for text that is as many columns wide as it is long. */
export function isSimpleText(text: string): boolean {
	return simpleText.test(text);
}

/** One character that a reader sees, and its place. */
export interface Grapheme {
	readonly segment: string;
	readonly index: number;
}

/** The characters of a text, and the one at an index of the text. */
export interface Graphemes extends Iterable<Grapheme> {
	containing(index?: number): Grapheme | undefined;
}

/** Returns the characters of a text, regardless of how many code points each has. */
export function graphemesOf(text: string): Graphemes {
	if (simpleCharacters.test(text)) {
		const graphemes = Array.from(text, (segment, index): Grapheme => ({segment, index}));
		return Object.assign(graphemes, {containing: (index = 0) => graphemes[index]});
	}
	segmenter ??= new Intl.Segmenter(undefined, {granularity: 'grapheme'});
	return segmenter.segment(text);
}

let segmenter: Intl.Segmenter | undefined;

/** Replaces `Intl.Segmenter` for packages that split text into characters. */
export const graphemeSegmenter = {segment: graphemesOf};
