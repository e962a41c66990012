import {emitted} from '../emitted.ts';
import type {ApplyEvent, NoticeEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {newestName} from '../history/state.ts';
import type {ApplyOptions} from './apply-options.ts';
import {openTarget, type Target} from './apply-target.ts';
import {doneEvent, failedEvent} from './end-events.ts';
import type {PreparedRun} from './prepare-run.ts';
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
		// Somebody else was faster, or changes rows all the time: what was found out no longer holds. The third time it is found out under the lock.
		if ((yield* runPrepared(options, target, prepared, progress, attempt >= 3)) === 'done') break;
	}
	yield doneEvent(options, target.db, progress);
}
