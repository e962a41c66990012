import {type Output, outputOf} from '../../../source/commands/text/output.ts';
import {unicodeSymbols} from '../../../source/core/text/symbols.ts';

/** Creates an output that collects the printed lines. */
export function collected(): {readonly output: Output; readonly lines: () => string[]; readonly problems: () => string[]} {
	let out = '';
	let problems = '';
	const output = outputOf({
		writeOut: (text) => {
			out += text;
		},
		writeProblem: (text) => {
			problems += text;
		},
		isJson: false,
		hasColor: false,
		symbols: unicodeSymbols,
	});
	const linesOf = (text: string) => text.split('\n').slice(0, -1);
	return {output, lines: () => linesOf(out), problems: () => linesOf(problems)};
}
