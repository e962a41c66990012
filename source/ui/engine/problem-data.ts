import {readFileSync} from 'node:fs';
import {type ErrorLocation, MigrError} from '../../core/errors.ts';
import {knownFailure} from '../../core/sqlite/failure.ts';
import {nearPlaces} from '../../core/text/near-places.ts';
import type {ProblemData} from '../services.ts';
import {nearPath} from './near-path.ts';

/** Converts an error to data that can be sent between threads. Paths are relative to the working folder. */
export function problemData(thrown: unknown, cwd: string): ProblemData {
	const error = knownFailure(thrown) ?? thrown;
	if (error instanceof MigrError) {
		const {code, message, location, details, hint, state} = error;
		const near = location === undefined ? null : nearLocation(location, cwd);
		const facts = [...excerptOf(location), ...details.map((detail) => nearPlaces(detail, cwd))];
		return {code, message: nearPlaces(message, cwd), location: near, details: facts, hint: hint ?? null, state: state && nearPlaces(state, cwd)};
	}
	const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return {code: 'internal', message, location: null, details: [], hint: null};
}

/** Returns the line of the location with its neighbors, as in the file. Empty if there is no line, or the file cannot be read. */
function excerptOf({file, line}: ErrorLocation = {}): readonly string[] {
	if (file === undefined || line === undefined) return [];
	const text = tryRead(file);
	if (text === undefined) return [];
	const lines = text.split(/\r?\n/);
	const last = Math.min(line + 1, lines.length);
	const first = Math.max(1, line - 1);
	const shown = lines.slice(first - 1, last).map((source, index) => ({number: first + index, source: source.replaceAll('\t', '    ')}));
	return shown.map(({number, source}) => `${number === line ? '>' : ' '} ${String(number).padStart(String(last).length)}  ${source.trimEnd()}`);
}

function tryRead(file: string): string | undefined {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		// The error itself reports the problem with the file.
		return undefined;
	}
}

function nearLocation(location: ErrorLocation, cwd: string): ErrorLocation {
	return location.file === undefined ? location : {...location, file: nearPath(location.file, cwd)};
}

/** Recreates the error from its data. */
export function problemError({code, message, location, details, hint, state}: ProblemData): Error {
	if (code === 'internal') return new Error(message);
	return new MigrError(code, message, {details, state, ...(location === null ? {} : {location}), ...(hint === null ? {} : {hint})});
}
