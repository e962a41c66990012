import {once} from 'node:events';
import {mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {inspect} from 'node:util';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Engine} from '../../../source/core/engines/engine.ts';
import {openEngine} from '../../../source/core/engines/open-engine.ts';
import {parseTarget, type RemoteTarget} from '../../../source/core/engines/parse-target.ts';

// Answers that real servers gave, and connections that end in all ways. test/engines has the servers themselves.

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let port: number;
let handlers: Handler[];
let seen: string[];
let stop: () => Promise<void>;
let folder: string;
const open: Engine[] = [];

beforeEach(async () => {
	handlers = [];
	seen = [];
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-answers-')));
	writeFileSync(join(folder, 'wrangler.json'), '{"d1_databases": [{"binding": "DB", "database_name": "shop", "database_id": "id-1"}]}');
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		seen.push(request.url ?? '');
		const handler = handlers.length > 1 ? handlers.shift() : handlers[0];
		handler?.(request, response, Buffer.concat(chunks).toString('utf8'));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	port = (server.address() as AddressInfo).port;
	stop = async () => {
		const closed = once(server, 'close');
		server.close();
		server.closeAllConnections();
		await closed;
	};
});

afterEach(async () => {
	for (const engine of open.splice(0)) engine.close();
	await stop();
	rmSync(folder, {recursive: true, force: true});
});

