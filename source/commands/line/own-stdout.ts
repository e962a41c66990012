import {MigrError} from '../../core/errors.ts';
import {fileProblem} from '../../core/text/file-problem.ts';

interface Stream {
	write: NodeJS.WriteStream['write'];
}

/**
 * Takes stdout for lite-migr alone where a program reads it, as JSON or SQL: what models and migrations print, `console.log` included, goes to
 * stderr from then on. Elsewhere it stays where it is. Returns the way to write to the real stdout.
 */
export function takeStdout(argv: readonly string[], {stdout, stderr}: {readonly stdout: Stream; readonly stderr: Stream}): Stream['write'] {
	const write = stdout.write.bind(stdout);
	if (argv.includes('--json') || argv.includes('--sql')) stdout.write = stderr.write.bind(stderr);
	return write;
}

/**
 * What becomes of an error of stdout or stderr. `lite-migr status | head -1` is none: whoever reads has enough, and what is being done goes on to its end.
 *
 * @throws MigrError `files`
 */
export function requireReader(error: NodeJS.ErrnoException): void {
	if (error.code !== 'EPIPE') throw new MigrError('files', `the output cannot be written: ${fileProblem(error)}`, {cause: error});
}
