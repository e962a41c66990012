import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import type {ApplyOutcome} from './engine.ts';
import type {Answer, Exchange} from './http.ts';

/** Explains why a request was not answered, or not as expected. `name` is the name of the engine. */
export interface RequestProblem {
	readonly name: string;
	readonly exchange: Exchange;
	/** What to check if the server refuses access: the variables with the credentials. */
	readonly credentials: string;
	/** True if the server says that it has not started the batch. */
	readonly hasNotStarted?: boolean;
	/** The text of an error in the body, if the engine found one. */
	readonly text?: string | undefined;
}

/** Returns the error of a request that only read. */
export function queryProblem(problem: RequestProblem): MigrError {
	const {name, exchange} = problem;
	if (exchange.kind === 'notSent') return unreachable(name, exchange.problem);
	if (exchange.kind === 'lost') return new MigrError('database', `${name} did not answer: ${clean(exchange.problem)}`, {hint: 'try again'});
	return accessProblem(problem, exchange) ?? new MigrError('database', `${name} could not answer: ${answerText(problem, exchange)}`);
}

/** Returns the error of a query whose answer does not have one result per statement. Something between lite-migr and the server may have answered. */
export function malformedAnswer(name: string): MigrError {
	return new MigrError('database', `${name} answered with something else than the results`, {
		hint: 'check the address in db_path (or --db), and proxies in between',
	});
}

/** Returns what happened to a batch whose request failed as a whole, without a statement that failed. */
export function batchProblem(problem: RequestProblem): ApplyOutcome {
	const {name, exchange} = problem;
	if (exchange.kind === 'notSent') return {kind: 'failed', error: unchanged(unreachable(name, exchange.problem), name)};
	if (exchange.kind === 'lost') return unknownOutcome(name, exchange.problem);
	const refusal = accessProblem(problem, exchange);
	if (refusal !== undefined) return {kind: 'failed', error: unchanged(refusal, name)};
	const text = answerText(problem, exchange);
	if ((exchange.status >= 500 || exchange.status === 408) && !problem.hasNotStarted) return unknownOutcome(name, text);
	// A gateway can replace an answer by its own page.
	if (exchange.status < 300 && problem.text === undefined) return unknownOutcome(name, `it answered with something else: ${text}`);
	return {kind: 'failed', error: unchanged(new MigrError('database', `${name} refused the migration: ${text}`), name)};
}

/** Returns the outcome if it is unknown whether the batch was committed. */
export function unknownOutcome(name: string, problem: string): ApplyOutcome {
	return {
		kind: 'unknown',
		error: new MigrError('outcomeUnknown', `the answer of ${name} was lost: ${clean(problem)}`, {
			hint: 'run lite-migr status to see whether the migration was applied',
			details: ['the migration was sent, but its outcome is unknown'],
		}),
	};
}

/** Returns the outcome if the engine ran the batch, a statement failed, and everything was rolled back. */
export function statementFailure(name: string, text: string, statement?: {readonly index: number; readonly sql: string}): ApplyOutcome {
	const guard = guardText(text);
	const message = guard === undefined ? clean(withoutPrefix(text)) : clean(guard);
	const code = guard !== undefined ? 'guard' : /\b(?:database|table)\b.* is locked|SQLITE_BUSY/.test(text) ? 'locked' : 'database';
	const details = statement === undefined || guard !== undefined ? [] : [`statement ${statement.index + 1}: ${clean(statement.sql.slice(0, 300))}`];
	return {
		kind: 'failed',
		error: unchanged(new MigrError(code, message, {details}), name),
		...(statement === undefined ? {} : {statement: statement.index}),
	};
}

/** Returns the message of a guard in a script, without `lite-migr: `. Undefined if another statement failed. */
export function guardText(text: string): string | undefined {
	return /bad JSON path: '\s*lite-migr: ([\s\S]*)'/.exec(text)?.[1]?.replaceAll("''", "'");
}

/** Returns the text of SQLite's error, without the text that the engines add. */
export function withoutPrefix(text: string): string {
	return text
		.replace(/^(?:D1_ERROR|SQLite error|SQL input error|SQL string could not be parsed): /, '')
		.replace(/ \(at offset \d+\)$/, '')
		.replace(/: SQLITE_[A-Z_]+(?: \(extended: SQLITE_[A-Z_]+\))?$/, '');
}

function unchanged(error: MigrError, name: string): MigrError {
	const {code, message, hint, details} = error;
	return new MigrError(code, message, {...(hint === undefined ? {} : {hint}), details: [...details, `${name} is unchanged`]});
}

function unreachable(name: string, problem: string): MigrError {
	return new MigrError('database', `cannot reach ${name}: ${clean(problem)}`, {
		hint: 'check the address in db_path (or --db), and that the server is running',
	});
}

function accessProblem({name, credentials, text}: RequestProblem, {status}: Answer): MigrError | undefined {
	const said = text === undefined || text === '' ? '' : `: ${clean(text.slice(0, 300))}`;
	if (status === 401 || status === 403) return new MigrError('config', `${name} refused access${said}`, {hint: `check ${credentials}`});
	if (status === 404) return new MigrError('config', `${name} does not exist${said}`, {hint: 'check db_path in migrate.toml (or --db)'});
	if (status === 413) return new MigrError('database', `${name} does not accept a request of this size${said}`);
	if (status === 429) return new MigrError('database', `${name} has received too many requests${said}`, {hint: 'wait a moment and try again'});
	if (status >= 300 && status < 400) {
		return new MigrError('config', `${name} has moved: the server answered with status ${status}`, {hint: 'check the address in db_path (or --db)'});
	}
	return undefined;
}

function answerText({text}: RequestProblem, {status, body}: Answer): string {
	const said = text ?? body.trim();
	return said === '' ? `status ${status}` : clean(said.slice(0, 500));
}
