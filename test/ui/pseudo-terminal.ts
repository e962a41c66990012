import {onTestFinished} from 'vitest';
import {type CommandOptions, type CommandTerminal, openCommand} from './command-terminal.ts';

export type {CommandTerminal} from './command-terminal.ts';

/** Starts the built command in a pseudo-terminal. It ends with the test at the latest. */
export function command(folder: string, argv: readonly string[], options: CommandOptions = {}): CommandTerminal {
	const terminal = openCommand(folder, argv, options);
	let isOver = false;
	void terminal.exited.then(() => {
		isOver = true;
	});
	onTestFinished(() => {
		if (!isOver) terminal.kill('SIGKILL');
	});
	return terminal;
}
