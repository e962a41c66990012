import {MigrError} from '../../errors.ts';
import {engineFeatures} from '../../script/engine-features.ts';
import type {Database} from '../../sqlite/database.ts';
import {thrownText} from '../../text/thrown.ts';
import type {ApplyEvent, DoneEvent, FailedEvent} from '../event.ts';
import {migrationsIn} from '../files/source.ts';
import {apply} from './apply.ts';
import type {ApplyOptions} from './apply-options.ts';
import {copyOfMemory} from './apply-target.ts';
import {compileRun, requireOneBatch} from './compile-run.ts';
import {failedEvent} from './end-events.ts';
import {startJournal} from './journal.ts';
import {prepareRun} from './prepare-run.ts';

const place = 'a transaction that is already open';

/**
 * Applies or undoes migrations in a transaction that the program has begun, and leaves it open. Foreign keys cannot be switched off there, so the run is
 * tried on a private copy, with all checks and questions, and its script, which keeps every row with foreign keys on, runs in a savepoint. After
 * `failed`, the transaction is as before.
 */
export async function* applyInTransaction(options: ApplyOptions & {readonly connection: Database}): AsyncGenerator<ApplyEvent, void, void> {
	const {connection: db, direction, database} = options;
	const journal = startJournal();
	try {
		requireNoViolations(db);
		const version = versionOf(db);
		const prepared = await prepareRun({options, migrations: migrationsIn(options.migrationsDir, options.wranglerTable), db, portable: true});
		requireOneBatch(prepared.migrations, place);
		const end = yield* tryOnCopy(options);
		if (end.type === 'failed') {
			yield {...end, state: 'nothing was written: the open transaction is as before'};
			return;
		}
		if (options.dryRun !== true && prepared.migrations.length > 0) {
			requireVersion(db, version);
			const groups = compileRun({db, prepared, options, features: engineFeatures.sqlite, engine: place});
			runInSavepoint(
				db,
				groups.flatMap(({parts}) => parts.flatMap(({statements}) => statements)),
			);
		}
		yield {...end, database, direction, backup: null, undo: [], undoLimits: null, dryRun: options.dryRun === true};
	} catch (error) {
		yield {
			...failedEvent(error, options, journal),
			state: db.inTransaction ? 'nothing was written: the open transaction is as before' : 'SQLite has rolled back the whole transaction',
		};
	}
}

/** Runs everything on a private copy that includes the changes of the open transaction. Returns the last event, and yields all others. */
async function* tryOnCopy(options: ApplyOptions & {readonly connection: Database}): AsyncGenerator<ApplyEvent, DoneEvent | FailedEvent, void> {
	const {connection, database, ...rest} = options;
	const copy = copyOfMemory(connection, `a run in ${place}`);
	try {
		for await (const event of apply({...rest, database: copy.path, dryRun: false, backup: 'never'})) {
			if (event.type === 'done' || event.type === 'failed') return event;
			yield event.type === 'start' ? {...event, database, dryRun: options.dryRun === true} : event;
		}
		throw new Error('the run on the copy ended without its last event');
	} finally {
		copy.remove();
	}
}

interface Version {
	readonly changes: unknown;
	readonly schema: unknown;
}

function versionOf(db: Database): Version {
	return {changes: db.value('SELECT total_changes()'), schema: db.value('PRAGMA schema_version')};
}

/** The checks and the consent are about the rows of the copy. */
function requireVersion(db: Database, {changes, schema}: Version): void {
	const now = versionOf(db);
	if (now.changes === changes && now.schema === schema) return;
	throw new MigrError('database', 'the program wrote to the database during the run', {
		hint: 'call apply() again, and write after the run has ended',
	});
}

/** A script resets the counter of deferred violations (https://www.sqlite.org/pragma.html#pragma_defer_foreign_keys), so none may be pending. */
function requireNoViolations(db: Database): void {
	const row = db.get('PRAGMA foreign_key_check');
	if (row === undefined) return;
	throw new MigrError('database', `the open transaction has rows in ${String(row.table)} without a parent row in ${String(row.parent)}`, {
		location: {table: String(row.table)},
		hint: 'insert the missing rows, or commit first: a run in an open transaction cannot keep deferred foreign key violations',
	});
}

/** Settings of the program that would change what the statements mean. The caller restores them. */
const settings = [
	'recursive_triggers',
	'ignore_check_constraints',
	'reverse_unordered_selects',
	'query_only',
	'writable_schema',
	'legacy_alter_table',
];

function runInSavepoint(db: Database, statements: readonly string[]): void {
	for (const name of settings) db.exec(`PRAGMA ${name} = OFF`);
	db.exec('SAVEPOINT lite_migr_run');
	try {
		for (const sql of statements) db.exec(sql);
		db.exec('RELEASE lite_migr_run');
	} catch (error) {
		if (db.inTransaction) db.exec('ROLLBACK TO lite_migr_run; RELEASE lite_migr_run');
		throw guardFailure(error) ?? error;
	}
}

/** Returns the failed guard of the script that an SQLite message contains. */
function guardFailure(cause: unknown): MigrError | undefined {
	const [, message] = /'lite-migr: (.*)'/s.exec(thrownText(cause)) ?? [];
	return message === undefined ? undefined : new MigrError('guard', message, {cause});
}
