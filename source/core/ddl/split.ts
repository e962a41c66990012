import type {Source} from '../schema/schema.ts';
import {isWord} from './cursor.ts';
import {endOfPlainToken, isInsignificant, type Token, tokenFrom} from './lexer.ts';

/** One statement of a text that contains several. */
export interface StatementText {
	/** The statement without its semicolon, and without whitespace and comments around it. */
	readonly text: string;
	/** Offset of `text` in the whole. */
	readonly start: number;
	/** Offset after `text`. */
	readonly end: number;
	/** The line, from 1, that it starts on. */
	readonly line: number;
	/** The comments between the previous statement and this one, as written, except comments on the line where the previous one ends. */
	readonly comments: readonly string[];
}

/**
 * Splits SQL into statements at the semicolons, by the rules of https://www.sqlite.org/c3ref/complete.html: a trigger extends to the END after a
 * semicolon. Empty statements are omitted. The last one may lack its semicolon.
 *
 * Throws MigrError('syntax') with line and column if the text cannot be tokenized. `source` is where the text begins.
 */
export function splitStatements(sql: string, source?: Source): StatementText[] {
	const statements: StatementText[] = [];
	const state: State = {words: 0, isTrigger: false, inBody: false, afterSemicolon: false, isBodyOver: false};
	let first: number | undefined;
	let last = 0;
	let comments: string[] = [];
	let line = 1;
	let startLine = 1;
	let semicolonLine = 0;

	const finish = (): void => {
		if (first !== undefined) {
			statements.push({text: sql.slice(first, last), start: first, end: last, line: startLine, comments});
			comments = [];
		}

		first = undefined;
		Object.assign(state, {words: 0, isTrigger: false, inBody: false, afterSemicolon: false, isBodyOver: false});
	};

	for (let start = 0; start < sql.length; ) {
		const code = sql.charCodeAt(start);
		if (code === 32 || code === 10) {
			if (code === 10) line += 1;
			start += 1;
			continue;
		}
		if (isPlain(state)) {
			const end = endOfPlainToken(sql, start);
			if (end > start) {
				start = end;
				last = end;
				continue;
			}
		}
		const token = tokenFrom(sql, start, source);
		start = token.end;
		if (token.kind === 'comment') {
			if (first === undefined && line !== semicolonLine) comments.push(token.text);
		} else if (token.text === ';' && (!state.inBody || state.isBodyOver)) {
			finish();
			semicolonLine = line;
		} else if (!isInsignificant(token)) {
			if (first === undefined) {
				first = token.start;
				startLine = line;
			}

			last = token.end;
			step(state, token);
		}

		line += lineBreaks(token);
	}

	finish();
	return statements;
}

interface State {
	/** Number of words so far, while the statement could still be a trigger. */
	words: number;
	isTrigger: boolean;
	/** True after the BEGIN of a trigger. */
	inBody: boolean;
	afterSemicolon: boolean;
	/** True after a semicolon and END. */
	isBodyOver: boolean;
}

/** True after the first words of a statement that is not a trigger. It ends at the next semicolon, whatever its words are. */
function isPlain({words, isTrigger}: State): boolean {
	return words === 2 && !isTrigger;
}

function step(state: State, token: Token): void {
	if (state.inBody) {
		state.isBodyOver = state.afterSemicolon && isWord(token, 'END');
		state.afterSemicolon = token.text === ';';
	} else if (state.isTrigger) state.inBody = isWord(token, 'BEGIN');
	else if (state.words === 0)
		state.words = isWord(token, 'CREATE') ? 1 : isWord(token, 'EXPLAIN') || isWord(token, 'QUERY') || isWord(token, 'PLAN') ? 0 : 2;
	else if (state.words === 1) {
		state.isTrigger = isWord(token, 'TRIGGER');
		if (!isWord(token, 'TEMP') && !isWord(token, 'TEMPORARY')) state.words = 2;
	}
}

function lineBreaks(token: Token): number {
	if (token.kind === 'word' || token.kind === 'operator' || token.kind === 'number') return 0;
	let count = 0;
	for (let at = token.text.indexOf('\n'); at >= 0; at = token.text.indexOf('\n', at + 1)) count += 1;
	return count;
}
