/** The symbols that carry a meaning. Color only repeats it. */
export interface Symbols {
	readonly add: string;
	readonly change: string;
	readonly drop: string;
	readonly done: string;
	/** Marks a loss of data. */
	readonly danger: string;
	/** Marks something to look at. */
	readonly notice: string;
	readonly failed: string;
	readonly pending: string;
	readonly applied: string;
	readonly question: string;
	/** The vertical rule to the left of details. */
	readonly rule: string;
	readonly arrow: string;
	readonly ellipsis: string;
	/** Separates facts on one line. */
	readonly dot: string;
	/** Marks the selected line of a list. */
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

/** Returns the symbols that a terminal or a log with this environment can show. */
export function symbolsFor(env: Readonly<Record<string, string | undefined>>, platform: string): Symbols {
	return showsUnicode(env, platform) ? unicodeSymbols : asciiSymbols;
}

/** True if the locale is UTF-8, or if the platform always uses UTF-8. */
export function showsUnicode(env: Readonly<Record<string, string | undefined>>, platform: string): boolean {
	const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
	if (locale) return /utf-?8/i.test(locale);
	if (platform === 'win32') return Boolean(env.WT_SESSION || env.TERM_PROGRAM || env.TERM === 'xterm-256color');
	return platform === 'darwin';
}

const fallbacks: readonly (readonly [string, string])[] = Object.entries(unicodeSymbols)
	.map(([name, symbol]) => [symbol, asciiSymbols[name as keyof Symbols]] as const)
	.filter(([symbol, fallback]) => symbol !== fallback);

/** Replaces the Unicode symbols in a text with their ASCII fallbacks. */
export function withAsciiFallbacks(text: string): string {
	return fallbacks.reduce((changed, [symbol, fallback]) => changed.replaceAll(symbol, fallback), text);
}
