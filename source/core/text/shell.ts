import {clean} from './clean.ts';

/** Quotes text for a shell command line. */

/** Returns a flag with its value. A value that begins with a dash follows `=`, so it is not read as the next flag. */
export function flag(name: string, value: string): string {
	return `${name}${value.startsWith('-') ? '=' : ' '}${argument(value)}`;
}

export function argument(text: string): string {
	if (/^[\p{L}\p{N}_.=:@%+,/-]+$/u.test(text)) return text;
	// Characters that could affect the terminal are written as escapes, in the quotes that make a shell read escapes.
	if (clean(text) !== text)
		return `$'${text.replace(/[\\']/g, '\\$&').replace(/./gsu, (character) => (clean(character) === character ? character : shellEscape(character)))}'`;
	return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Escapes a character byte by byte, since the meaning of `\u` in a shell depends on the locale. */
function shellEscape(character: string): string {
	return Array.from(new TextEncoder().encode(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
