import {type Line, type Span, span} from '../page/line.ts';

/** SQL, a line each; comments are quiet, what drops or deletes is marked. Tabs become spaces, since a tab has no width of its own. */
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
