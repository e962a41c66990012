import {basename} from 'node:path';
import {type EngineKind, engineFeatures} from '../../script/engine-features.ts';
import {printScript} from '../../script/print.ts';
import type {Database} from '../../sqlite/database.ts';
import {openInMemory, requireTarget, statPath} from '../../sqlite/open.ts';
import {openWithRetry} from '../../sqlite/open-with-retry.ts';
import type {TransactionOptions} from '../../sqlite/transaction.ts';
import {clean} from '../../text/clean.ts';
import {proseComment} from '../files/section-markers.ts';
import {migrationsIn} from '../files/source.ts';
import {stateIfCancelled} from '../project.ts';
import type {ApplyOptions} from './apply-options.ts';
import {compileRun, requireOneBatch} from './compile-run.ts';
import {prepareRun} from './prepare-run.ts';
import type {PreparedRun} from './prepared-run.ts';

/** A run as SQL. */
export interface SqlScript {
	/** Empty if there is nothing to do. */
	readonly sql: string;
	readonly migrations: readonly string[];
	/** Migrations with code (`op.run`), which the script cannot contain. */
	readonly withCode: readonly string[];
}

export interface ScriptSettings extends Pick<TransactionOptions, 'onWait' | 'onWaitEnd'> {
	/** Opens the database. By default, the file in the options. */
	readonly open?: (() => Promise<Database>) | undefined;
}

/**
 * Returns a run as a guarded script, including its precondition and the history rows. It produces the same schema and rows as the run, with foreign
 * keys on or off, and uses only statements that any SQLite since 3.35 supports. Nothing is written, and rows are not read.
 *
 * @param engine the engine that will run it
 * @throws MigrError `plan` if the engine cannot run it
 */
export async function sqlScript(options: ApplyOptions, engine: EngineKind = 'sqlite', {open, ...lock}: ScriptSettings = {}): Promise<SqlScript> {
	const db = await (open?.() ?? openTarget(options, lock));
	try {
		const prepared = await prepareRun({options, migrations: migrationsIn(options.migrationsDir, options.wranglerTable), db, portable: true});
		const {migrations} = prepared;
		if (engine !== 'sqlite') requireOneBatch(migrations, engine);
		return {
			sql: migrations.length === 0 ? '' : textOf(prepared, db, options, engine),
			migrations: migrations.map(({name}) => name),
			withCode: migrations.filter(({steps}) => steps.some(({kind}) => kind === 'run')).map(({name}) => name),
		};
	} finally {
		db.close();
	}
}

async function openTarget(
	{database, direction, wait, signal}: ApplyOptions,
	lock: Pick<TransactionOptions, 'onWait' | 'onWaitEnd'>,
): Promise<Database> {
	requireTarget(database, direction);
	const exists = (statPath(database)?.size ?? 0) > 0;
	if (!exists && direction === 'upgrade') return openInMemory();
	return await stateIfCancelled(() => openWithRetry(database, {...lock, readonly: true, wait, signal}));
}

function textOf(prepared: PreparedRun, db: Database, options: ApplyOptions, engine: EngineKind): string {
	const groups = compileRun({db, prepared, options, features: engineFeatures[engine], engine});
	const name = clean(basename(options.database));
	return `${proseComment(`lite-migr ${options.direction} of ${name}; ${howToRun(engine, name)}`)}\n${printScript(groups, engine, proseComment)}`;
}

function howToRun(engine: EngineKind, name: string): string {
	switch (engine) {
		case 'sqlite':
			return `run it with: sqlite3 -bail ${name} < this file`;
		case 'd1':
			return 'for Cloudflare D1: run all statements in one batch';
		case 'libsql':
			return 'for libSQL: run all statements in one batch';
		case 'rqlite':
			return 'for rqlite: send all statements in one request with ?transaction';
	}
}
