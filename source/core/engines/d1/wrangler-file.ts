import {isInsignificant, tokenize} from '../../ddl/lexer.ts';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {sendable} from './sendable.ts';

/**
 * Returns statements in a form that `wrangler d1 migrations apply` reads as the same statements, each without its semicolon. wrangler splits a file by
 * its text: a CASE or BEGIN between spaces opens a block, and only an END in upper case after a space closes it.
 *
 * @throws MigrError `plan` if wrangler would cut a statement, or join it with the next one
 */
export function wranglerStatements(statements: readonly string[]): readonly string[] {
	return statements.map((statement) => {
		const sql = spaced(sendable(statement));
		// Line comments end at the end of a line, and wrangler removes them.
		const read = splitLikeWrangler(`${sql}\n;\nSELECT 1;`);
		// wrangler removes BEGIN TRANSACTION and COMMIT from a file, even in a text.
		if (read.length === 2 && read[1] === 'SELECT 1' && !sql.includes('BEGIN TRANSACTION')) return sql;
		throw new MigrError('plan', 'wrangler would not read this statement as one statement', {
			details: [clean(sql.slice(0, 200))],
			hint: 'put names like begin, case and end in double quotes, and names with a semicolon, too; write a text with $ as char(36)',
		});
	});
}

/** Returns the statement with its CASE and END in upper case, between spaces. */
function spaced(sql: string): string {
	const tokens = tokenize(sql);
	return tokens
		.map((token, index) => {
			const upper = token.text.toUpperCase();
			if (token.kind !== 'word' || (upper !== 'CASE' && upper !== 'END')) return token.text;
			const [before, after] = [tokens[index - 1], tokens[index + 1]];
			const space = (other: typeof before) => (other === undefined || isInsignificant(other) || other.text === ';' ? '' : ' ');
			return `${before === undefined ? '' : space(before)}${upper}${space(after)}`;
		})
		.join('');
}

/** Splits a file like wrangler 4 (`packages/wrangler/src/d1/splitter.ts`), which does not know the grammar of SQL. */
function splitLikeWrangler(sql: string): readonly string[] {
	const statements: string[] = [];
	let text = '';
	let blocks = 0;
	const skip = (from: number, marker: string): number => {
		const end = sql.indexOf(marker, from);
		return end === -1 ? sql.length : end + marker.length;
	};
	for (let at = 0; at < sql.length; ) {
		const char = sql.charAt(at);
		if (blocks > 0 && /\sEND[;\s]$/.test(text.slice(-4) + char)) blocks--;
		let next = at + 1;
		if (char === "'" || char === '"' || char === '`') {
			next = skip(at + 1, char);
			text += sql.slice(at, next);
		} else if (char === '$') {
			const tag = /^\$[\p{L}\p{M}0-9_]*\$?/u.exec(sql.slice(at))?.[0] ?? char;
			next = tag.length > 1 && tag.endsWith('$') ? skip(at + tag.length, tag) : at + tag.length;
			text += sql.slice(at, next);
		} else if (sql.startsWith('--', at)) {
			next = skip(at, '\n');
			text += '\n';
		} else if (sql.startsWith('/*', at)) {
			next = skip(at + 2, '*/');
		} else if (char === ';' && blocks === 0) {
			statements.push(text);
			text = '';
		} else text += char;
		if (/\s(?:BEGIN|CASE)\s$/i.test(text.slice(-7))) blocks++;
		at = next;
	}
	return [...statements, text].map((statement) => statement.trim()).filter((statement) => statement !== '');
}
