/**
 * True if a migration can be used for any number of loads, because it keeps no state between them. Next to `upgrade` and `downgrade`, such a module
 * contains only comments, types and constants, so it reads nothing when it is imported, and no variable outlives a call. It imports no other file, which
 * could be edited. The migrations that `create` writes are like this.
 *
 * How to read this file. Where a function ends is not guessed: V8 reports the source of the functions, with blanks instead of types. They are removed
 * from the text, and the rest must be harmless. In case of doubt, the answer is false, and the module is imported again each time.
 *
 * @param text the text of the file
 */
export function isStateless(text: string, {upgrade, downgrade}: Readonly<Record<string, unknown>>): boolean {
	let rest = text;
	for (const define of [upgrade, downgrade].filter((exported) => exported !== undefined)) {
		const source = String(define);
		const place = [...rest.matchAll(/\bexport\s+(?=(?:async\s+)?function\b)/g)].find(({0: {length}, index}) =>
			isSource(source, rest, index + length),
		);
		if (place === undefined || keepsState(source)) return false;
		rest = rest.slice(0, place.index) + rest.slice(place.index + place[0].length + source.length);
	}
	harmless.lastIndex = 0;
	while (harmless.lastIndex < rest.length) if (!harmless.test(rest)) return false;
	return true;
}

function isSource(source: string, text: string, start: number): boolean {
	for (let at = 0; at < source.length; at++) if (source[at] !== ' ' && source[at] !== text[start + at]) return false;
	return true;
}

/** True if a function may import a file, or use a function as an object. */
function keepsState(source: string): boolean {
	return /\bimport\b|\b(?:up|down)grade\b(?!\s*\()/.test(source.slice(source.indexOf('(')));
}

/** Text at the top level that does nothing and keeps nothing. */
const harmless = new RegExp(
	[
		'\\s+',
		'//.*',
		'/\\*(?:[^*]|\\*(?!/))*\\*/',
		`import type (?!from\\b)[^'";]*(?:'[^'\\n]*'|"[^"\\n]*");?`,
		`import \\{[^}]*\\} from (?:'lite-migr'|"lite-migr");?`,
		'export const transaction = (?:true|false)\\b;?',
		`export const squashes = \\[(?:[\\s,]|'[^'\\n]*'|"[^"\\n]*")*\\];?`,
	].join('|'),
	'y',
);
