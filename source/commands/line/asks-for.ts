/** True where the user wants help, or the version, whatever else is wrong. */
export function asksFor(what: 'help' | 'version', argv: readonly string[]): boolean {
	const end = argv.indexOf('--');
	const before = end === -1 ? argv : argv.slice(0, end);
	return before.includes(`--${what}`) || before.includes(what === 'help' ? '-h' : '-v');
}