async function engineOf(kind: Engine['kind'], timeout = 10): Promise<Engine> {
	const text = {d1: 'd1:shop', libsql: `http://127.0.0.1:${port}`, rqlite: `rqlite://127.0.0.1:${port}`}[kind];
	const environment = {
		CLOUDFLARE_API_TOKEN: 'secret-token',
		CLOUDFLARE_ACCOUNT_ID: 'acc',
		CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}/v4/`,
		TURSO_AUTH_TOKEN: 'secret-token',
		RQLITE_USER: 'ann',
		RQLITE_PASSWORD: 'secret-token',
	};
	const engine = await openEngine(parseTarget(text, 'usage') as RemoteTarget, {environment, folder, timeout});
	open.push(engine);
	return engine;
}

const answer =
	(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Handler =>
	(_, response) => {
		response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
	};

const cut: Handler = (request) => request.socket.destroy();

const d1Error = (status: number, code: number, message: string): Handler =>
	answer(status, {success: false, errors: [{code, message}], messages: [], result: []});

const kinds = ['d1', 'libsql', 'rqlite'] as const;

test.each(kinds)('%s: a connection that is cut leaves the outcome of a batch unknown, and it is sent only once', async (kind) => {
	handlers = [cut];
	const outcome = await (await engineOf(kind)).apply(['CREATE TABLE t (x)']);
	expect(outcome).toMatchObject({kind: 'unknown', error: {code: 'outcomeUnknown', message: expect.stringContaining('the connection was closed')}});
	expect(seen).toHaveLength(1);
	expect(JSON.stringify(outcome)).not.toMatch(/unchanged|secret-token/);
});

test.each(kinds)('%s: an answer that ends in the middle leaves the outcome unknown', async (kind) => {
	handlers = [
		(request, response) => {
			response.writeHead(200, {'content-length': '1000'});
			response.write('{"success": true, "results": [{}]');
			setImmediate(() => request.socket.destroy());
		},
	];
	expect(await (await engineOf(kind)).apply(['CREATE TABLE t (x)'])).toMatchObject({kind: 'unknown'});
});

test.each(kinds)('%s: a server that does not answer in time leaves the outcome unknown', async (kind) => {
	handlers = [() => {}];
	const outcome = await (await engineOf(kind, 0.2)).apply(['CREATE TABLE t (x)']);
	expect(outcome).toMatchObject({kind: 'unknown', error: {message: expect.stringContaining('no answer within 0.2 s')}});
});

test.each(kinds)('%s: an internal error of the server leaves the outcome unknown', async (kind) => {
	handlers = [answer(500, 'Internal Server Error')];
	expect(await (await engineOf(kind)).apply(['CREATE TABLE t (x)'])).toMatchObject({kind: 'unknown'});
});

test.each(kinds)('%s: a batch is sent again after too many requests', async (kind) => {
	const done = {
		d1: {success: true, errors: [], result: []},
		rqlite: {results: [{}]},
		libsql: {results: [{type: 'ok', response: {result: {step_results: [{}, {}, {}, {}, null], step_errors: []}}}]},
	};
	handlers = [answer(429, '', {'retry-after': '0'}), answer(429, '', {'retry-after': '0'}), answer(200, done[kind])];
	expect(await (await engineOf(kind)).apply(['CREATE TABLE t (x)'])).toEqual({kind: 'committed'});
	expect(seen).toHaveLength(3);
});

test.each(kinds)('%s: a gateway that has lost the server leaves the outcome unknown, and a batch is not sent again', async (kind) => {
	for (const status of [502, 503, 504]) {
		handlers = [answer(status, 'upstream connect error', {'retry-after': '0'})];
		seen = [];
		expect(await (await engineOf(kind)).apply(['CREATE TABLE t (x)'])).toMatchObject({kind: 'unknown'});
		expect(seen).toHaveLength(1);
	}
});

test.each([
	'<html><body>Sign in to the network</body></html>',
	'',
	'null',
	'{"success": true, "resul',
	'{"results": {}}',
	'{"results": []}',
	'{"results": [{"type": "ok", "response": {"result": {"step_results": [], "step_errors": []}}}]}',
	'{"results": [{"type": "ok", "response": {"result": {}}}]}',
	'{"results": [{"type": "ok"}]}',
	'{"results": [{"type": "error", "error": {}}]}',
])('another answer than that of the engine leaves the outcome unknown, and is no result of a query: %s', async (body) => {
	for (const kind of kinds) {
		handlers = [answer(200, body)];
		const engine = await engineOf(kind);
		const outcome = await engine.apply(['CREATE TABLE t (x)', 'CREATE TABLE u (x)']);
		expect(outcome).toMatchObject({kind: 'unknown', error: {code: 'outcomeUnknown'}});
		expect(JSON.stringify(outcome)).not.toContain('unchanged');
		await expect(engine.query([{sql: 'SELECT 1 AS a'}])).rejects.toMatchObject({name: 'MigrError', code: 'database'});
	}
});

test('libsql: an error of COMMIT leaves the outcome unknown, unless the ROLLBACK after it has worked', async () => {
	const error = {message: 'the connection to the primary was lost'};
	for (const [rollback, kind] of [
		[null, 'unknown'],
		[{}, 'failed'],
	] as const) {
		const result = {step_results: [{}, {}, {}, null, rollback], step_errors: [null, null, null, error, null]};
		handlers = [answer(200, {results: [{type: 'ok', response: {result}}]})];
		expect(await (await engineOf('libsql')).apply(['CREATE TABLE t (x)'])).toMatchObject({
			kind,
			error: {message: expect.stringContaining(error.message)},
		});
	}
});

test.each(kinds)('%s: credentials that a server repeats in its answer are not shown', async (kind) => {
	handlers = [
		(request, response) => {
			const {authorization = ''} = request.headers;
			const said = `bad request with ${authorization}, secret-token`;
			response.writeHead(400).end(JSON.stringify({success: false, errors: [{message: said}], error: said}));
		},
	];
	const engine = await engineOf(kind);
	const outcome = await engine.apply(['CREATE TABLE t (x)']);
	expect(outcome).toMatchObject({kind: 'failed', error: {message: expect.stringContaining('***')}});
	const errors = [
		outcome,
		await engine.query([{sql: 'SELECT 1 AS a'}]).catch((error: unknown) => error),
		await engine.features().catch((error: unknown) => error),
	];
	for (const error of errors) {
		expect(String((error as {error?: unknown}).error ?? error)).toContain('***');
		expect(inspect(error, {depth: 9})).not.toMatch(/secret-token|YW5uOnNlY3JldC10b2tlbg==/);
	}
});

test.each(kinds)('%s: a connection that ends while the features are probed does not leave a migration in doubt', async (kind) => {
	let queries = 0;
	const results: Record<string, (count: number) => unknown> = {
		d1: (count) => ({success: true, errors: [], result: Array.from({length: count}, () => ({results: {columns: ['a'], rows: [['i0']]}}))}),
		rqlite: (count) => ({results: Array.from({length: count}, () => ({columns: ['a'], values: [['i0']]}))}),
		libsql: (count) => {
			const row = {cols: [{name: 'a'}], rows: [[{type: 'text', value: 'i0'}]]};
			return {results: [{type: 'ok', response: {result: {step_results: Array.from({length: count}, () => row), step_errors: []}}}]};
		},
	};
	handlers = [
		(request, response, body) => {
			queries += 1;
			if (/legacy_alter_table=OFF/.test(body)) request.socket.destroy();
			else {
				const sent = JSON.parse(body) as {
					batch?: readonly unknown[];
					requests?: readonly {batch: {steps: readonly unknown[]}}[];
				} & readonly unknown[];
				const count = (sent.batch ?? sent.requests?.[0]?.batch.steps ?? sent).length;
				response.end(JSON.stringify(results[kind]?.(count)));
			}
		},
	];
	await expect((await engineOf(kind)).features()).rejects.toMatchObject({code: 'database', message: expect.stringContaining('was lost')});
	expect(queries).toBeGreaterThan(1);
});

test.each(kinds)('%s: nothing listens on the port, so the database is unchanged', async (kind) => {
	const engine = await engineOf(kind);
	await stop();
	stop = async () => {};
	const outcome = await engine.apply(['CREATE TABLE t (x)']);
	expect(outcome).toMatchObject({
		kind: 'failed',
		error: {code: 'database', message: `cannot reach ${engine.name}: connection refused`, details: [`${engine.name} is unchanged`]},
	});
});

test.each(kinds)('%s: a wrong token is reported with the variable to check, and never shown', async (kind) => {
	handlers = [answer(401, 'Unauthorized')];
	const engine = await engineOf(kind);
	const outcome = await engine.apply(['CREATE TABLE t (x)']);
	expect(outcome).toMatchObject({
		kind: 'failed',
		error: {code: 'config', message: expect.stringContaining('refused access'), hint: expect.stringContaining('environment variable')},
	});
	await expect(engine.query([{sql: 'SELECT 1'}])).rejects.toMatchObject({code: 'config'});
	expect(JSON.stringify(outcome)).not.toContain('secret-token');
});

test('d1: distinguishes errors of SQLite from errors of the storage', async () => {
	const engine = await engineOf('d1');
	handlers = [d1Error(400, 7500, 'no such table: timeouts: SQLITE_ERROR')];
	expect(await engine.apply(['DROP TABLE timeouts'])).toMatchObject({kind: 'failed', error: {code: 'database', message: 'no such table: timeouts'}});
	handlers = [d1Error(400, 7500, "bad JSON path: 'lite-migr: rows of a: 2 before, 0 after': SQLITE_ERROR")];
	expect(await engine.apply(['SELECT 1'])).toMatchObject({kind: 'failed', error: {code: 'guard', message: 'rows of a: 2 before, 0 after'}});
	handlers = [d1Error(400, 7500, 'D1 DB storage operation exceeded timeout which caused object to be reset.')];
	expect(await engine.apply(['SELECT 1'])).toMatchObject({kind: 'unknown'});
	handlers = [d1Error(404, 7404, 'The database id-1 could not be found')];
	expect(await engine.apply(['SELECT 1'])).toMatchObject({
		kind: 'failed',
		error: {code: 'config', message: expect.stringContaining('d1 shop does not exist')},
	});
	expect(seen.at(-1)).toBe('/v4/accounts/acc/d1/database/id-1/query');
});

test('d1: sends nothing if a statement is too large', async () => {
	const outcome = await (await engineOf('d1')).apply(['CREATE TABLE t (x)', `SELECT '${'x'.repeat(100_000)}'`]);
	expect(outcome).toMatchObject({kind: 'failed', error: {code: 'plan', message: expect.stringContaining('100009 bytes')}});
	expect(seen).toEqual([]);
});

test('rqlite: follows a redirect to the leader, and waits while there is none', async () => {
	handlers = [
		(request, response) => response.writeHead(301, {location: `http://127.0.0.1:${port}${request.url}&leader`}).end(),
		answer(503, 'leader not found\n'),
		answer(200, {results: [{}]}),
	];
	expect(await (await engineOf('rqlite')).apply(['CREATE TABLE t (x)'])).toEqual({kind: 'committed'});
	expect(seen).toHaveLength(3);
	expect(seen.at(-1)).toMatch(/&leader$/);
});

