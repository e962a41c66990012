import {MigrError} from '../../errors.ts';
import type {SqlValue} from '../../operations/operation.ts';
import {engineFeatures} from '../../script/engine-features.ts';
import {clean} from '../../text/clean.ts';
import {type ApplyOutcome, defaultTimeout, type Engine, type EngineOptions, type Result} from '../engine.ts';
import {queryExactly} from '../exact.ts';
import {type Exchange, httpClient} from '../http.ts';
import {resetLegacyAlter} from '../legacy-alter.ts';
import {batchProblem, malformedAnswer, queryProblem, statementFailure, unknownOutcome, withoutPrefix} from '../outcome.ts';
import {type RemoteTarget, targetName} from '../parse-target.ts';
import {probedFeatures} from '../probe.ts';
import {redacted} from '../redacted.ts';
import {sendable} from './sendable.ts';
import {wranglerDatabase} from './wrangler-config.ts';

const limits = engineFeatures.d1;
const credentials = 'the environment variables CLOUDFLARE_API_TOKEN (permission D1:Edit) and CLOUDFLARE_ACCOUNT_ID';

/**
 * Opens a D1 database with Cloudflare's HTTP API (https://developers.cloudflare.com/api/resources/d1/subresources/database/).
 *
 * @throws MigrError `config` if the database is not in wrangler's configuration, or the token or account is missing
 */
export function d1Engine(target: Extract<RemoteTarget, {kind: 'd1'}>, options: EngineOptions): Engine {
	const {environment, timeout = defaultTimeout} = options;
	const name = targetName(target);
	const {base, token} = d1Location(target.database, options);
	const headers = {authorization: `Bearer ${token}`};
	const client = httpClient();

	const send = async (action: 'query' | 'raw', statements: readonly string[], repeatable: boolean): Promise<Exchange> =>
		await client.send({
			method: 'POST',
			url: new URL(`${base}/${action}`),
			headers,
			body: {batch: statements.map((sql) => ({sql, params: []}))},
			timeout,
			repeatable,
		});

	async function run(statements: readonly string[]): Promise<readonly Result[]> {
		const exchange = await send('raw', statements.map(sendable), true);
		const reply = replyOf(exchange);
		if (reply?.success !== true || exchange.kind !== 'answer' || exchange.status !== 200) {
			if (isStatementError(exchange, reply)) throw new MigrError('database', `${name}: ${clean(withoutPrefix(textOf(reply) ?? ''))}`);
			throw queryProblem({name, exchange, credentials, text: textOf(reply)});
		}
		const {result} = reply;
		if (!Array.isArray(result) || result.length !== statements.length) throw malformedAnswer(name);
		return result.map(({results}: D1Result) => ({columns: results?.columns ?? [], rows: results?.rows ?? []}));
	}

	async function applyOnce(statements: readonly string[]): Promise<ApplyOutcome> {
		const exchange = await send('query', statements, false);
		const reply = replyOf(exchange);
		const text = textOf(reply);
		if (reply?.success === true && exchange.kind === 'answer' && exchange.status === 200) return {kind: 'committed'};
		if (isStatementError(exchange, reply)) return statementFailure(name, text ?? '');
		if (text !== undefined && isInternal(text)) return unknownOutcome(name, text);
		return batchProblem({name, exchange, credentials, text});
	}

	const engine: Engine = {
		kind: 'd1',
		name,
		query: (queries) => queryExactly(run, queries),
		apply: async (statements) => {
			let checked: readonly string[];
			try {
				checked = statements.map(sendable);
			} catch (error) {
				if (error instanceof MigrError) return {kind: 'failed', error};
				throw error;
			}
			return await resetLegacyAlter(await applyOnce(checked), checked, async (sql) => (await applyOnce([sql])).kind === 'committed');
		},
		// D1 does not report its limits.
		features: async () => ({...(await probedFeatures(engine)), maxStatementBytes: limits.maxStatementBytes, maxColumns: limits.maxColumns}),
		// https://developers.cloudflare.com/d1/reference/time-travel/
		async wayBack() {
			const url = new URL(`${base}/time_travel/bookmark`);
			const exchange = await client.send({method: 'GET', url, headers, timeout, repeatable: true});
			const bookmark = bookmarkOf(exchange);
			return bookmark === undefined ? undefined : `wrangler d1 time-travel restore ${target.database} --bookmark=${bookmark}`;
		},
		close: () => client.close(),
	};
	return redacted(engine, [token]);

	function d1Location(database: string, {folder}: EngineOptions): {readonly base: string; readonly token: string} {
		const {CLOUDFLARE_API_TOKEN: apiToken, CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_BASE_URL: api} = environment;
		const {file, databaseId, accountId = account} = wranglerDatabase(database, folder, environment.CLOUDFLARE_ENV);
		if (databaseId === undefined) {
			throw new MigrError('config', `${clean(database)} has no database_id`, {
				location: {file},
				hint: 'create the database with wrangler d1 create, and add its id',
			});
		}
		if (apiToken === undefined || apiToken === '') {
			throw new MigrError('config', 'the API token of Cloudflare is missing', {
				hint: 'set CLOUDFLARE_API_TOKEN to a token with the permission D1:Edit',
			});
		}
		const chosen = account ?? accountId;
		if (chosen === undefined || chosen === '') {
			throw new MigrError('config', 'the Cloudflare account is missing', {
				location: {file},
				hint: 'set CLOUDFLARE_ACCOUNT_ID, or account_id in this file',
			});
		}
		const root = (api ?? 'https://api.cloudflare.com/client/v4').replace(/\/+$/, '');
		if (!URL.canParse(root)) throw new MigrError('config', 'CLOUDFLARE_API_BASE_URL is not an address', {hint: 'unset it to use api.cloudflare.com'});
		return {base: `${root}/accounts/${encodeURIComponent(chosen)}/d1/database/${encodeURIComponent(databaseId)}`, token: apiToken};
	}
}

