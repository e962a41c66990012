import {existsSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {MigrError} from '../../errors.ts';
import {clean} from '../../text/clean.ts';
import {bytes, plural} from '../../text/numbers.ts';
import {emitted} from '../emitted.ts';
import {readPlanId} from '../plan-id.ts';
import {runCommand} from '../run/apply-options.ts';
import {freeBytes} from '../run/disk-space.ts';
import type {FileEvent, FleetEvent, FleetOptions, FleetPlanEvent, FleetProgress, FleetTarget, Look, RunOutcome} from './fleet.ts';
import {type Lane, ownLane, threadLane} from './lanes.ts';
import {countsOf, type FleetFile, failureOfFile, fleetPlanId, lossesOf, pendingGroups, pendingOf} from './report.ts';
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

/** The backups that go to one disk. */
interface DiskBackups {
	readonly folder: string;
	readonly count: number;
	readonly size: number;
	readonly free: number | null;
}

function backupsOf(files: readonly FleetFile[]): readonly DiskBackups[] {
	const takers = pendingOf(files).filter(({look}) => look.backupBytes > 0);
	const byFolder = Map.groupBy(takers, ({target}) => existingFolder(target.backupDir));
	const byDisk = Map.groupBy(byFolder, ([folder]) => statSync(folder).dev);
	return [...byDisk.values()].map((folders) => {
		const [[folder = '.'] = []] = folders;
		const all = folders.flatMap(([, group]) => group);
		const size = all.reduce((sum, {look}) => sum + look.backupBytes, 0);
		return {folder, count: all.length, size, free: freeBytes(join(folder, 'x'))};
	});
}

/** Returns the folder, or its nearest parent that exists. */
function existingFolder(folder: string): string {
	return existsSync(folder) || dirname(folder) === folder ? folder : existingFolder(dirname(folder));
}

/** @throws MigrError `files` if the backups do not fit on the disk */
function requireSpace(files: readonly FleetFile[]): void {
	for (const {folder, count, size, free} of backupsOf(files)) {
		if (free === null || size <= free) continue;
		throw new MigrError('files', `the backups of ${plural(count, 'database')} need ${bytes(size)}, but only ${bytes(free)} are free in ${folder}`, {
			hint: 'free disk space, or change backup_dir in migrate.toml; to run without backups, use --no-backup',
		});
	}
}

/** @throws MigrError with the code of the first failure, if a database would fail */
function requireNoFailure({keepGoing = false, settings: {dryRun}}: FleetOptions, files: readonly FleetFile[]): void {
	const failures = files.flatMap((file) => failureOfFile(file) ?? []);
	const [first] = failures;
	const others = files.length - failures.length;
	if (first === undefined || keepGoing || dryRun === true || others === 0) return;
	throw new MigrError(first.code, `${plural(failures.length, 'database')} cannot be changed, so nothing was written`, {
		hint: `fix ${failures.length === 1 ? 'it' : 'them'}, or use --keep-going to run the others`,
	});
}

/**
 * Requires `--to` for a downgrade of databases that are at different migrations, for example after one that was interrupted: those that it has changed
 * would undo one more. A plan names what each database undoes.
 *
 * @throws MigrError `answerNeeded` if the databases would undo different migrations, or if that is unknown for some of them
 */
function requireSameTarget({settings, plan}: FleetOptions, files: readonly FleetFile[]): void {
	const {direction, dryRun} = settings;
	if (direction !== 'downgrade' || settings.to !== undefined || plan !== undefined || dryRun === true) return;
	const undoing = pendingGroups(files).filter(({migrations}) => migrations.length > 0);
	const later = files.filter(({look}) => look?.kind === 'later').length;
	const failed = undoing.length === 0 ? 0 : failedElsewhere(files);
	if (undoing.length + later + failed <= 1) return;
	throw new MigrError('answerNeeded', 'the databases would undo different migrations, so nothing was written', {
		details: [
			...undoing.map(({count, migrations}) => `${plural(count, 'database')} would undo ${migrations.map(clean).join(', ')}`),
			...(later === 0 ? [] : [`${plural(later, 'database is', 'databases are')} locked or on a server, and would undo an unknown migration`]),
			...(failed === 0 ? [] : [`${plural(failed, 'database', 'databases')} that cannot be changed may be at another migration`]),
		],
		hint: [
			`name the migration to go back to: run ${runCommand({direction})} --to NAME`,
			`to undo what is listed here, run ${runCommand(settings)} --dry-run, then ${runCommand(settings)} --plan ID`,
		].join('\n'),
	});
}

/** Counts the databases that cannot be changed and are not known to be at the same migration as one that can. */
function failedElsewhere(files: readonly FleetFile[]): number {
	const current = new Set(pendingOf(files).map(({look}) => look.state.at));
	return files.filter(({look}) => look?.kind === 'failed' && (look.state === null || !current.has(look.state.at))).length;
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

/** @throws MigrError `answerNeeded` if something would be lost without consent, or if the plan has changed */
function requireConsent({settings, plan}: FleetOptions, files: readonly FleetFile[], id: string | null): void {
	const command = runCommand(settings);
	if (plan !== undefined && readPlanId(plan) !== id) {
		throw new MigrError('answerNeeded', `the databases or their migrations changed since you looked: ${plan} is no longer the plan`, {
			details: [id === null ? 'there is nothing to do now' : `the plan is ${id} now`],
			hint: [`to see the new plan, run ${command} --dry-run`, ...(id === null ? [] : [`to run it, run ${command} --plan ${id}`])].join('\n'),
		});
	}
	const losses = lossesOf(files);
	if (losses.length === 0 || settings.consent || settings.dryRun === true || plan !== undefined) return;
	throw new MigrError(
		'answerNeeded',
		`this ${settings.direction} would lose or change data in ${plural(losses.length, 'database')} and needs confirmation`,
		{
			hint: [
				...(id === null ? [] : [`to confirm exactly this plan, run ${command} --plan ${id}`]),
				`to confirm${id === null ? '' : ' any losses found when it runs'}, run ${command} --yes`,
				`to try it on copies first, run ${command} --dry-run`,
			].join('\n'),
		},
	);
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