test('rqlite: a leader that was reached and then lost leaves the outcome unknown', async () => {
	handlers = [
		answer(200, {results: [], error: 'node failed to process Execute on remote node at 127.0.0.1:4002: leadership lost while committing log'}),
	];
	expect(await (await engineOf('rqlite')).apply(['CREATE TABLE t (x)'])).toMatchObject({kind: 'unknown'});
});

test('a query is repeated after its answer was lost', async () => {
	const [refreshed, names, values] = [{columns: ['1'], values: [[1]]}, {columns: ['one']}, {columns: ['c'], values: [['i1']]}];
	handlers = [cut, answer(502, 'Bad Gateway'), answer(200, {results: [refreshed, names, values]})];
	expect(await (await engineOf('rqlite')).query([{sql: 'SELECT 1 AS one'}])).toEqual([{columns: ['one'], rows: [[1]]}]);
});

test.each([
	[
		'a bookmark',
		200,
		'{"success": true, "result": {"bookmark": "00000001-0000001a"}}',
		'wrangler d1 time-travel restore shop --bookmark=00000001-0000001a',
	],
	['no bookmark', 404, '{"success": false, "errors": [{"code": 7003, "message": "no route"}], "result": null}', undefined],
	['a bookmark that is not one', 200, '{"success": true, "result": {"bookmark": "x; rm -rf ~"}}', undefined],
])('D1 shows the command that goes back in time only if the API has a bookmark: %s', async (_what, status, body, command) => {
	handlers = [(_request, response) => response.writeHead(status, {'content-type': 'application/json'}).end(body)];
	const engine = await engineOf('d1');
	expect(await engine.wayBack?.()).toBe(command);
	expect(seen).toEqual(['/v4/accounts/acc/d1/database/id-1/time_travel/bookmark']);
});
