/** The command-line flags that answer a question, spelled so that a shell takes them as they are. */

export function renameFlag(table: string, column: string | undefined, to: string): string {
	return `--rename ${argument(`${path(table, column)}=${name(to)}`)}`;
}

export function dropFlag(table: string, column?: string): string {
	return `--drop ${argument(path(table, column))}`;
}

export function ignoreFlag(table: string): string {
	return `--ignore ${argument(table)}`;
}

export function fillFlag(table: string, column: string, expression = '<SQL expression>'): string {
	return `--fill ${argument(path(table, column))}=${JSON.stringify(expression)}`;
}

function path(table: string, column: string | undefined): string {
	return column === undefined ? name(table) : `${name(table)}.${name(column)}`;
}

/** A part of a path in double quotes where it holds what separates the parts. */
function name(text: string): string {
	return /[.="]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function argument(text: string): string {
	return /^[\p{L}\p{N}_.=:@%+,/-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
