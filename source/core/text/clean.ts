/**
 * Characters that could move the cursor, start an escape sequence, turn the direction of the text or hide in it:
 * C0 and C1 controls, DEL, line and paragraph separators, bidi marks, embeddings, overrides and isolates, the soft hyphen, zero-width space,
 * word joiner and byte order mark, invisible operators, deprecated format characters, interlinear annotations, tags, and halves of surrogate pairs.
 * Zero-width joiners and variation selectors stay: emoji and several scripts are spelled with them.
 */
const unsafe =
	/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;

const named: Readonly<Record<string, string>> = {'\n': '\\n', '\r': '\\r', '\t': '\\t'};

/**
 * A value from a database, a model, a file or an argument as it can be shown on one line: whatever could act on the terminal stands there as a
 * visible escape (`\n`, `\x1b`, `\u202e`), so that two names that differ also look different.
 */
export function clean(text: string): string {
	return text.replace(unsafe, escaped);
}

/** As `clean`, for text of several lines, such as SQL: line ends and tabs stay. */
export function cleanLines(text: string): string {
	return text.replaceAll('\r\n', '\n').replace(unsafe, (character) => (character === '\n' || character === '\t' ? character : escaped(character)));
}

function escaped(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	const hex = code.toString(16);
	if (code > 0xffff) return `\\u{${hex}}`;
	return named[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
}
