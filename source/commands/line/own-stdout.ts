import {MigrError} from '../../core/errors.ts';
import {fileProblem} from '../../core/text/file-problem.ts';

interface Stream {
	write: NodeJS.WriteStream['write'];
}

/**
 * Reserves stdout for lite-migr if it prints JSON or SQL for another program: output of models and migrations, including `console.log`, then goes to
 * stderr. Returns a function that writes to the real stdout.
 */
export function takeStdout(argv: readonly string[], {stdout, stderr}: {readonly stdout: Stream; readonly stderr: Stream}): Stream['write'] {
	const write = stdout.write.bind(stdout);
	if (argv.includes('--json') || argv.includes('--sql')) stdout.write = stderr.write.bind(stderr);
	return write;
}

/**
 * Handles an error of stdout or stderr. A closed pipe, as in `lite-migr status | head -1`, is not an error: the command continues to its end.
 *
 * @throws MigrError `files` for any other error
 */
export function requireReader(error: NodeJS.ErrnoException): void {
	if (error.code !== 'EPIPE') throw new MigrError('files', `cannot write the output: ${fileProblem(error)}`, {cause: error});
}
