import {MigrError} from '../../errors.ts';
import {plural} from '../../text/numbers.ts';
import {emitted} from '../emitted.ts';
import {backupsOf} from './disk-backups.ts';
import type {FileEvent, FleetEvent, FleetOptions, FleetPlanEvent, FleetProgress, FleetTarget, Look, RunOutcome} from './fleet.ts';
import {type Lane, ownLane, threadLane} from './lanes.ts';
import {countsOf, type FleetFile, failureOfFile, fleetPlanId, lossesOf, pendingGroups, pendingOf} from './report.ts';
import {requireConsent, requireNoFailure, requireSameTarget, requireSpace} from './requirements.ts';
import type {Emit} from './run-events.ts';

/** Everything that a fleet run reports. Events of one database have `database`. */
export type FleetRunEvent = FileEvent | FleetPlanEvent | FleetProgress | FleetEvent;

/**
 * Applies or undoes the migrations of many databases. Each database is changed in its own run, all or nothing. The last event is `fleet`. It never
 * throws.
 *
 * Every database is checked before anything is written. If one of them would fail, nothing is written, unless `keepGoing` is set. Consent is given to
 * all losses at once, or to none.
 *
 * @param print receives what code of migrations prints in other threads
 */
export async function* runFleet(given: FleetOptions, print: (text: string) => void = () => {}): AsyncGenerator<FleetRunEvent, void, void> {
	const started = performance.now();
	const options = {...given, settings: {...given.settings, confirmsLosses: given.confirm !== undefined}};
	const {settings, targets, signal} = options;
	const files: FleetFile[] = targets.map((target) => ({target}));
	const lanes = lanesFor(options, print);
	const stopWaiting = () => {
		for (const lane of lanes) lane.stopWaiting();
	};
	signal?.addEventListener('abort', stopWaiting, {once: true});
	let stopped: FleetEvent['stopped'] = null;
	let plan: string | null = null;
	/** Milliseconds until the plan was confirmed. */
	let waited = 0;
	try {
		yield* lookAtAll(files, lanes, signal);
		if (signal?.aborted === true) throw cancelled();
		plan = fleetPlanId(files);
		const event = planEvent(options, files, plan);
		yield event;
		requireNoFailure(options, files);
		requireSameTarget(options, files);
		const asked = performance.now();
		const isConfirmed = await confirmed(options, event);
		waited = performance.now() - asked;
		if (!isConfirmed) requireConsent(options, files, plan);
		if (settings.dryRun !== true) {
			requireSpace(files);
			yield* runAll(options, files, lanes, isConfirmed);
		}
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		stopped = {code: error.code, message: error.message, hint: error.hint ?? null, details: error.details};
	} finally {
		signal?.removeEventListener('abort', stopWaiting);
		await Promise.all(lanes.map((lane) => lane.close()));
	}
	const {direction, dryRun = false} = settings;
	yield {type: 'fleet', direction, dryRun, ...countsOf(files, dryRun), plan, stopped, durationMs: Math.round(performance.now() - started - waited)};
}

/** A fleet up to this size runs in this thread, unless several threads are requested. */
const smallFleet = 50;
/** Megabytes for the code of migrations in all threads together. */
const memory = 1024;

function lanesFor({settings, targets, jobs}: FleetOptions, print: (text: string) => void): readonly Lane[] {
	if (jobs === 1 && targets.length <= smallFleet) return [ownLane(settings)];
	return Array.from({length: Math.min(jobs, targets.length)}, () => threadLane(settings, Math.max(128, Math.floor(memory / jobs)), print));
}

/** Checks every database, and reports those that would fail. */
async function* lookAtAll(
	files: readonly FleetFile[],
	lanes: readonly Lane[],
	signal: AbortSignal | undefined,
): AsyncGenerator<FleetRunEvent, void, void> {
	const shared = sharedLists();
	let done = 0;
	let failures = 0;
	yield* emitted<FleetRunEvent, void>((emit) =>
		inLanes(
			lanes,
			files,
			() => signal?.aborted !== true,
			async (lane, file) => {
				const {database} = file.target;
				const look = shared(await lane.look(file.target, emitFor(file.target, emit)));
				if (isStopped(look)) return;
				file.look = look;
				done++;
				if (look.kind === 'failed') failures++;
				const failed = look.kind === 'failed' ? {finished: {database, result: look}} : {};
				emit({type: 'fleetProgress', phase: 'look', done, failed: failures, total: files.length, ...failed});
			},
		),
	);
}

