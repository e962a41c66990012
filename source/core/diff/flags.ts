import {argument, flag} from '../text/shell.ts';

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

function path(table: string, column: string | undefined): string {
	return column === undefined ? name(table) : `${name(table)}.${name(column)}`;
}

/** A part of a path in double quotes where it holds what separates the parts, or begins or ends with white space. */
function name(text: string): string {
	return /[.="]|^\s|\s$|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
