/** The signs that carry a meaning; colour only repeats it. */
export interface Symbols {
	readonly add: string;
	readonly change: string;
	readonly drop: string;
	readonly done: string;
	/** Loses data. */
	readonly danger: string;
	/** Look here. */
	readonly notice: string;
	readonly failed: string;
	readonly pending: string;
	readonly applied: string;
	readonly question: string;
	/** The left rule beside details. */
	readonly rule: string;
	readonly arrow: string;
	readonly ellipsis: string;
	/** Stands between facts on one line. */
	readonly dot: string;
	/** The chosen line of a list. */
	readonly pointer: string;
}

export const unicodeSymbols: Symbols = {
	add: '+',
	change: '~',
	drop: '-',
	done: '✔',
	danger: '▲',
	notice: '!',
	failed: '✗',
	pending: '○',
	applied: '●',
	question: '?',
	rule: '│',
	arrow: '→',
	ellipsis: '…',
	dot: '·',
	pointer: '❯',
};

export const asciiSymbols: Symbols = {
	add: '+',
	change: '~',
	drop: '-',
	done: 'v',
	danger: '!',
	notice: '!',
	failed: 'x',
	pending: 'o',
	applied: '*',
	question: '?',
	rule: '|',
	arrow: '->',
	ellipsis: '...',
	dot: '-',
	pointer: '>',
};

/** What a terminal or a log with this environment can show. */
export function symbolsFor(env: Readonly<Record<string, string | undefined>>, platform: string): Symbols {
	return showsUnicode(env, platform) ? unicodeSymbols : asciiSymbols;
}

/** True where the locale is UTF-8, or the platform always is. */
export function showsUnicode(env: Readonly<Record<string, string | undefined>>, platform: string): boolean {
	const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
	if (locale) return /utf-?8/i.test(locale);
	if (platform === 'win32') return Boolean(env.WT_SESSION || env.TERM_PROGRAM || env.TERM === 'xterm-256color');
	return platform === 'darwin';
}

const twins: readonly (readonly [string, string])[] = Object.entries(unicodeSymbols)
	.map(([name, symbol]) => [symbol, asciiSymbols[name as keyof Symbols]] as const)
	.filter(([symbol, twin]) => symbol !== twin);

/** Text with our signs in it, with their ASCII twins instead. */
export function withTwins(text: string): string {
	return twins.reduce((changed, [symbol, twin]) => changed.replaceAll(symbol, twin), text);
}