/** Runs the pending databases: the canaries first, then the others, and those that were locked last. */
async function* runAll(
	{canary = 0, keepGoing = false, signal, plan}: FleetOptions,
	files: readonly FleetFile[],
	lanes: readonly Lane[],
	isConfirmed: boolean,
): AsyncGenerator<FleetRunEvent, void, void> {
	const pending = [...pendingOf(files), ...files.filter(({look}) => look?.kind === 'later')];
	const groups = [
		{phase: 'canary', files: pending.slice(0, canary), keepsGoing: false},
		{phase: 'run', files: pending.slice(canary), keepsGoing: keepGoing},
	] as const;
	for (const group of groups) {
		let done = 0;
		let failed = 0;
		const isOver = () => signal?.aborted === true || (!group.keepsGoing && failed > 0);
		yield* emitted<FleetRunEvent, void>((emit) =>
			inLanes(
				lanes,
				group.files,
				() => !isOver(),
				async (lane, file) => {
					const {target, look} = file;
					const own = (plan !== undefined || isConfirmed) && look?.kind === 'pending' ? (look.plan ?? undefined) : undefined;
					emit({type: 'fleetProgress', phase: group.phase, done, failed, total: group.files.length, started: target.database});
					const outcome = await lane.run(target, own, emitFor(target, emit));
					if (isStopped(outcome)) return;
					file.outcome = outcome;
					done++;
					if (outcome.kind === 'failed') failed++;
					const finished = {database: target.database, result: outcome};
					emit({type: 'fleetProgress', phase: group.phase, done, failed, total: group.files.length, finished});
				},
			),
		);
		const rest = pending.filter(({outcome}) => outcome === undefined).length;
		if (signal?.aborted === true && rest > 0) throw cancelled();
		if (failed === 0 || group.keepsGoing) continue;
		if (rest > 0) throw stoppedByFailure(group.phase, rest);
	}
}

function emitFor({database}: FleetTarget, emit: (event: FleetRunEvent) => void): Emit {
	return (event) => emit({...event, database});
}

/** True if Ctrl-C ended the wait for the lock of a database. It then counts as not started. */
function isStopped(result: Look | RunOutcome): boolean {
	if (result.kind !== 'failed' || result.failure.code !== 'cancelled') return false;
	return !('committed' in result) || result.committed.length === 0;
}

function failedIn(files: readonly FleetFile[]): number {
	return files.filter((file) => failureOfFile(file) !== undefined).length;
}

/** Processes files in all lanes, each file in the first free lane, as long as `continues` returns true. */
async function inLanes(
	lanes: readonly Lane[],
	files: readonly FleetFile[],
	continues: () => boolean,
	work: (lane: Lane, file: FleetFile) => Promise<void>,
): Promise<void> {
	let next = 0;
	await Promise.all(
		lanes.map(async (lane) => {
			for (let file = files[next++]; file !== undefined && continues(); file = files[next++]) await work(lane, file);
		}),
	);
}

/** Returns a function that shares equal lists of migrations. Each answer of a thread has its own copy. */
function sharedLists(): (look: Look) => Look {
	const known = new Map<string, readonly string[]>();
	return (look) => {
		if (look.kind !== 'pending') return look;
		const key = look.migrations.join('\n');
		const migrations = known.get(key) ?? look.migrations;
		known.set(key, migrations);
		return {...look, migrations};
	};
}

function planEvent({settings: {direction, dryRun = false}}: FleetOptions, files: readonly FleetFile[], plan: string | null): FleetPlanEvent {
	const backups = dryRun ? [] : backupsOf(files);
	return {
		type: 'fleetPlan',
		database: null,
		direction,
		dryRun,
		total: files.length,
		pending: pendingGroups(files),
		unchanged: files.filter(({look}) => look?.kind === 'current').length,
		later: files.filter(({look}) => look?.kind === 'later').length,
		failed: failedIn(files),
		backups: backups.reduce((sum, {count}) => sum + count, 0),
		backupBytes: backups.reduce((sum, {size}) => sum + size, 0),
		bytesFree: backups.length === 0 ? null : (backups.toSorted((a, b) => (a.free ?? 0) - (b.free ?? 0))[0]?.free ?? null),
		plan,
		losses: lossesOf(files),
	};
}

/**
 * Asks whether to run the plan. Returns false if no one can be asked, or if there is nothing to ask.
 *
 * @throws MigrError `answerNeeded` if the answer is no, or `cancelled` if the run was stopped in the meantime
 */
async function confirmed({confirm, signal, settings: {dryRun}}: FleetOptions, event: FleetPlanEvent): Promise<boolean> {
	if (confirm === undefined || dryRun === true || event.pending.length === 0) return false;
	if (!(await confirm(event))) throw new MigrError('cancelled', 'cancelled; nothing was written');
	if (signal?.aborted === true) throw cancelled();
	return true;
}

function cancelled(): MigrError {
	return new MigrError('cancelled', 'cancelled: no other database was started', {hint: 'run the command again to continue'});
}

function stoppedByFailure(phase: 'canary' | 'run', rest: number): MigrError {
	const what = phase === 'canary' ? 'a canary failed' : 'a database failed';
	return new MigrError('migration', `${what}, so ${plural(rest, 'database was', 'databases were')} not started`, {
		hint: `fix it and run the command again to continue${phase === 'canary' ? '' : ', or use --keep-going to run the others'}`,
	});
}
