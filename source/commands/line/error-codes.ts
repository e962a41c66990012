import type {ErrorCodeJson} from '../help-json.ts';
import {wrapped} from '../text/wrapped.ts';
import codes from './error-codes.json' with {type: 'json'};

/** All error codes, from the documentation of `ErrorCode`: `npm run docs:generate` writes them. */
export const errorCodes = codes as readonly ErrorCodeJson[];

/** Explains an error code: what it means, the state of the database, and what to do next. */
export function errorHelp({code, exitCode, meaning, database, next}: ErrorCodeJson): string {
	const rows = [
		[code, meaning],
		['database', database],
		['next', next],
		['exit code', String(exitCode)],
	] as const;
	const width = Math.max(...rows.map(([label]) => label.length)) + 3;
	return rows.map(([label, text]) => `${label.padEnd(width)}${wrapped(plain(text), 78 - width).join(`\n${' '.repeat(width)}`)}`).join('\n');
}

/** Removes the marks of code. */
function plain(text: string): string {
	return text.replaceAll('`', '');
}
