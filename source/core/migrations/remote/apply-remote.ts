import {copyFileSync, mkdirSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {ApplyOutcome, Engine, RemoteConnection} from '../../engines/engine.ts';
import {openEngine} from '../../engines/open-engine.ts';
import type {ServerWait} from '../../engines/remote-database.ts';
import {MigrError} from '../../errors.ts';
import type {Database} from '../../sqlite/database.ts';
import {eventLoopTurn} from '../../sqlite/event-loop.ts';
import {type FileLock, waitForFileLock} from '../../sqlite/file-lock.ts';
import {openDatabase} from '../../sqlite/open.ts';
import {cancelledError, type TransactionOptions} from '../../sqlite/transaction.ts';
import {clean} from '../../text/clean.ts';
import {bytes, count, plural} from '../../text/numbers.ts';
import {takeBackup} from '../backup/backup.ts';
import {type BackupFile, defaultBackupKeep, pruneBackups, removeBackup} from '../backup/backup-files.ts';
import type {ApplyEvent, DoneEvent, FailedEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {newestName} from '../history/state.ts';
import {openRemote} from '../project.ts';
import {apply} from '../run/apply.ts';
import type {ApplyOptions} from '../run/apply-options.ts';
import {requireConsent} from '../run/consent.ts';
import {failedEvent} from '../run/end-events.ts';
import {needsBackup} from '../run/examine.ts';
import {startJournal} from '../run/journal.ts';
import type {PreparedRun} from '../run/prepared-run.ts';
import {taking} from '../run/waiting.ts';
import {type CopyFolder, makeCopyFolder} from './copy-folder.ts';
import {mostCopiedRows} from './copy-remote.ts';
import {engineScript} from './engine-script.ts';
import {backupOwner, copyText, type LocalCopy, makeLocalCopy} from './local-copy.ts';
import {remoteFindings} from './remote-findings.ts';

/**
 * Applies or undoes migrations on a database on a server. Yields the same events as `apply`, and never throws.
 *
 * How to read this file: the run is tried first on a local copy of the database, with everything that a local run checks: findings, measured effects,
 * consent, foreign keys and the plan id. The run is then sent as one guarded script, which the server runs as one atomic batch. The script contains
 * the history, and digests of the rows that decide what is lost. If one of them has changed since then, the script fails and the run starts again.
 */
export async function* applyRemote(
	options: ApplyOptions,
	connection: RemoteConnection,
	server: ServerWait = {},
): AsyncGenerator<ApplyEvent, void, void> {
	const started = performance.now();
	const progress = {isSent: false};
	let folder: CopyFolder | undefined;
	let engine: Engine | undefined;
	let db: Database | undefined;
	try {
		folder = makeCopyFolder();
		engine = await openEngine(connection.target, connection.options);
		// Once the script is sent, the run must report what became of it.
		const onBlock = () => (progress.isSent ? undefined : server.onBlock?.()) ?? (() => {});
		db = await openRemote(connection, {wait: {...server, onBlock}});
		for (let attempt = 1; ; attempt++) {
			await handleSignals(options);
			const [isFirst, isLast] = [attempt === 1, attempt === attempts];
			const outcome = yield* attemptRun({options, engine, db, folder: join(folder.path, String(attempt)), isFirst, isLast, started, progress});
			if (outcome === 'done') break;
			if (isLast)
				throw new MigrError('locked', `another client keeps changing ${engine.name}`, {
					hint: 'run the command again when no other client writes the tables of the migration',
				});
			yield {type: 'notice', message: `another client changed ${clean(engine.name)} in the meantime: nothing was applied, starting again`};
		}
	} catch (error) {
		yield stopped(error, options, db);
	} finally {
		db?.close();
		engine?.close();
		folder?.remove();
	}
}

const attempts = 3;

interface Attempt {
	readonly options: ApplyOptions;
	readonly engine: Engine;
	readonly db: Database;
	/** A folder for the copies. */
	readonly folder: string;
	readonly isFirst: boolean;
	readonly isLast: boolean;
	/** When the command started, in milliseconds. */
	readonly started: number;
	/** `isSent` is true from the moment when a script is sent to the server, until it is known that it was not applied. */
	readonly progress: {isSent: boolean};
}

/** Tries the run on a copy and sends it. Returns `changed` if another client changed the database in between. Nothing is applied then. */
async function* attemptRun(attempt: Attempt): AsyncGenerator<ApplyEvent, 'done' | 'changed', void> {
	const {options, engine, db, started} = attempt;
	const copy = copyOf(attempt);
	const script = await engineScript(options, engine, copy);
	const {held, end} = yield* tryOnCopy(attempt, copy, script.prepared);
	if (end.type === 'failed') {
		yield {...end, state: stateOf(options, db), committed: [], backup: null};
		return 'done';
	}
	if (options.dryRun === true || script.prepared.files.length === 0) {
		yield* held;
		yield {...end, backup: null, dryRun: options.dryRun === true};
		return 'done';
	}
	await handleSignals(options);
	const backup = yield* backUp(attempt, copy, script.prepared);
	const wayBack = await engine.wayBack?.();
	if (wayBack !== undefined) yield {type: 'notice', message: `to restore the state of ${clean(engine.name)} before this run: ${wayBack}`};
	yield {
		type: 'notice',
		message: `sending ${plural(script.statements.length, 'statement')} (${bytes(sizeOf(script.statements))}) to ${clean(engine.name)}`,
	};
	attempt.progress.isSent = true;
	const outcome = await engine.apply(script.statements);
	if (isOutdated(outcome) || (isConflict(outcome) && !attempt.isLast)) {
		if (backup !== null) removeBackup(backup);
		attempt.progress.isSent = false;
		return 'changed';
	}
	if (outcome.kind === 'failed') throw outcome.error;
	if (outcome.kind === 'unknown' && !(await isApplied(db, end, options))) throw outcome.error;
	if (outcome.kind === 'unknown') {
		yield {type: 'notice', message: `the answer of ${clean(engine.name)} was lost, but its history shows that everything was applied`};
	}
	yield* held;
	if (backup !== null) pruneBackups(backupOwner(copy, dirname(backup.path)), dirname(backup.path), options.backupKeep ?? defaultBackupKeep);
	// The script has checked that the history equals that of the copy. Nothing is read here, because an error would look as if nothing was applied.
	yield {...end, backup: backup?.path ?? null, durationMs: Math.round(performance.now() - started)};
	return 'done';
}

/** Handles a signal that arrived while the thread was blocked. @throws MigrError `cancelled` */
async function handleSignals({signal}: ApplyOptions): Promise<void> {
	await eventLoopTurn();
	if (signal?.aborted === true) throw cancelledError(signal);
}

interface Copy extends LocalCopy {
	/** A second one, which the run changes. */
	readonly tried: string;
}

function copyOf({options, engine, db, folder}: Attempt): Copy {
	const copy = makeLocalCopy(db, engine.name, folder, options.wranglerTable);
	const tried = join(folder, 'tried', basename(copy.file));
	mkdirSync(dirname(tried));
	copyFileSync(copy.file, tried);
	return {...copy, tried};
}

interface Tried {
	/** Events to yield when the server has applied everything. */
	readonly held: readonly ApplyEvent[];
	readonly end: DoneEvent | FailedEvent;
}

/** Runs the migrations on the copy, as a local run does. Yields everything up to the consent. */
async function* tryOnCopy(attempt: Attempt, copy: Copy, prepared: PreparedRun): AsyncGenerator<ApplyEvent, Tried, void> {
	const {options, engine, db, isFirst} = attempt;
	const held: ApplyEvent[] = [];
	if (!copy.isWhole && prepared.migrations.length > 0) yield* examineRemotely(attempt, copy, prepared);
	const run = apply({...options, ...(copy.isWhole ? {} : {consent: true}), database: copy.tried, backup: 'never'}, {portable: true});
	for await (const event of run) {
		if (event.type === 'done' || event.type === 'failed') {
			return {held, end: {...event, ...(event.type === 'done' ? {database: options.database} : {})} as DoneEvent | FailedEvent};
		}
		if (event.type === 'progress') continue;
		if (event.type === 'start') {
			if (!isFirst) continue;
			yield {...event, database: options.database, dryRun: options.dryRun === true};
			if (prepared.migrations.length > 0) yield {type: 'notice', message: copyText(engine.name, copy)};
			for (const message of prepared.notices) yield {type: 'notice', message};
		} else if (event.type === 'preflight') {
			if (copy.isWhole) yield {...event, bytesNeeded: 0, bytesFree: null};
		} else if (event.type === 'effects') yield event;
		// Those of the prepared run were yielded at the start.
		else if (event.type === 'notice') continue;
		else held.push(event);
	}
	throw new Error(`the run on the copy of ${db.path} ended without its last event`);
}

/** Checks the rows on the server, if there are too many for a copy. */
async function* examineRemotely({options, engine, db}: Attempt, {rows}: Copy, prepared: PreparedRun): AsyncGenerator<ApplyEvent, void, void> {
	if (options.plan !== undefined) {
		throw new MigrError('plan', `${clean(engine.name)} has ${count(rows)} rows, too many to compute the id of a plan`, {
			hint: `run the command without --plan; a plan has an id for databases with up to ${count(mostCopiedRows)} rows`,
		});
	}
	const findings = remoteFindings(db, prepared, rows);
	yield {type: 'preflight', findings, bytesNeeded: 0, bytesFree: null};
	await requireConsent(options, findings, null);
}

/** Keeps the copy as a backup before a risky run. Returns null if none is needed. */
async function* backUp({options}: Attempt, copy: Copy, {migrations, changesRows}: PreparedRun): AsyncGenerator<ApplyEvent, BackupFile | null, void> {
	const {backupDir, now = () => new Date()} = options;
	const {file, isWhole} = copy;
	const local = openDatabase(file, {readonly: true});
	const isNeeded = needsBackup(options.backup, local, {migrations, findings: [], changesRows});
	local.close();
	if (!isNeeded || !isWhole || backupDir === undefined) return null;
	const owner = backupOwner(copy, backupDir);
	const lock = yield* taking(
		options,
		(held) => lockBackups(owner, backupDir, held),
		(held) => held?.remove(),
	);
	try {
		return yield* takeBackup({database: file, owner, folder: backupDir, before: migrations[0]?.name ?? null, now: now()});
	} finally {
		lock?.remove();
	}
}

/** Nothing locks the database while its copy is kept, so two runs could take a backup at the same time. Undefined if there can be no backup either. */
async function lockBackups(owner: string, folder: string, held: TransactionOptions): Promise<FileLock | undefined> {
	try {
		mkdirSync(folder, {recursive: true});
	} catch {
		// Taking the backup fails for the same reason, and reports it.
		return undefined;
	}
	return await waitForFileLock(join(folder, `${basename(owner)}-lite-migr-lock`), held);
}

function sizeOf(statements: readonly string[]): number {
	return statements.reduce((sum, sql) => sum + Buffer.byteLength(sql), 0);
}

/** True if a precondition of the script did not hold, because another client changed the database or created the history. */
function isOutdated(outcome: ApplyOutcome): boolean {
	const signs = /this script was written for|changed after they were read|\b_lite_migr\b\W? already exists/;
	return outcome.kind === 'failed' && signs.test(outcome.error.message);
}

/** True if rows that fit on the copy no longer fit, because another client may have changed them. The next attempt then finds them. */
function isConflict(outcome: ApplyOutcome): boolean {
	return outcome.kind === 'failed' && /constraint failed|would have no parent row/.test(outcome.error.message);
}

/**
 * Reads the history after a lost answer. The server may still be running the batch or restarting, so this asks several times. Returns false if the
 * history does not show the run, or cannot be read.
 */
async function isApplied(db: Database, end: DoneEvent, {direction, wranglerTable}: ApplyOptions): Promise<boolean> {
	const started = performance.now();
	for (;;) {
		const names = namesIn(db, wranglerTable);
		if (names !== undefined && end.applied.every(({name}) => names.has(name) === (direction === 'upgrade'))) return true;
		if (performance.now() - started > longestWait) return false;
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
}

/** Milliseconds. */
const longestWait = 8000;

function namesIn(db: Database, wranglerTable: ApplyOptions['wranglerTable']): ReadonlySet<string> | undefined {
	try {
		return new Set(readApplied(db, wranglerTable).map(({name}) => name));
	} catch (error) {
		// The caller reports that the outcome is unknown.
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}

function stopped(error: unknown, options: ApplyOptions, db: Database | undefined): FailedEvent {
	const event = failedEvent(error, options, startJournal());
	const isUnknown = error instanceof MigrError && error.code === 'outcomeUnknown';
	return {...event, state: isUnknown ? `it is unknown whether ${clean(options.database)} was changed` : stateOf(options, db)};
}

/** Describes the state of a database that nothing was sent to. */
function stateOf({database, wranglerTable}: ApplyOptions, db: Database | undefined): string {
	const unchanged = `nothing was changed: ${clean(database)}`;
	if (db === undefined) return `${unchanged} was not reached`;
	try {
		const newest = newestName(readApplied(db, wranglerTable));
		return `${unchanged} ${newest === null ? 'has no migrations applied' : `is still at ${clean(newest)}`}`;
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		return `${unchanged} cannot be read now`;
	}
}
