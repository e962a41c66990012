import {relative} from 'node:path';
import {type ErrorLocation, MigrError} from '../../core/errors.ts';
import {clean, cleanLines} from '../../core/text/clean.ts';
import {nearPlaces} from '../../core/text/near-places.ts';
import type {ErrorJson} from '../json.ts';

/** What an error says about the state of things, where it is known better than by its kind. */
export interface ErrorFacts {
	readonly cwd: string;
	/** `rolled back: app.db is still at 0007_add_orders`. */
	readonly state?: string;
}

/** What is known of a problem, as an error or as an event. */
export interface Problem {
	readonly message: string;
	readonly details: readonly string[];
	readonly location?: ErrorLocation | null | undefined;
	readonly hint?: string | null | undefined;
}

/** What is not a MigrError is a fault of lite-migr and says how to report it. */
export function errorText(error: unknown, facts: ErrorFacts): string {
	return error instanceof MigrError ? problemText(error, facts) : faultText(error);
}

/** A problem as text: what happened, behind a rule where and the details, the state of things, the next step. */
export function problemText({message, details, location, hint}: Problem, {cwd, state}: ErrorFacts): string {
	const place = locationText(location ?? undefined, cwd);
	const behindRule = [...(place === '' ? [] : [place]), ...details.flatMap((detail) => cleanLines(nearPlaces(detail, cwd)).split('\n'))];
	return [
		`✗ ${cleanLines(nearPlaces(message, cwd))}`,
		...behindRule.map((line) => `  │ ${line}`),
		...indented(state),
		...indented(hint && nearPlaces(hint, cwd)),
	].join('\n');
}

function indented(text: string | null | undefined): string[] {
	if (text === undefined || text === null || text === '') return [];
	return cleanLines(text)
		.split('\n')
		.map((line) => `  ${line}`);
}

/** `models/user.ts:14:3, table user, id 17`; empty where nothing is known. */
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

/** A path as a person in the working folder would write it. */
export function shownPath(file: string, cwd: string): string {
	const near = relative(cwd, file);
	return clean(near === '' ? '.' : near.startsWith('..') ? file : near);
}

/** A problem as part of a command's JSON. */
export function problemJson({code, message, hint, location, details}: MigrError): Omit<ErrorJson['error'], 'exitCode'> {
	return {code, message, hint: hint ?? null, location: location ?? null, details};
}

function faultText(error: unknown): string {
	const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return [
		'✗ lite-migr itself failed; this is a fault of the program, not of yours',
		...cleanLines(shown)
			.split('\n')
			.map((line) => `  │ ${line}`),
		'  it stopped there; a transaction that was open is rolled back',
		'  please report it to the maintainers, with these lines and the command that you ran',
	].join('\n');
}
