/**
 * Characters that could move the cursor, start an escape sequence, change the direction of the text or be invisible in it:
 * C0 and C1 controls, DEL, line and paragraph separators, bidi marks, embeddings, overrides and isolates, the soft hyphen, zero-width space,
 * word joiner and byte order mark, invisible operators, deprecated format characters, interlinear annotations, tags, and halves of surrogate pairs.
 * Zero-width joiners and variation selectors are kept: emoji and several scripts need them.
 */
const unsafe =
	/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;

const named: Readonly<Record<string, string>> = {'\n': '\\n', '\r': '\\r', '\t': '\\t'};

/**
 * Makes a value from a database, a model, a file or an argument safe to show on one line. Characters that could affect the terminal become visible
 * escapes (`\n`, `\x1b`, `\u202e`), so names that differ also look different.
 */
export function clean(text: string): string {
	return text.replace(unsafe, escaped);
}

/** Makes multiline text, such as SQL, safe to show, like `clean`. Line breaks and tabs are kept. */
export function cleanLines(text: string): string {
	return text.replaceAll('\r\n', '\n').replace(unsafe, (character) => (character === '\n' || character === '\t' ? character : escaped(character)));
}

function escaped(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	const hex = code.toString(16);
	if (code > 0xffff) return `\\u{${hex}}`;
	return named[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`);
}
