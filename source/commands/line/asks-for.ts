/** True if the user asks for help or the version, even if the rest of the command line is invalid. */
export function asksFor(what: 'help' | 'version', argv: readonly string[]): boolean {
	const end = argv.indexOf('--');
	const before = end === -1 ? argv : argv.slice(0, end);
	return before.includes(`--${what}`) || before.includes(what === 'help' ? '-h' : '-v');
}
