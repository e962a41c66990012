import {MigrError} from '../../errors.ts';
import type {SqlValue} from '../../operations/operation.ts';
import {clean} from '../../text/clean.ts';
import {type ApplyOutcome, defaultTimeout, type Engine, type EngineOptions, type Result} from '../engine.ts';
import {integer, queryExactly} from '../exact.ts';
import {type Exchange, httpClient} from '../http.ts';
import {batchProblem, malformedAnswer, queryProblem, statementFailure, unknownOutcome, withoutPrefix} from '../outcome.ts';
import {type RemoteTarget, targetName} from '../parse-target.ts';
import {probedFeatures} from '../probe.ts';
import {redacted} from '../redacted.ts';

const credentials = 'the environment variable LIBSQL_AUTH_TOKEN (or TURSO_AUTH_TOKEN)';

/** The server reads the whole batch before it runs it, so nothing has happened. */
const unreadable = ['SQL_PARSE_ERROR', 'SQL_NO_STATEMENT', 'SQL_MANY_STATEMENTS'];

/**
 * Opens a libSQL server with Hrana over HTTP (https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_2_SPEC.md). Version 2 is sufficient, and
 * every server supports it.
 */
export function libsqlEngine(target: Extract<RemoteTarget, {kind: 'libsql'}>, {environment, timeout = defaultTimeout}: EngineOptions): Engine {
	const name = targetName(target);
	const client = httpClient();
	const token = environment.LIBSQL_AUTH_TOKEN ?? environment.TURSO_AUTH_TOKEN;
	const headers: Readonly<Record<string, string>> = token === undefined ? {} : {authorization: `Bearer ${token}`};
	const url = new URL('v2/pipeline', target.url.replace(/\/?$/, '/'));

	async function send(batch: Batch, repeatable: boolean): Promise<{readonly exchange: Exchange; readonly reply?: Reply}> {
		const body = {requests: [{type: 'batch', batch}, {type: 'close'}]};
		const exchange = await client.send({method: 'POST', url, headers, body, timeout, repeatable});
		const reply = replyOf(exchange);
		return {exchange, ...(reply === undefined ? {} : {reply})};
	}

	async function run(statements: readonly string[], before: readonly string[] = []): Promise<readonly Result[]> {
		const {exchange, reply} = await send(transaction(statements, 'BEGIN', before), true);
		if (reply?.type !== 'ok') throw queryProblem({name, exchange, credentials, text: reply?.error.message ?? messageOf(exchange)});
		const failed = reply.response.result.step_errors.find((error) => error != null);
		if (failed != null) throw new MigrError('database', `${name}: ${clean(withoutPrefix(failed.message))}`);
		const from = before.length + 1;
		if (reply.response.result.step_results.length < from + statements.length) throw malformedAnswer(name);
		return reply.response.result.step_results.slice(from, from + statements.length).map((result) => {
			if (result == null) throw malformedAnswer(name);
			return {columns: result.cols.map((column) => column.name ?? ''), rows: result.rows.map((row) => row.map(sqlValue))};
		});
	}

	const engine: Engine = {
		kind: 'libsql',
		name,
		query: (queries) => queryExactly(run, queries),
		apply: async (statements) => {
			const before = [foreignKeysOff];
			const {exchange, reply} = await send(transaction(statements, 'BEGIN IMMEDIATE', before), false);
			if (reply === undefined) return batchProblem({name, exchange, credentials, text: messageOf(exchange)});
			if (reply.type === 'error') {
				const {message, code = ''} = reply.error;
				return unreadable.includes(code) ? statementFailure(name, message) : unknownOutcome(name, message);
			}
			return outcomeOf(reply.response.result, name, statements, before.length + 1);
		},
		features: () => probedFeatures(engine, (statements) => run(statements, [foreignKeysOff])),
		close: () => client.close(),
	};
	return redacted(engine, [token]);
}

/** Each request has its own connection, which has foreign keys on. */
const foreignKeysOff = 'PRAGMA foreign_keys=OFF';

