import {prismaError} from './prisma-error.ts';
import type {Place} from './syntax.ts';

export interface Token {
	readonly kind: 'name' | 'number' | 'string' | 'symbol' | 'newline' | 'end';
	/** The text as written. For a string, its value. */
	readonly text: string;
	readonly line: number;
}

/** A `//`, `///` or block comment. */
export interface Comment {
	readonly text: string;
	/** The line it ends on. */
	readonly line: number;
	/** True if only whitespace precedes it on its line. */
	readonly isFirstOnLine: boolean;
}

export interface LexedFile {
	readonly tokens: readonly Token[];
	readonly comments: readonly Comment[];
}

const newline = /\r\n|\n|\r/y;
const space = /[^\S\r\n]+/y;
const lineComment = /\/\/[^\r\n]*/y;
const blockComment = /\/\*[\s\S]*?\*\//y;
const string = /"((?:[^"\\\u0000-\u001f]|\\[^\u0000-\u001f])*)"/y;
const patterns = {number: /-?\d+(?:\.\d+)?(?![\p{L}\p{N}_-])/uy, name: /[\p{L}\p{N}_][\p{L}\p{N}_-]*/uy, symbol: /@@|[{}()[\],:=?!@.]/y};

/**
 * Splits the text of a `.prisma` file into tokens. A line break is a token, because it ends a field.
 *
 * @throws MigrError `model`, with file and line, at a character that starts no token
 */
export function lexPrisma(path: string, text: string): LexedFile {
	const tokens: Token[] = [];
	const comments: Comment[] = [];
	let at = 0;
	let line = 1;
	const match = (pattern: RegExp): RegExpExecArray | undefined => {
		pattern.lastIndex = at;
		const found = pattern.exec(text) ?? undefined;
		if (found !== undefined) at = pattern.lastIndex;
		return found;
	};
	const isFirstOnLine = () => {
		const last = tokens.at(-1);
		return last === undefined || last.kind === 'newline' || last.line !== line;
	};
	while (at < text.length) {
		if (match(space) !== undefined) continue;
		if (match(newline) !== undefined) {
			tokens.push({kind: 'newline', text: '\n', line});
			line++;
			continue;
		}
		const isFirst = isFirstOnLine();
		const comment = match(lineComment) ?? match(blockComment);
		if (comment !== undefined) {
			line += linesIn(comment[0]);
			comments.push({text: comment[0], line, isFirstOnLine: isFirst});
			continue;
		}
		const written = match(string);
		if (written !== undefined) {
			tokens.push({kind: 'string', text: unescaped(written[1] ?? '', {file: path, line}), line});
			continue;
		}
		const kind = (['number', 'name', 'symbol'] as const).find((each) => {
			patterns[each].lastIndex = at;
			return patterns[each].test(text);
		});
		if (kind === undefined) throw unexpectedCharacter(text, at, {file: path, line});
		tokens.push({kind, text: match(patterns[kind])?.[0] ?? '', line});
	}
	tokens.push({kind: 'newline', text: '\n', line}, {kind: 'end', text: '', line});
	return {tokens, comments};
}

function linesIn(text: string): number {
	return text.split(/\r\n|\n|\r/).length - 1;
}

function unexpectedCharacter(text: string, at: number, place: Place): Error {
	const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
	if (character === '"') return prismaError(place, 'this text in double quotes does not end on its line', 'write a line break in it as \\n');
	if (text.startsWith('/*', at)) return prismaError(place, 'this comment does not end', 'end it with */');
	return prismaError(place, `${JSON.stringify(character)} is not allowed here in a Prisma schema`);
}

const escapes: Readonly<Record<string, string>> = {'"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t'};

/** Returns the value of a string, which has the escapes of JSON. */
function unescaped(written: string, place: Place): string {
	return written.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gsu, (_, hex: string | undefined, letter: string | undefined) => {
		if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
		const value = letter === undefined ? undefined : escapes[letter];
		if (value === undefined) throw prismaError(place, `\\${letter} is not an escape sequence`, 'write a backslash in double quotes as \\\\');
		return value;
	});
}
