import {relative} from 'node:path';
import {type ErrorLocation, MigrError} from '../../core/errors.ts';
import {clean, cleanLines} from '../../core/text/clean.ts';

/** What an error says about the state of things, where it is known better than by its kind. */
export interface ErrorFacts {
	readonly cwd: string;
	/** `rolled back: app.db is still at 0007_add_orders`. */
	readonly state?: string;
}

/**
 * A problem as text: what happened, details behind a rule, where, the state of things, the next step.
 * What is not a MigrError is a fault of lite-migr and says how to report it.
 */
export function errorText(error: unknown, facts: ErrorFacts): string {
	if (!(error instanceof MigrError)) return faultText(error);
	const place = locationText(error.location, facts.cwd);
	const behindRule = [...error.details.flatMap((detail) => cleanLines(detail).split('\n')), ...(place === '' ? [] : [place])];
	return [
		`✗ ${cleanLines(error.message)}`,
		...behindRule.map((line) => `  │ ${line}`),
		...(facts.state === undefined ? [] : [`  ${cleanLines(facts.state)}`]),
		...(error.hint === undefined
			? []
			: cleanLines(error.hint)
					.split('\n')
					.map((line) => `  ${line}`)),
	].join('\n');
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
