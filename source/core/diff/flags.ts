import {clean} from '../text/clean.ts';

/** The command-line flags that answer a question, spelled so that a shell takes them as they are. */

export function renameFlag(table: string, column: string | undefined, to: string): string {
	return flag('--rename', `${path(table, column)}=${name(to)}`);
}

export function dropFlag(table: string, column?: string): string {
	return flag('--drop', path(table, column));
}

export function ignoreFlag(table: string): string {
	return flag('--ignore', table);
}

/** What stands in a flag for what only a person knows. */
export const fillPlaceholder = '<SQL expression>';

export function fillFlag(table: string, column: string, expression = fillPlaceholder): string {
	const target = path(table, column);
	// Within double quotes a shell still acts on some characters.
	if (!/^[\p{L}\p{N} _.,:;<>()|+*/%=@'"-]*$/u.test(expression) || target.startsWith('-')) return flag('--fill', `${target}=${expression}`);
	return `--fill ${argument(target)}="${expression.replaceAll('"', '\\"')}"`;
}

/** A value that begins with a dash would be taken for the next flag. */
function flag(name: string, value: string): string {
	return `${name}${value.startsWith('-') ? '=' : ' '}${argument(value)}`;
}

function path(table: string, column: string | undefined): string {
	return column === undefined ? name(table) : `${name(table)}.${name(column)}`;
}

/** A part of a path in double quotes where it holds what separates the parts, or begins or ends with white space. */
function name(text: string): string {
	return /[.="]|^\s|\s$|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function argument(text: string): string {
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
