export interface TerminalFacts {
	readonly stdinIsTerminal: () => boolean;
	readonly stdoutIsTerminal: boolean;
	readonly env: Readonly<Record<string, string | undefined>>;
}

/** True if screens can be drawn and keys can be read. Otherwise, output is append-only plain text. */
export function canDrawScreens({stdinIsTerminal, stdoutIsTerminal, env}: TerminalFacts): boolean {
	return stdoutIsTerminal && env.TERM !== 'dumb' && !isCi(env) && stdinIsTerminal();
}

/** True in CI, by the same rule as Ink, which then draws nothing although keys would still act. */
function isCi(env: TerminalFacts['env']): boolean {
	return ['CI', 'CONTINUOUS_INTEGRATION'].some((key) => env[key] !== undefined && env[key] !== '0' && env[key] !== 'false');
}

/** True if output should be colored. See https://no-color.org and https://force-color.org. */

export function wantsColor({stdoutIsTerminal, env}: Omit<TerminalFacts, 'stdinIsTerminal'>, noColor: boolean): boolean {
	if (noColor || (env.NO_COLOR !== undefined && env.NO_COLOR !== '')) return false;
	if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
	return stdoutIsTerminal && env.TERM !== 'dumb';
}
