import {realpathSync} from 'node:fs';
import {run} from '../../source/commands/line/run.ts';
import {version} from '../../source/core/version.ts';
import {builtLite, type Finished, plainEnvironment} from './built-bin.ts';

/**
 * Runs a command line in this process, as the built command would in this folder, without a terminal and in a UTF-8 locale. Not caught: what models
 * and migrations print themselves, or their `process.exit`. If LITE_MIGR_BIN is set, that command is run instead.
 *
 * @param input the text on stdin
 */
export async function lite(folder: string, argv: readonly string[], input = ''): Promise<Finished> {
	if (process.env.LITE_MIGR_BIN !== undefined) return await builtLite(folder, argv);
	let stdout = '';
	let stderr = '';
	const code = await run(argv, {
		cwd: realpathSync(folder),
		env: plainEnvironment(),
		platform: process.platform,
		version,
		stdinIsTerminal: () => false,
		stdoutIsTerminal: false,
		interrupts: () => new AbortController().signal,
		onInterrupt: () => () => {},
		endBySignal: () => () => {},
		onSuddenEnd: () => {},
		isAtTerminal: () => false,
		readInput: async () => input,
		writeOut: (text) => {
			stdout += text;
		},
		writeProblem: (text) => {
			stderr += text;
		},
	});
	return {code, stdout, stderr};
}
