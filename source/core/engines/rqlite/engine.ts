import {MigrError} from '../../errors.ts';
import type {SqlValue} from '../../operations/operation.ts';
import {clean} from '../../text/clean.ts';
import {type ApplyOutcome, defaultTimeout, type Engine, type EngineOptions, type Result} from '../engine.ts';
import {queryExactly, runToTheEnd} from '../exact.ts';
import {type Answer, type Exchange, httpClient} from '../http.ts';
import {resetLegacyAlter} from '../legacy-alter.ts';
import {batchProblem, malformedAnswer, queryProblem, statementFailure, unknownOutcome} from '../outcome.ts';
import {type RemoteTarget, targetName} from '../parse-target.ts';
import {probedFeatures} from '../probe.ts';
import {redacted} from '../redacted.ts';

const credentials = 'the environment variables RQLITE_USER and RQLITE_PASSWORD';
const redirectsToFollow = 3;

/**
 * Makes the connection of the server notice a changed schema. It names the columns of a query before it runs it, so after another connection has changed a
 * table, the first `SELECT *` would have the old columns.
 */
const refresh = 'SELECT 1 FROM sqlite_schema LIMIT 1';

/** Opens an rqlite cluster at one of its nodes (https://rqlite.io/docs/api/api/). The node passes requests on to the leader. */
export function rqliteEngine(target: Extract<RemoteTarget, {kind: 'rqlite'}>, {environment, timeout = defaultTimeout}: EngineOptions): Engine {
	const name = targetName(target);
	const client = httpClient();
	const {RQLITE_USER: user, RQLITE_PASSWORD: password} = environment;
	const headers: Readonly<Record<string, string>> =
		user === undefined ? {} : {authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`};

	async function send(path: string, body: readonly string[], repeatable: boolean): Promise<Exchange> {
		let url = new URL(path, target.url);
		for (let followed = 0; ; followed += 1) {
			const exchange = await client.send({method: 'POST', url, headers, body, timeout, repeatable, isBusy: isWithoutLeader});
			const leader = exchange.kind === 'answer' ? redirect(exchange, url) : undefined;
			if (leader === undefined || followed === redirectsToFollow) return exchange;
			url = leader;
		}
	}

	async function run(statements: readonly string[]): Promise<readonly Result[]> {
		const exchange = await send(`/db/query?level=strong&transaction&timeout=${timeout}s`, [refresh, ...statements], true);
		const answer = answerOf(exchange);
		if (answer?.results === undefined) throw queryProblem({name, exchange, credentials, text: answer?.error});
		const failed = answer.results.find(({error}) => error !== undefined);
		if (failed?.error !== undefined) throw new MigrError('database', `${name}: ${clean(failed.error)}`);
		if (answer.results.length !== statements.length + 1) throw malformedAnswer(name);
		return answer.results.slice(1).map(({columns = [], values = []}) => ({columns, rows: values}));
	}

	async function applyOnce(statements: readonly string[]): Promise<ApplyOutcome> {
		// Not /db/request: a statement that cannot be prepared does not roll its transaction back.
		const exchange = await send(`/db/execute?transaction&timeout=${timeout}s`, statements.map(runToTheEnd), false);
		const answer = answerOf(exchange);
		if (answer?.error !== undefined) return forwardProblem(name, exchange, answer.error);
		if (answer?.results === undefined) {
			return batchProblem({name, exchange, credentials, hasNotStarted: exchange.kind === 'answer' && isWithoutLeader(exchange)});
		}
		const index = answer.results.findIndex(({error}) => error !== undefined);
		const text = answer.results[index]?.error;
		if (text === undefined && answer.results.length !== statements.length) return unknownOutcome(name, 'it has another number of results');
		if (text === undefined) return {kind: 'committed'};
		return statementFailure(name, text, {index, sql: statements[index] ?? ''});
	}

	const engine: Engine = {
		kind: 'rqlite',
		name,
		query: (queries) => queryExactly(run, queries),
		apply: async (statements) =>
			await resetLegacyAlter(await applyOnce(statements), statements, async (sql) => (await applyOnce([sql])).kind === 'committed'),
		features: () => probedFeatures(engine),
		close: () => client.close(),
	};
	return redacted(engine, [password, headers.authorization?.split(' ')[1]]);
}

interface RqliteAnswer {
	readonly results?: readonly {readonly columns?: readonly string[]; readonly values?: readonly (readonly SqlValue[])[]; readonly error?: string}[];
	readonly error?: string;
}

/** Returns the body of a complete answer. Undefined if the server answered with something else, or not at all. */
function answerOf(exchange: Exchange): RqliteAnswer | undefined {
	if (exchange.kind !== 'answer' || exchange.status !== 200) return undefined;
	try {
		const {results, error} = JSON.parse(exchange.body) as RqliteAnswer;
		const isList = Array.isArray(results) && results.every((result) => result !== null && ['string', 'undefined'].includes(typeof result.error));
		return {...(isList ? {results} : {}), ...(typeof error === 'string' ? {error} : {})};
	} catch {
		return undefined;
	}
}

/** The answer of a node if the request has not reached a leader. */
const withoutLeader = /leader not found|not leader|: pool get: /;

/** True if the cluster has no leader now. Nothing has been written then. */
function isWithoutLeader(answer: Answer): boolean {
	return withoutLeader.test(answer.status === 503 ? answer.body : (answerOf(answer)?.error ?? ''));
}

/** A node that forwarded the request does not know whether the leader ran it, unless it could not reach the leader. */
function forwardProblem(name: string, exchange: Exchange, text: string): ApplyOutcome {
	if (withoutLeader.test(text)) return batchProblem({name, exchange, credentials, text});
	return unknownOutcome(name, text);
}

/** Returns the address of the leader, as an old node reports it. A node never sends credentials from TLS to plain HTTP. */
function redirect({status, headers}: Answer, from: URL): URL | undefined {
	const {location} = headers;
	if (![301, 302, 307, 308].includes(status) || typeof location !== 'string' || !URL.canParse(location, from.href)) return undefined;
	const to = new URL(location, from);
	return to.protocol === from.protocol || to.protocol === 'https:' ? to : undefined;
}
