import {MigrError} from '../../errors.ts';
import {lossFindings} from '../effects/losses.ts';
import {isLoss} from '../effects/measured-table.ts';
import {emitted} from '../emitted.ts';
import type {ApplyEvent, NoticeEvent, TableEffect} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {newestName} from '../history/state.ts';
import type {ApplyOptions} from './apply-options.ts';
import {openTarget, type Target} from './apply-target.ts';
import {requireConsent} from './consent.ts';
import {doneEvent, failedEvent} from './end-events.ts';
import type {PreparedMigration, PreparedRun} from './prepare-run.ts';
import {prepareSteadily} from './prepare-steadily.ts';
import {runPrepared, settleNames} from './run-prepared.ts';
import type {RunProgress} from './run-progress.ts';

/**
 * Applies pending migrations, or undoes applied ones, and tells what it does. The last event is `done` or `failed`; after `failed` everything was
 * rolled back, but for migrations that say `transaction = false`. It throws nothing; a consumer that stops taking events rolls everything back.
 *
 * Of many runs started at once one applies: the others wait for the lock, read the state again under it, and find nothing to do.
 */
export async function* apply(options: ApplyOptions): AsyncGenerator<ApplyEvent, void, void> {
	const progress: RunProgress = {
		started: performance.now(),
		ran: [],
		committed: [],
		backup: null,
		current: null,
		at: undefined,
		hasWritten: false,
		refused: undefined,
		isOutside: false,
	};
	let target: Target | undefined;
	try {
		target = yield* emitted<NoticeEvent, Target>((emit) => openTarget(options, emit));
		progress.at = newestName(readApplied(target.db));
		yield* run(options, target, progress);
	} catch (error) {
		yield failedEvent(error, options, progress);
	} finally {
		target?.close();
	}
}

async function* run(options: ApplyOptions, target: Target, progress: RunProgress): AsyncGenerator<ApplyEvent, void, void> {
	let isFirst = true;
	for (let attempt = 1; ; attempt++) {
		const prepared: PreparedRun = yield* prepareSteadily(options, target);
		if (isFirst) {
			const migrations = prepared.files.map(({name}) => name);
			yield {type: 'start', database: options.database, direction: options.direction, migrations, dryRun: options.dryRun === true};
		}
		isFirst = false;
		if (prepared.files.length === 0) {
			for (const message of prepared.notices) yield {type: 'notice', message};
			if (prepared.state.renamed.length > 0 && options.dryRun !== true) yield* settleNames(options, target);
			break;
		}
		if (needsRehearsal(options, target, prepared)) yield* rehearse(options);
		// Somebody else was faster, or changes rows all the time: what was found out no longer holds. The third time it is found out under the lock.
		if ((yield* runPrepared(options, target, prepared, progress, attempt >= 3)) === 'done') break;
	}
	yield doneEvent(options, target.db, progress);
}

/** A migration outside of a transaction cannot be rolled back: what it loses must be known before it runs. */
function needsRehearsal({consent, dryRun}: ApplyOptions, {isNew}: Target, {migrations}: PreparedRun): boolean {
	const hasStatements = ({transaction, operations}: PreparedMigration) =>
		!transaction && operations.some(({kind}) => kind === 'execute' || kind === 'run');
	return consent !== true && dryRun !== true && !isNew && migrations.some(hasStatements);
}

/** Runs everything on a private copy, and stops if something is lost there without consent. Only notices are passed on. */
async function* rehearse(options: ApplyOptions): AsyncGenerator<ApplyEvent, void, void> {
	yield {type: 'notice', message: 'trying it on a copy first: a migration outside of a transaction cannot be rolled back'};
	const lost: {readonly migration: string; readonly effect: TableEffect}[] = [];
	for await (const event of apply({...options, dryRun: true, consent: true})) {
		if (event.type === 'effects') {
			lost.push(...event.tables.filter(isLoss).map((effect) => ({migration: event.migration, effect})));
		}
		if (event.type === 'failed') {
			const {code, message, details, location, hint} = event;
			throw new MigrError(code, message, {details, ...(location === null ? {} : {location}), ...(hint === null ? {} : {hint})});
		}
	}
	await requireConsent(options, lossFindings(lost));
}
