import {argument, flag} from '../text/shell.ts';

/** Returns a command-line flag that answers a question, quoted for a shell. */

export function renameFlag(table: string, column: string | undefined, to: string): string {
	return flag('--rename', `${path(table, column)}=${name(to)}`);
}

export function dropFlag(table: string, column?: string): string {
	return flag('--drop', path(table, column));
}

export function ignoreFlag(table: string): string {
	return flag('--ignore', table);
}

/** The placeholder for a value that only the user knows. */
export const fillPlaceholder = '<SQL expression>';

export function fillFlag(table: string, column: string, expression = fillPlaceholder): string {
	const target = path(table, column);
	// A shell interprets some characters even within double quotes.
	if (!/^[\p{L}\p{N} _.,:;<>()|+*/%=@'"-]*$/u.test(expression) || target.startsWith('-')) return flag('--fill', `${target}=${expression}`);
	return `--fill ${argument(target)}="${expression.replaceAll('"', '\\"')}"`;
}

function path(table: string, column: string | undefined): string {
	return column === undefined ? name(table) : `${name(table)}.${name(column)}`;
}

/** Returns a part of a path. Quotes it if it contains a separator, or begins or ends with whitespace. */
function name(text: string): string {
	return /[.="]|^\s|\s$|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
