import {clean} from './clean.ts';

/** Text for a command line, spelled so that a shell takes it as it is. */

/** A flag with its value. A value that begins with a dash would be taken for the next flag. */
export function flag(name: string, value: string): string {
	return `${name}${value.startsWith('-') ? '=' : ' '}${argument(value)}`;
}

export function argument(text: string): string {
	if (/^[\p{L}\p{N}_.=:@%+,/-]+$/u.test(text)) return text;
	// What could act on the terminal is spelled out, in the quotes in which a shell reads escapes.
	if (clean(text) !== text)
		return `$'${text.replace(/[\\']/g, '\\$&').replace(/./gsu, (character) => (clean(character) === character ? character : shellEscape(character)))}'`;
	return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Byte by byte: what `\u` means to a shell depends on its locale. */
function shellEscape(character: string): string {
	return Array.from(new TextEncoder().encode(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
