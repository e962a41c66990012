import {copyFileSync, existsSync, readdirSync, rmSync} from 'node:fs';
import {request} from 'node:http';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {rolldown} from 'rolldown';
import {MigrError} from '../../source/core/errors.ts';
import type {Bundle} from '../../source/core/runtime/bundle.ts';
import type {MigrateOptions, MigrateResult} from '../../source/core/runtime/migrate.ts';
import {currentDriver} from '../../source/core/sqlite/driver/choose.ts';
import {failing} from '../laws/device.ts';
import {newFolder} from './rigs.ts';

/** A Worker in workerd that applies bundles with the built runtime: to D1 through its binding, and to the storage of a Durable Object. */
export interface WorkerRig {
	/** Opens a database that is empty at first, by its number. */
	database(kind: WorkerKind, number: number): WorkerDatabase;
	stop(): Promise<void>;
	/** Ends workerd at any moment, and keeps the files. Returns a function that starts it again. */
	kill(): Promise<() => Promise<WorkerRig>>;
}

export type WorkerKind = 'd1' | 'object';

export interface WorkerDatabase {
	/** Runs statements in one batch. */
	batch(statements: readonly string[]): Promise<void>;
	query(sql: string): Promise<readonly unknown[]>;
	/** Calls `migrate` in the Worker, several times at once if there are several bundles. A function for `consent` agrees to everything. */
	migrate(bundles: readonly Bundle[], options?: MigrateOptions): Promise<readonly (MigrateResult | MigrError)[]>;
	/** Calls `migrate` with a batch that fails in the middle. `at` chooses the statement. */
	failing(bundle: Bundle, options: MigrateOptions, at: number): Promise<MigrateResult | MigrError>;
	/** Returns the bytes of the database file. Undefined if the file is unknown, because nothing was written. */
	bytes(): Uint8Array | undefined;
}

interface MiniflareInstance {
	readonly ready: Promise<URL>;
	dispose(): Promise<void>;
}

// Not an import, because the type check must also work if the servers are not installed.
const miniflare = () => createRequire(import.meta.url)('miniflare') as {readonly Miniflare: new (options: object) => MiniflareInstance};

const script = `
import {DurableObject} from 'cloudflare:workers';
import {d1, durableObject, migrate} from './runtime.js';

async function answer(connection, {statements, sql, bundles, options, agrees, failing}) {
	if (statements !== undefined) return await connection.batch(statements, {});
	if (sql !== undefined) return await connection.query(sql);
	if (agrees) options.consent = () => true;
	const used = failing === undefined ? connection : {
		...connection,
		batch: (list, needs) => connection.batch(list.toSpliced(failing.at % (list.length + 1), 0, failing.sql), needs),
	};
	const settled = await Promise.allSettled(bundles.map((bundle) => migrate(used, bundle, options)));
	return settled.map(({value, reason}) => value ?? {error: {code: reason.code, message: reason.message, details: reason.details, hint: reason.hint}});
}

async function respond(connection, request) {
	try {
		return Response.json({answer: (await answer(connection, await request.json())) ?? null});
	} catch (error) {
		return Response.json({problem: String(error.cause?.message ?? error.message ?? error)});
	}
}

export class Store extends DurableObject {
	async fetch(request) {
		return await respond(durableObject(this.ctx.storage), request);
	}
}

export default {
	async fetch(request, env) {
		const [, kind, number] = new URL(request.url).pathname.split('/');
		if (kind === 'd1') return await respond(d1(env['DB' + number]), request);
		return await env.STORE.get(env.STORE.idFromName(number)).fetch(request);
	},
};`;

