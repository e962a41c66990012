import pty from '@lydell/node-pty';
import {builtBin} from '../cli/built-bin.ts';
import {type Emulator, emulate} from './emulator.ts';

/** The built command in a pseudo-terminal. */
export interface CommandTerminal extends Omit<Emulator, 'write' | 'pasteOf'> {
	/** Sends all keys in one write. */
	press(...keys: readonly string[]): void;
	paste(text: string): void;
	/** Resolves to the exit code after all output is processed. */
	readonly exited: Promise<number>;
	kill(signal: string): void;
	/** Closes the terminal, as the end of its window or connection does. */
	hangUp(): void;
}

export interface CommandOptions {
	readonly columns?: number;
	readonly rows?: number;
	readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts the built command as a user does, in a UTF-8 locale. */
export function openCommand(folder: string, argv: readonly string[], options: CommandOptions = {}): CommandTerminal {
	return openProgram(process.execPath, folder, [builtBin(), ...argv], options);
}

/** Starts a program in a pseudo-terminal. */
export function openProgram(
	program: string,
	folder: string,
	argv: readonly string[],
	{columns = 80, rows = 24, env = {}}: CommandOptions = {},
): CommandTerminal {
	const emulator = emulate(columns, rows, 20_000);
	const {CI: _ci, NO_COLOR: _noColor, FORCE_COLOR: _forceColor, CONTINUOUS_INTEGRATION: _integration, ...inherited} = process.env;
	const environment: Record<string, string | undefined> = {...inherited, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', ...env};
	const child = pty.spawn(program, [...argv], {
		name: environment.TERM ?? 'xterm',
		cols: columns,
		rows,
		cwd: folder,
		env: Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined)),
	});
	child.onData((data) => emulator.write(data));
	const exited = new Promise<number>((resolve) => {
		child.onExit(({exitCode, signal}) => {
			void emulator.parsed().then(() => resolve(signal ? 128 + signal : exitCode));
		});
	});
	return {
		...emulator,
		press: (...pressed) => child.write(pressed.join('')),
		paste: (text) => child.write(emulator.pasteOf(text)),
		resize(newColumns, newRows) {
			emulator.resize(newColumns, newRows);
			child.resize(newColumns, newRows);
		},
		kill: (signal) => child.kill(signal),
		// The types do not have this method of the Unix terminal.
		hangUp: () => (child as unknown as {destroy(): void}).destroy(),
		exited,
	};
}
