import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import type {Engine} from '../../source/core/engines/engine.ts';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import {MigrError} from '../../source/core/errors.ts';
import {type LibsqlClient, libsqlClient} from '../../source/core/runtime/adapters/libsql-client.ts';
import type {Bundle} from '../../source/core/runtime/bundle.ts';
import {type MigrateOptions, type MigrateResult, migrate} from '../../source/core/runtime/migrate.ts';
import {connect, nativeOf} from '../../source/core/sqlite/connection.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {currentDriver} from '../../source/core/sqlite/driver/choose.ts';
import {openBytes} from '../laws/bytes.ts';
import type {BundleRunner} from '../laws/check-bundle.ts';
import {migrateInProcess} from '../laws/device.ts';
import {statementsOf} from './contents.ts';
import {newFolder, type Rig, startSqld} from './rigs.ts';
import type {WorkerKind, WorkerRig} from './worker-rig.ts';

/** The engine does not accept the schema that the bundle would change, such as an R-tree on D1. */
export class Impossible extends Error {
	override readonly name = 'Impossible';
}

function withoutResult(result: MigrateResult | MigrError): MigrateResult {
	if (result instanceof MigrError) throw result;
	return result;
}

/** Runs in workerd: copies the database there, and reads its file afterwards. Each call uses its own database, from a number on. */
export function inWorker(rig: WorkerRig, kind: WorkerKind, first = 0): BundleRunner {
	let number = first;
	const run: BundleRunner = async (db, bundle, options) => {
		const before = await statementsOf(async (sql) => db.tuples(sql));
		db.close();
		const database = rig.database(kind, number++);
		try {
			await database.batch(before);
		} catch (error) {
			throw new Impossible(String(error));
		}
		const [result] = await database.migrate([bundle], options);
		const copy = openBytes(database.bytes() ?? new Uint8Array());
		for (const [table] of copy.tuples("SELECT name FROM sqlite_schema WHERE name GLOB '_cf_*' AND type = 'table'"))
			copy.exec(`DROP TABLE "${table}"`);
		return {db: copy, result: withoutResult(result as MigrateResult | MigrError)};
	};
	return Object.assign(run, {hasOtherSqlite: true as const});
}

export const bun = join(import.meta.dirname, 'node_modules/@oven/bun-linux-x64/bin/bun');

/** Applies a bundle to a file with bun:sqlite, in another process. It kills itself before the statement with the number `killedAt`. */
export function migrateWithBun(file: string, bundle: Bundle, options: MigrateOptions, killedAt?: number): Promise<MigrateResult> {
	return migrateInProcess([bun], 'bun:sqlite', file, bundle, options, killedAt);
}

export const onBun: BundleRunner = Object.assign(
	async (db: Database, bundle: Bundle, options: MigrateOptions) => {
		const folder = newFolder();
		const file = join(folder, 'app.db');
		try {
			writeFileSync(file, nativeOf(db).serialize());
			db.close();
			const result = await migrateWithBun(file, bundle, options);
			return {db: openBytes(readFileSync(file)), result};
		} finally {
			rmSync(folder, {recursive: true, force: true});
		}
	},
	{hasOtherSqlite: true as const},
);

export interface SqldWithClients {
	readonly rig: Rig;
	readonly connect: () => LibsqlClient & {close(): void};
}

/** Starts a server, and connects to it with @libsql/client. Not an import, because the type check must also work if the package is not installed. */
export async function startSqldWithClients(): Promise<SqldWithClients> {
	// Before the server starts, because nothing would end it if the package is missing.
	const {createClient} = createRequire(import.meta.url)('@libsql/client') as {createClient(config: {url: string}): LibsqlClient & {close(): void}};
	const rig = await startSqld();
	return {rig, connect: () => createClient({url: rig.db})};
}

/** Returns a copy of a database on a server. */
export async function copyOfSqld(engine: Engine): Promise<Database> {
	const statements = await statementsOf(async (sql) => (await engine.query([{sql}]))[0]?.rows ?? []);
	const native = currentDriver().open(':memory:');
	native.exec('PRAGMA trusted_schema = OFF');
	const copy = connect(native, ':memory:');
	copy.exec('PRAGMA foreign_keys = OFF');
	for (const sql of statements) copy.exec(sql);
	copy.exec('PRAGMA foreign_keys = ON');
	return copy;
}

export const onSqld: BundleRunner = Object.assign(
	async (db: Database, bundle: Bundle, options: MigrateOptions) => {
		const {rig, connect: clientOf} = await startSqldWithClients();
		const open: {close(): void}[] = [];
		try {
			const engine = await openEngine(rig.target, rig.options);
			open.push(engine);
			const client = clientOf();
			open.push(client);
			const before = await statementsOf(async (sql) => db.tuples(sql));
			db.close();
			const copied = await engine.apply(before);
			if (copied.kind !== 'committed') throw new Impossible(copied.error.message);
			const result = await migrate(libsqlClient(client), bundle, options);
			return {db: await copyOfSqld(engine), result};
		} finally {
			for (const each of open) each.close();
			await rig.stop();
		}
	},
	{hasOtherSqlite: true as const},
);
