/**
 * A D1 database with the HTTP API of Cloudflare: `node d1-server.ts PORT FOLDER`. The engine is workerd, the same that runs in production. Only the route
 * in front of it is written here, with the envelope and the errors of the API.
 */
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {account, databaseId, spareIds, token} from './d1-account.ts';

interface Miniflare {
	readonly ready: Promise<URL>;
}

// Not an import, because the type check must also work if the servers are not installed.
const {Miniflare} = createRequire(import.meta.url)('miniflare') as {readonly Miniflare: new (options: object) => Miniflare};

const script = `
export default {
	async fetch(request, env) {
		const {batch, format, binding} = await request.json();
		const database = env[binding];
		try {
			if (format === 'ROWS_AND_COLUMNS') {
				const url = 'http://d1/query?resultsFormat=ROWS_AND_COLUMNS';
				const answer = await database.fetcher.fetch(url, {method: 'POST', body: JSON.stringify(batch)});
				const result = await answer.json();
				return Response.json(result.error === undefined ? {result} : {error: result.error});
			}
			return Response.json({result: await database.batch(batch.map(({sql, params}) => database.prepare(sql).bind(...(params ?? []))))});
		} catch (error) {
			return Response.json({error: String(error.message ?? error)});
		}
	},
};`;

async function serve(port: number, folder: string): Promise<void> {
	const bindings = new Map([databaseId, ...spareIds].map((id, index) => [id, `DB${index}`]));
	const d1Databases = Object.fromEntries([...bindings].map(([id, binding]) => [binding, id]));
	const miniflare = new Miniflare({modules: true, script, compatibilityDate: '2026-01-01', d1Databases, d1Persist: folder});
	const worker = await miniflare.ready;
	createServer(async (request, response) => {
		const reply = (status: number, body: unknown): void => {
			response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body));
		};
		const problem = (status: number, code: number, message: string): void =>
			reply(status, {success: false, errors: [{code, message}], messages: [], result: null});
		const chunks: Buffer[] = [];
		try {
			for await (const chunk of request) chunks.push(chunk as Buffer);
		} catch {
			// The connection ended before the request was complete, so no one reads an answer.
			return;
		}
		if (request.headers.authorization !== `Bearer ${token}`) return problem(401, 10000, 'Authentication error');
		const [, owner, id, action] =
			/^\/client\/v4\/accounts\/([^/]+)\/d1\/database\/([^/]+)\/(query|raw|time_travel\/bookmark)$/.exec(request.url ?? '') ?? [];
		const binding = bindings.get(id ?? '');
		if (owner !== account || binding === undefined) return problem(404, 7404, `The database ${id} could not be found`);
		if (action === 'time_travel/bookmark')
			return reply(200, {success: true, errors: [], messages: [], result: {bookmark: '00000001-0000001a-00004f2c-8f6b1d1e'}});
		const {batch, sql, params} = JSON.parse(Buffer.concat(chunks).toString('utf8'));
		const statements = batch ?? [{sql, params}];
		const format = action === 'raw' ? 'ROWS_AND_COLUMNS' : 'ARRAY_OF_OBJECTS';
		const answer = await fetch(worker, {method: 'POST', body: JSON.stringify({batch: statements, format, binding})});
		const {result, error} = (await answer.json()) as {readonly result?: unknown; readonly error?: string};
		if (error !== undefined) return problem(400, 7500, error.replace(/^D1_ERROR: /, ''));
		reply(200, {success: true, errors: [], messages: [], result});
	}).listen(port, '127.0.0.1');
}

const [, , port, folder] = process.argv;
if (port === undefined || folder === undefined) throw new TypeError('node d1-server.ts PORT FOLDER');
await serve(Number(port), folder);
