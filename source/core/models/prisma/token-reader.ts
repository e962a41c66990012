import type {Token} from './lexer.ts';
import {prismaError} from './prisma-error.ts';
import type {Place} from './syntax.ts';

/** Reads the tokens of one file from left to right. */
export interface TokenReader {
	readonly file: string;
	/** Returns the next token, or one after it, without reading it. */
	peek(ahead?: number): Token;
	next(): Token;
	/** True if the next token is this symbol. */
	isAt(symbol: string): boolean;
	/** Reads the symbol if it comes next. */
	take(symbol: string): boolean;
	/** Reads the symbol. @throws MigrError `model` if another token comes next */
	expect(symbol: string, hint?: string): Token;
	/** Reads a name. @throws MigrError `model` if another token comes next */
	expectName(what: string): Token;
	skipNewlines(): void;
	place(token?: Token): Place;
	/** The line of the token that was read last, 0 before the first. */
	lastLine(): number;
}

export function tokenReader(file: string, tokens: readonly Token[]): TokenReader {
	let at = 0;
	let lastLine = 0;
	const end: Token = tokens.at(-1) ?? {kind: 'end', text: '', line: 1};
	const reader: TokenReader = {
		file,
		peek: (ahead = 0) => tokens[at + ahead] ?? end,
		next: () => {
			const token = reader.peek();
			if (token.kind !== 'end') at++;
			lastLine = token.line;
			return token;
		},
		isAt: (symbol) => reader.peek().kind === 'symbol' && reader.peek().text === symbol,
		take: (symbol) => {
			if (!reader.isAt(symbol)) return false;
			reader.next();
			return true;
		},
		expect: (symbol, hint) => {
			if (!reader.isAt(symbol)) throw prismaError(reader.place(), `expected ${symbol} instead of ${described(reader.peek())}`, hint);
			return reader.next();
		},
		expectName: (what) => {
			if (reader.peek().kind !== 'name') throw prismaError(reader.place(), `expected ${what} instead of ${described(reader.peek())}`);
			return reader.next();
		},
		skipNewlines: () => {
			while (reader.peek().kind === 'newline') reader.next();
		},
		place: (token = reader.peek()) => ({file, line: token.line}),
		lastLine: () => lastLine,
	};
	return reader;
}

/** Returns a token for a message. */
export function described({kind, text}: Token): string {
	if (kind === 'newline') return 'the end of the line';
	if (kind === 'end') return 'the end of the file';
	return kind === 'string' ? JSON.stringify(text) : text;
}
