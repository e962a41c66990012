import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import {MigrError} from '../../source/core/errors.ts';
import {type LibsqlClient, libsqlClient} from '../../source/core/runtime/adapters/libsql-client.ts';
import type {Bundle} from '../../source/core/runtime/bundle.ts';
import {type MigrateOptions, type MigrateResult, migrate} from '../../source/core/runtime/migrate.ts';
import {openDatabase, openInMemory} from '../../source/core/sqlite/open.ts';
import {openBytes} from '../laws/bytes.ts';
import {copyOfFile, type Device, failingAt, killInProcess, outcomeOf, type Stopped} from '../laws/device.ts';
import {bun, copyOfSqld, migrateWithBun, startSqldWithClients} from './bundle-runners.ts';
import {statementsOf} from './contents.ts';
import type {WorkerKind, WorkerRig} from './worker-rig.ts';

/** One run in so many is stopped by killing the server. Starting it again takes a while. */
const killedOf = 16;
/** Milliseconds that a run may take until the server is killed. */
const longest = 24;

export async function bunDevice(): Promise<Device> {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-device-'));
	const file = join(folder, 'app.db');
	writeFileSync(file, '');
	// A function cannot be passed to another process.
	const plain = (options: MigrateOptions = {}): MigrateOptions => ({...options, ...(typeof options.consent === 'function' ? {consent: true} : {})});
	return {
		async exec(statements) {
			const db = openDatabase(file);
			db.exec(['PRAGMA foreign_keys = ON', 'BEGIN', ...statements, 'COMMIT'].join(';\n'));
			db.close();
		},
		migrate: (bundle, options) => migrateWithBun(file, bundle, plain(options)),
		stop: (bundle, options, at) => killInProcess([bun], 'bun:sqlite', file, bundle, plain(options), at),
		copy: async () => copyOfFile(file),
		bytes: async () => readFileSync(file),
		close: async () => rmSync(folder, {recursive: true, force: true}),
	};
}

/** A server that is started again after it was killed. */
export interface WorkerHolder {
	rig: WorkerRig;
}

/** Opens a database in workerd, by its number. */
export async function workerDevice(holder: WorkerHolder, kind: WorkerKind, number: number): Promise<Device> {
	const database = () => holder.rig.database(kind, number);
	return {
		async exec(statements) {
			if (statements.length > 0) await database().batch(statements);
		},
		migrate: async (bundle, options) => resultOf((await database().migrate([bundle], options))[0]),
		async stop(bundle, options, at) {
			if (at % killedOf !== 0) return await outcomeOf(database().failing(bundle, options, at).then(resultOf));
			const running = database()
				.migrate([bundle], options)
				.then(([result]): Stopped => (result instanceof MigrError ? 'killed' : 'completed'))
				.catch((): Stopped => 'killed');
			await new Promise((done) => setTimeout(done, Math.floor(at / killedOf) % longest));
			const restart = await holder.rig.kill();
			const outcome = await running;
			holder.rig = await restart();
			return outcome;
		},
		async copy() {
			await database().query('SELECT 1 AS n');
			const bytes = database().bytes();
			return bytes === undefined ? openInMemory() : openBytes(bytes);
		},
		async bytes() {
			const bytes = database().bytes() ?? new Uint8Array();
			if (kind === 'object') return Buffer.from(bytes);
			// D1 may write to its own tables in the same file, whose names begin with _cf_.
			const db = openBytes(bytes);
			const statements = await statementsOf(async (sql) => db.tuples(sql));
			db.close();
			return Buffer.from(statements.join('\n'));
		},
		close: async () => {},
	};
}

function resultOf(result: MigrateResult | MigrError | undefined): MigrateResult {
	if (result === undefined || result instanceof MigrError) throw result;
	return result;
}

export async function sqldDevice(): Promise<Device> {
	const {rig, connect} = await startSqldWithClients();
	let client: LibsqlClient & {close(): void} = connect();
	/** Each call has its own client, as in several programs. */
	const run = async (bundle: Bundle, options?: MigrateOptions) => {
		const own = connect();
		try {
			return await migrate(libsqlClient(own), bundle, options);
		} finally {
			own.close();
		}
	};
	return {
		async exec(statements) {
			if (statements.length > 0) await client.batch([...statements], 'write');
		},
		migrate: run,
		async stop(bundle, options, at) {
			if (at % killedOf !== 0) return await outcomeOf(migrate(failingAt(libsqlClient(client), at), bundle, options));
			const running = run(bundle, options).then(
				(): Stopped => 'completed',
				(): Stopped => 'killed',
			);
			await new Promise((done) => setTimeout(done, Math.floor(at / killedOf) % longest));
			await rig.kill();
			const outcome = await running;
			client.close();
			await rig.restart();
			client = connect();
			return outcome;
		},
		async copy() {
			const engine = await openEngine(rig.target, rig.options);
			try {
				return await copyOfSqld(engine);
			} finally {
				engine.close();
			}
		},
		async bytes() {
			const folder = join(String(rig.options.folder), 'data/dbs/default');
			return Buffer.concat(['data', 'data-wal'].map((name) => readFileSync(join(folder, name))));
		},
		async close() {
			client.close();
			await rig.stop();
		},
	};
}

/** The devices with their own program. The workers number their databases from `first` on. */
export function engineDevices(holder: WorkerHolder, first = 0): Readonly<Record<string, () => Promise<Device>>> {
	let number = first;
	return {
		'bun:sqlite': bunDevice,
		'a D1 binding': () => workerDevice(holder, 'd1', number++),
		'a Durable Object': () => workerDevice(holder, 'object', number++),
		'@libsql/client with sqld': sqldDevice,
	};
}