/** @param databases the number of D1 databases */
export async function startWorker(databases: number, folder = newFolder(), files = new Map<string, string>()): Promise<WorkerRig> {
	const build = await rolldown({cwd: join(import.meta.dirname, '../..'), input: 'source/runtime.ts', platform: 'neutral'});
	const {output} = await build.generate({format: 'esm'});
	await build.close();
	const {Miniflare} = miniflare();
	const worker = new Miniflare({
		modules: [
			{type: 'ESModule', path: 'worker.js', contents: script},
			{type: 'ESModule', path: 'runtime.js', contents: output[0].code},
		],
		compatibilityDate: '2026-01-01',
		d1Databases: Object.fromEntries(Array.from({length: databases}, (_, number) => [`DB${number}`, `db${number}`])),
		d1Persist: join(folder, 'd1'),
		durableObjects: {STORE: {className: 'Store', useSQLite: true}},
		durableObjectsPersist: join(folder, 'objects'),
	});
	const url = await worker.ready;
	return {
		database: (kind, number) => workerDatabase(new URL(`/${kind}/${number}`, url), join(folder, kind === 'd1' ? 'd1' : 'objects'), files),
		async stop() {
			await worker.dispose();
			rmSync(folder, {recursive: true, force: true});
		},
		async kill() {
			await worker.dispose();
			return () => startWorker(databases, folder, files);
		},
	};
}

/** @param files the file of each database that was used, by the path of its URL */
function workerDatabase(url: URL, folder: string, files: Map<string, string>): WorkerDatabase {
	const call = async (body: object): Promise<unknown> => {
		const before = files.has(url.pathname) ? undefined : new Set(filesIn(folder));
		let text: string;
		try {
			text = await post(url, JSON.stringify(body));
		} finally {
			// Also if workerd was killed.
			const created = before === undefined ? undefined : filesIn(folder).find((name) => !before.has(name));
			if (created !== undefined) files.set(url.pathname, created);
		}
		// An object that SQLite has rolled back (ON CONFLICT ROLLBACK) is reset by workerd, with a text instead of an answer.
		if (!text.startsWith('{')) throw new MigrError('database', `workerd has reset the object: ${text}`);
		const {answer, problem} = JSON.parse(text) as {readonly answer?: unknown; readonly problem?: string};
		if (problem !== undefined) throw new Error(problem);
		return answer;
	};
	const run = async (bundles: readonly Bundle[], options: MigrateOptions, more: object = {}): Promise<readonly (MigrateResult | MigrError)[]> => {
		const body = {bundles, options, agrees: typeof options.consent === 'function', ...more};
		const results = (await call(body)) as readonly (MigrateResult | {readonly error: MigrError})[];
		return results.map((one) => ('error' in one ? new MigrError(one.error.code, one.error.message, one.error) : one));
	};
	return {
		batch: async (statements) => void (await call({statements})),
		query: async (sql) => (await call({sql})) as readonly unknown[],
		migrate: (bundles, options = {}) => run(bundles, options),
		failing: async (bundle, options, at) => (await run([bundle], options, {failing: {at, sql: failing}}))[0] as MigrateResult | MigrError,
		bytes() {
			const file = files.get(url.pathname);
			if (file === undefined) return undefined;
			// workerd has the files open, so a copy is read.
			const copies = newFolder();
			for (const ending of ['', '-wal']) {
				if (existsSync(join(folder, `${file}${ending}`))) copyFileSync(join(folder, `${file}${ending}`), join(copies, `copy.sqlite${ending}`));
			}
			const db = currentDriver().open(join(copies, 'copy.sqlite'));
			try {
				// A database in memory cannot be in WAL mode.
				db.exec('PRAGMA journal_mode = DELETE');
				return db.serialize();
			} finally {
				db.close();
				rmSync(copies, {recursive: true, force: true});
			}
		},
	};
}

/** Sends a request over a separate connection. workerd closes idle connections, and at that moment a request on one fails. */
function post(url: URL, body: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const sent = request(url, {method: 'POST', agent: false}, (response) => {
			let text = '';
			response.setEncoding('utf8').on('data', (part: string) => {
				text += part;
			});
			response.on('end', () => resolve(text)).on('error', reject);
		});
		sent.on('error', reject).end(body);
	});
}

/** Returns the files of databases, but not the one where miniflare keeps the names of objects. */
function filesIn(folder: string): readonly string[] {
	return readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.sqlite') && !name.endsWith('metadata.sqlite'));
}
