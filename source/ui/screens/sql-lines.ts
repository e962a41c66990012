import {type Line, type Span, span} from '../page/line.ts';

/** Returns the lines of SQL. Comments are dimmed; drops and deletes are highlighted. Tabs become spaces, because a tab has no fixed width. */
export function sqlLines(sql: string): readonly Line[] {
	return sql
		.replaceAll('\r\n', '\n')
		.split('\n')
		.map((text) => ({spans: [span('  '), ...colored(text.replaceAll('\t', '    '))], hang: [span('      ')]}));
}

function colored(text: string): readonly Span[] {
	if (/^\s*(--|\/\/|\*|\/\*)/.test(text)) return [span(text, 'quiet')];
	if (/^\s*(drop|delete)\b/i.test(text)) return [span(text, 'drop')];
	return [span(text)];
}