interface Batch {
	readonly steps: readonly {readonly condition?: unknown; readonly stmt: {readonly sql: string; readonly want_rows: boolean}}[];
}

/** Returns a batch that commits if all statements work, and rolls back otherwise. The statements in `before` run outside the transaction. */
function transaction(statements: readonly string[], begin: string, before: readonly string[]): Batch {
	const first = before.length;
	const commit = first + statements.length + 1;
	const ok = (step: number) => ({type: 'ok', step});
	const step = (sql: string, condition?: unknown) => ({stmt: {sql, want_rows: true}, ...(condition === undefined ? {} : {condition})});
	return {
		steps: [
			...before.map((sql) => step(sql)),
			step(begin),
			...statements.map((sql, index) => step(sql, ok(first + index))),
			step('COMMIT', ok(commit - 1)),
			step('ROLLBACK', {type: 'and', conds: [ok(first), {type: 'not', cond: ok(commit)}]}),
		],
	};
}

/** `first` is the position of the first statement in the batch. */
function outcomeOf(
	{step_results: results, step_errors: errors}: BatchResult,
	name: string,
	statements: readonly string[],
	first: number,
): ApplyOutcome {
	const commit = first + statements.length;
	if (results[commit] != null) return {kind: 'committed'};
	const at = errors.findIndex((error, index) => error != null && index >= first - 1 && index <= commit);
	const text = errors[at]?.message;
	if (text === undefined) return unknownOutcome(name, 'the batch stopped without an error');
	// A replica passes the batch on, and may lose the connection during COMMIT. If the ROLLBACK after it works, nothing was committed.
	if (at === commit && results[commit + 1] == null) return unknownOutcome(name, text);
	const sql = statements[at - first];
	return sql === undefined ? statementFailure(name, text) : statementFailure(name, text, {index: at - first, sql});
}

type HranaValue =
	| {readonly type: 'null'}
	| {readonly type: 'integer'; readonly value: string}
	| {readonly type: 'float'; readonly value: number | null}
	| {readonly type: 'text'; readonly value: string}
	| {readonly type: 'blob'; readonly base64: string};

interface HranaError {
	readonly message: string;
	readonly code?: string | null;
}

interface BatchResult {
	readonly step_results: readonly ({
		readonly cols: readonly {readonly name?: string | null}[];
		readonly rows: readonly (readonly HranaValue[])[];
	} | null)[];
	readonly step_errors: readonly (HranaError | null)[];
}

type Reply =
	| {readonly type: 'ok'; readonly response: {readonly result: BatchResult}}
	| {readonly type: 'error'; readonly error: {readonly message: string; readonly code?: string}};

/** Returns the reply to the batch. Undefined if the server answered with something else, or not at all. */
function replyOf(exchange: Exchange): Reply | undefined {
	if (exchange.kind !== 'answer' || exchange.status !== 200) return undefined;
	try {
		const reply = (JSON.parse(exchange.body) as {readonly results?: readonly Reply[]}).results?.[0];
		const {step_results: results, step_errors: errors} = reply?.type === 'ok' ? reply.response.result : {step_results: [], step_errors: []};
		const isError = reply?.type === 'error' && typeof reply.error.message === 'string';
		return isError || (reply?.type === 'ok' && Array.isArray(results) && Array.isArray(errors)) ? reply : undefined;
	} catch {
		return undefined;
	}
}

/** Returns the text of an error that is about the request as a whole. */
function messageOf(exchange: Exchange): string | undefined {
	if (exchange.kind !== 'answer' || exchange.status === 200) return undefined;
	try {
		const {error, message} = JSON.parse(exchange.body) as {readonly error?: unknown; readonly message?: unknown};
		return [message, error].find((text) => typeof text === 'string');
	} catch {
		return undefined;
	}
}

function sqlValue(value: HranaValue): SqlValue {
	switch (value.type) {
		case 'null':
			return null;
		case 'integer':
			return integer(value.value);
		case 'blob':
			return new Uint8Array(Buffer.from(value.base64, 'base64'));
		case 'float':
		case 'text':
			return value.value;
	}
}
