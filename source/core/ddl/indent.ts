import {tokenize} from './lexer.ts';

/**
 * SQL with every line but the first moved to the right. Only white space between tokens changes: what a string, a quoted name or a comment holds
 * stays as it is, so that a default of two lines keeps its second line.
 */
export function indented(sql: string, by: string): string {
	return mapLineStarts(sql, (indentation) => by + indentation);
}

/** The reverse of `indented`: takes `by` off the beginning of every line that has it. */
function outdented(sql: string, by: string): string {
	return mapLineStarts(sql, (indentation) => (indentation.startsWith(by) ? indentation.slice(by.length) : indentation));
}

/** The text of a template literal that begins on a line of its own: without the lines around it, and moved left by its first line's indentation. */
export function fromTemplate(text: string): string {
	const first = /^\s*\n([ \t]*)(?=\S)/.exec(text);
	const bare = text.trim();
	return first?.[1] === undefined || first[1] === '' ? bare : outdented(bare, first[1]);
}

function mapLineStarts(sql: string, map: (indentation: string) => string): string {
	return tokenize(sql)
		.map(({kind, text}) =>
			kind === 'space' && text.includes('\n') ? text.replace(/\n([ \t]*)(?![\s\S]*\n)/, (_, indentation: string) => `\n${map(indentation)}`) : text,
		)
		.join('');
}
