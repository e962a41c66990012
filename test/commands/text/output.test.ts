import {describe, expect, test} from 'vitest';
import {jsonLine, outputOf} from '../../../source/commands/text/output.ts';
import {asciiSymbols, unicodeSymbols} from '../../../source/core/text/symbols.ts';

function collected(isJson: boolean, symbols = unicodeSymbols, hasColor = false) {
	const out: string[] = [];
	const problems: string[] = [];
	return {
		out,
		problems,
		output: outputOf({writeOut: (text) => out.push(text), writeProblem: (text) => problems.push(text), isJson, hasColor, symbols}),
	};
}

describe('output', () => {
	test('prints either text or JSON', () => {
		const text = collected(false);
		text.output.line('a → b');
		text.output.json({a: 1});
		expect(text.out).toEqual(['a → b\n']);
		const json = collected(true);
		json.output.line('a → b');
		json.output.verbatim('a');
		json.output.json({a: 1});
		json.output.problem('✗ no');
		expect([json.out, json.problems]).toEqual([['{"a":1}\n'], ['✗ no\n']]);
	});

	test('prints ASCII if the locale is not UTF-8, but leaves text to copy unchanged', () => {
		const {out, problems, output} = collected(false, asciiSymbols);
		output.line('a → b · …');
		output.problem('✗ no');
		output.verbatim('--rename a=→');
		expect([out, problems]).toEqual([['a -> b - ...\n', '--rename a=→\n'], ['x no\n']]);
	});

	test('paints only if colors are enabled', () => {
		expect(collected(false).output.paint('drop', 'x')).toBe('x');
		expect(collected(false, unicodeSymbols, true).output.paint('drop', 'x')).toBe('\u001b[31mx\u001b[39m');
	});
});

test('jsonLine supports every SQL value and escapes everything that acts on a terminal', () => {
	expect(jsonLine({big: 9007199254740993n, blob: Buffer.from([1, 255]), bytes: new Uint8Array([0])})).toBe(
		'{"big":"9007199254740993","blob":{"hex":"01ff"},"bytes":{"hex":"00"}}',
	);
	const text = 'a\u001b[2J\u009b\u202e\u2028z';
	expect(jsonLine({text})).toMatch(/^[\x20-\x7e]+$/);
	expect(JSON.parse(jsonLine({text}))).toEqual({text});
});
