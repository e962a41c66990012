import {readFileSync} from 'node:fs';
import {join} from 'node:path';

/** A fenced block of a page: its language, the words behind it, and its text. */
export interface Block {
	readonly language: string;
	readonly file: string | undefined;
	readonly text: string;
}

export interface Command {
	readonly argv: readonly string[];
	readonly output: string;
}

/** The fenced blocks of a page under docs/, in order. */
export function blocksOf(page: string): Block[] {
	const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
	return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language = '', file, body = '']) => ({language, file, text: body}));
}

/** The commands of a console block, each with what it prints. */
export function commandsOf(block: Block): Command[] {
	return block.text
		.split(/^\$ /m)
		.slice(1)
		.map((part) => {
			const [line = '', ...output] = part.split('\n');
			const [npx, lite, ...argv] = line.split(' ');
			if (npx !== 'npx' || lite !== 'lite-migr') throw new Error(`not a command of lite-migr: ${line}`);
			return {argv, output: output.join('\n').trim()};
		});
}

/** The text after the lines that a diff block takes away have been replaced by those that it adds. */
export function patched(text: string, block: Block): string {
	const lines = block.text.split('\n');
	const marked = (mark: string): string => lines.flatMap((line) => (line.startsWith(mark) ? [`${line.slice(1)}\n`] : [])).join('');
	if (!text.includes(marked('-'))) throw new Error(`the file does not have these lines:\n${marked('-')}`);
	return text.replace(marked('-'), () => marked('+'));
}

/** Without what differs from run to run. */
export function steady(text: string): string {
	return text
		.replace(/\d{8}_\d{6}/g, 'TIME')
		.replace(/\b[\d,.]+ m?s\b/g, 'N ms')
		.trim();
}
