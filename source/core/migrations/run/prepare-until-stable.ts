import {emitted} from '../emitted.ts';
import type {NoticeEvent} from '../event.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import {versionOf} from './database-version.ts';
import {type PreparedRun, prepareRun} from './prepare-run.ts';
import {waitForRunAlone} from './run-alone.ts';
import {lockOptions} from './waiting.ts';

const attempts = 3;

/**
 * Like `prepareRun`, but retries if another process changes the database at the same time. While another run works outside a transaction, the schema
 * does not fit the history, so this waits until that run has finished. Also retries after a commit of another process.
 */
export async function* prepareUntilStable(options: ApplyOptions, target: Target): AsyncGenerator<NoticeEvent, PreparedRun, void> {
	for (let attempt = 1; ; attempt++) {
		const before = versionOf(target.db).data;
		try {
			return await prepareRun(options, target);
		} catch (error) {
			if (attempt === attempts) throw error;
			const hasWaited = yield* emitted<NoticeEvent, boolean>((emit) => waitForRunAlone(target.path, lockOptions(options, emit)));
			if (!hasWaited && versionOf(target.db).data === before) throw error;
		}
	}
}
