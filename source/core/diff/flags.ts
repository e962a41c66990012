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

export function fillFlag(table: string, column: string, expression = '<SQL expression>'): string {
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

function shellEscape(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
	return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
