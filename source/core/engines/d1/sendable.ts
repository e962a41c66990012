import {cursorOver, isWord} from '../../ddl/cursor.ts';
import {isInsignificant, tokenize} from '../../ddl/lexer.ts';
import {MigrError} from '../../errors.ts';
import {engineFeatures} from '../../script/engine-features.ts';
import {clean} from '../../text/clean.ts';

const {maxStatementBytes} = engineFeatures.d1;

/**
 * Returns the statement in a form that D1 does not cut into pieces. D1 splits what it receives at semicolons, and recognizes a trigger only if its
 * keywords are in upper case and on one line (https://github.com/cloudflare/workers-sdk/issues/10998). Other statements are unchanged.
 *
 * @throws MigrError `plan` if D1 would not accept the statement or cut it
 */
export function sendable(sql: string): string {
	const text = isTrigger(sql) ? onOneLine(sql) : sql;
	const bytes = Buffer.byteLength(text);
	if (bytes > maxStatementBytes) {
		throw refused(text, `it has ${bytes} bytes, and D1 accepts at most ${maxStatementBytes}`, 'change fewer rows in one statement');
	}
	return text;
}

function isTrigger(sql: string): boolean {
	const {tokens} = cursorOver(sql);
	return isWord(tokens[0], 'CREATE') && tokens.slice(1, 3).some((token) => isWord(token, 'TRIGGER'));
}

const keywords = ['CREATE', 'TRIGGER', 'BEGIN', 'CASE', 'END'];

function onOneLine(sql: string): string {
	const tokens = tokenize(sql).filter((token, index, all) => !isInsignificant(token) || !isInsignificant(all[index - 1] ?? token));
	let cases = 0;
	const pieces = tokens.map((token, index) => {
		if (isInsignificant(token)) return ' ';
		const {kind, text} = token;
		const upper = text.toUpperCase();
		if (kind === 'word' && keywords.includes(upper)) {
			if (upper === 'CASE') cases += 1;
			else if (upper === 'END' && cases > 0) {
				cases -= 1;
				const next = tokens.slice(index + 1).find((other) => !isInsignificant(other));
				if (next?.text === ';') throw refused(sql, 'D1 mistakes the END of its CASE for the end of the trigger', 'write the CASE in parentheses');
			}
			return upper;
		}
		if (/[\r\n]/.test(text)) throw refused(sql, 'D1 cuts a trigger that contains a text of several lines', 'write the line break as char(10)');
		return text;
	});
	return pieces.join('').trim();
}

function refused(sql: string, why: string, hint: string): MigrError {
	return new MigrError('plan', `D1 cannot run this statement: ${why}`, {hint, details: [clean(sql.slice(0, 200)), 'nothing was sent']});
}
