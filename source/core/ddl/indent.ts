import {tokenize} from './lexer.ts';

/**
 * Indents every line of an SQL text except the first. Only whitespace between tokens changes. Strings, quoted names and comments stay unchanged, so
 * the second line of a multiline default is not indented.
 */
export function indented(sql: string, by: string): string {
	return mapLineStarts(sql, (indentation) => by + indentation);
}

/** Reverses `indented`: removes `by` from the beginning of every line that has it. */
function outdented(sql: string, by: string): string {
	return mapLineStarts(sql, (indentation) => (indentation.startsWith(by) ? indentation.slice(by.length) : indentation));
}

/** Returns the text of a template literal that begins on a new line: trimmed, and outdented by the indentation of its first line. */
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