interface D1Reply {
	readonly success?: boolean;
	readonly errors?: readonly {readonly code?: number; readonly message?: string}[];
	readonly result?: readonly D1Result[];
}

interface D1Result {
	readonly results?: {readonly columns?: readonly string[]; readonly rows?: readonly (readonly SqlValue[])[]};
}

function replyOf(exchange: Exchange): D1Reply | undefined {
	if (exchange.kind !== 'answer') return undefined;
	try {
		return JSON.parse(exchange.body) as D1Reply;
	} catch {
		return undefined;
	}
}

/** Reads the bookmark of Time Travel. Undefined if the answer has none. */
function bookmarkOf(exchange: Exchange): string | undefined {
	if (exchange.kind !== 'answer' || exchange.status !== 200) return undefined;
	const {result} = (replyOf(exchange) ?? {}) as {readonly result?: {readonly bookmark?: unknown}};
	// It becomes part of a command.
	return typeof result?.bookmark === 'string' && /^[\w-]+$/.test(result.bookmark) ? result.bookmark : undefined;
}

function textOf(reply: D1Reply | undefined): string | undefined {
	const errors = Array.isArray(reply?.errors) ? reply.errors : [];
	const messages = errors.flatMap(({message}: {readonly message?: unknown}) => (typeof message === 'string' ? [message] : []));
	return messages.length === 0 ? undefined : messages.join(', ');
}

/** True if SQLite reported the error, so the batch was rolled back. */
function isStatementError(exchange: Exchange, reply: D1Reply | undefined): boolean {
	return exchange.kind === 'answer' && exchange.status !== 429 && /: SQLITE_(?!IOERR|NOMEM|INTERRUPT)[A-Z]+/.test(textOf(reply) ?? '');
}

/** True for errors of the storage, after which a batch may have been committed (https://developers.cloudflare.com/d1/observability/debug-d1/). */
function isInternal(text: string): boolean {
	return /internal error|object to be reset|connection lost|timed? ?out|overloaded|SQLITE_/i.test(text);
}
