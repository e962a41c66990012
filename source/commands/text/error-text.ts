import {relative} from 'node:path';
import {type ErrorLocation, MigrError} from '../../core/errors.ts';
import {clean, cleanLines} from '../../core/text/clean.ts';
import {nearPlaces} from '../../core/text/near-places.ts';
import type {ErrorJson} from '../json.ts';

/** Context for printing an error. */
export interface ErrorFacts {
	readonly cwd: string;
	/** The state of the database, if known: `rolled back: app.db is still at 0007_add_orders`. */
	readonly state?: string;
}

/** A problem, from an error or an event. */
export interface Problem {
	readonly message: string;
	readonly details: readonly string[];
	readonly location?: ErrorLocation | null | undefined;
	readonly hint?: string | null | undefined;
	/** The state of the database, if the error says it. */
	readonly state?: string | undefined;
}

/** Formats an error. Anything but a MigrError is a bug in lite-migr, and the text says how to report it. */
export function errorText(error: unknown, facts: ErrorFacts): string {
	return error instanceof MigrError ? problemText(error, facts) : faultText(error);
}

/** Formats a problem: what happened, the location and details after a rule, the state of the database, and the next step. */
export function problemText({message, details, location, hint, state: own}: Problem, {cwd, state = own}: ErrorFacts): string {
	const place = locationText(location ?? undefined, cwd);
	const ruled = [...(place === '' ? [] : [place]), ...details.flatMap((detail) => cleanLines(nearPlaces(detail, cwd)).split('\n'))];
	return [
		`✗ ${cleanLines(nearPlaces(message, cwd))}`,
		...ruled.map((line) => `  │ ${line}`),
		...indented(state && nearPlaces(state, cwd)),
		...indented(hint && nearPlaces(hint, cwd)),
	].join('\n');
}

function indented(text: string | null | undefined): string[] {
	if (text === undefined || text === null || text === '') return [];
	return cleanLines(text)
		.split('\n')
		.map((line) => `  ${line}`);
}

/** Formats a location: `models/user.ts:14:3, table user, id 17`. Empty if nothing is known. */
export function locationText(location: ErrorLocation | undefined, cwd: string): string {
	if (location === undefined) return '';
	const {file, line, column, table, row} = location;
	const position = [line, column].filter((part) => part !== undefined).join(':');
	const inFile =
		file === undefined
			? position === ''
				? undefined
				: `line ${position}`
			: [shownPath(file, cwd), ...(position === '' ? [] : [position])].join(':');
	return [inFile, table === undefined ? undefined : `table ${table}`, row]
		.filter((part) => part !== undefined)
		.map(clean)
		.join(', ');
}

/** Returns a path relative to the working folder, or unchanged if it is outside it. */
export function shownPath(file: string, cwd: string): string {
	const near = relative(cwd, file);
	return clean(near === '' ? '.' : near.startsWith('..') ? file : near);
}

/** Returns the command that explains an error code. */
export function helpFor(code: ErrorJson['error']['code']): string {
	return `lite-migr help --error ${code}`;
}

/** Returns a problem as part of the JSON of a command. */
export function problemJson({code, message, hint, location, details, state}: MigrError): Omit<ErrorJson['error'], 'exitCode'> {
	return {code, message, hint: hint ?? null, location: location ?? null, details, ...(state === undefined ? {} : {state}), help: helpFor(code)};
}

function faultText(error: unknown): string {
	const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return [
		'✗ internal error: this is a bug in lite-migr',
		...cleanLines(shown)
			.split('\n')
			.map((line) => `  │ ${line}`),
		'  any open transaction was rolled back',
		'  please report it with the lines above and the command you ran',
	].join('\n');
}
