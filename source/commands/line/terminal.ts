export interface TerminalFacts {
	readonly stdinIsTerminal: () => boolean;
	readonly stdoutIsTerminal: boolean;
	readonly stderrIsTerminal?: boolean;
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

/**
 * True if a terminal is known to support links (OSC 8): others may print the target. `FORCE_HYPERLINK` overrides it, like in other programs. A
 * multiplexer hides what is outside it.
 */
export function supportsLinks({env, platform}: Pick<TerminalFacts, 'env'> & {readonly platform: string}): boolean {
	if (isCi(env) || env.TERM === 'dumb' || (env.NO_COLOR !== undefined && env.NO_COLOR !== '')) return false;
	if (env.FORCE_HYPERLINK !== undefined && env.FORCE_HYPERLINK !== '') return env.FORCE_HYPERLINK !== '0' && env.FORCE_HYPERLINK !== 'false';
	if (env.TMUX !== undefined || env.STY !== undefined || /^(?:screen|tmux)/.test(env.TERM ?? '')) return false;
	if (platform === 'win32') return env.WT_SESSION !== undefined || env.TERM_PROGRAM === 'vscode';
	const version = (env.TERM_PROGRAM_VERSION ?? '').split('.').map(Number);
	const [major = 0, minor = 0] = version;
	switch (env.TERM_PROGRAM) {
		case 'iTerm.app':
			return major > 3 || (major === 3 && minor >= 1);
		case 'vscode':
			return major > 1 || (major === 1 && minor >= 72);
		case 'WezTerm':
		case 'ghostty':
		case 'WarpTerminal':
		case 'rio':
		case 'zed':
			return true;
		default:
	}
	// VTE 0.50.0 crashes on links.
	if (Number(env.VTE_VERSION) > 5000 || Number(env.KONSOLE_VERSION) >= 201_200) return true;
	return env.WT_SESSION !== undefined || /^(?:xterm-kitty|alacritty|foot|xterm-ghostty|contour)/.test(env.TERM ?? '');
}
