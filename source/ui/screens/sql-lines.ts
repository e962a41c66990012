import {keywords} from '../../core/schema/identifiers.ts';
import {type Line, type Span, span} from '../page/line.ts';

/** Returns the lines of SQL. Keywords are highlighted, comments are dimmed, drops and deletes stand out. Tabs become spaces, because a tab has no fixed width. */
export function sqlLines(sql: string): readonly Line[] {
	return sql
		.trimEnd()
		.replaceAll('\r\n', '\n')
		.split('\n')
		.map((text) => ({spans: [span('  '), ...colored(text.replaceAll('\t', '    '))], hang: [span('      ')]}));
}

function colored(text: string): readonly Span[] {
	if (/^\s*(--|\/\/|\*|\/\*)/.test(text)) return [span(text, 'quiet')];
	if (/^\s*(drop|delete)\b/i.test(text)) return [span(text, 'drop')];
	return highlighted(text);
}

/** Returns SQL text with its keywords highlighted. Quoted names, strings and comments are not searched for keywords. */
export function highlighted(text: string): readonly Span[] {
	const parts = text.match(/--.*|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|\[[^\]]*\]?|\w+|[^\w'"`[-]+|-/g) ?? [];
	return parts.map((part) => {
		if (part.startsWith('--')) return span(part, 'quiet');
		return /^[A-Z_]+$/.test(part) && keywords.has(part) ? span(part, 'accent') : span(part);
	});
}
