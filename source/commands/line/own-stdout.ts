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
