import {existsSync} from 'node:fs';
import {basename} from 'node:path';
import {MigrError} from '../../errors.ts';
import type {Database} from '../../sqlite/database.ts';
import {fileFailure, knownFailure, sqliteCode} from '../../sqlite/failure.ts';
import {clean} from '../../text/clean.ts';
import {thrownText} from '../../text/thrown.ts';
import type {DoneEvent, FailedEvent} from '../event.ts';
import {readApplied} from '../history/history.ts';
import {newestName} from '../history/state.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {RunProgress} from './run-progress.ts';
import {nothingToUndo, undoOf} from './undo.ts';

/** Returns the last event of a run that succeeded. */
export function doneEvent(options: ApplyOptions, db: Database, progress: RunProgress): DoneEvent {
	const {direction, database, dryRun = false} = options;
	const applied = readApplied(db);
	const undo =
		dryRun || progress.ran.length === 0
			? nothingToUndo
			: undoOf(
					options,
					applied.map(({name}) => name),
					progress,
				);
	return {
		type: 'done',
		direction,
		database,
		applied: progress.ran.map(({name, durationMs, steps}) => ({name, durationMs, steps})),
		currentMigration: newestName(applied),
		backup: progress.backup?.path ?? null,
		plan: progress.ran.length === 0 ? null : (progress.plan?.id() ?? null),
		...undo,
		durationMs: Math.round(performance.now() - progress.started),
		dryRun,
	};
}

/** Returns the last event of a run that failed. An unknown error is reported as a bug in lite-migr. */
export function failedEvent(error: unknown, options: ApplyOptions, progress: RunProgress): FailedEvent {
	const problem = asProblem(error, options.database);
	return {
		type: 'failed',
		code: problem.code,
		message: problem.message,
		hint: problem.hint ?? null,
		location: problem.location ?? null,
		details: problem.details,
		migration: progress.current,
		state: stateAfter(options, progress),
		committed: options.dryRun === true ? [] : progress.committed,
		backup: progress.backup?.path ?? null,
		plan: progress.plan?.id() ?? null,
		...(progress.refused === undefined ? {} : {tables: progress.refused}),
	};
}

function asProblem(error: unknown, database: string): MigrError {
	if (error instanceof MigrError) return error;
	// A dry run works on a copy, so the message must name the original.
	const known = fileFailure(error, database) ?? knownFailure(error);
	if (known !== undefined) return known;
	const message = thrownText(error);
	if (sqliteCode(error) !== undefined) return new MigrError('database', clean(message), {cause: error});
	return new MigrError('database', `internal error: ${clean(message)}`, {
		details:
			error instanceof Error
				? (error.stack ?? '')
						.split('\n')
						.slice(1, 4)
						.map((line) => line.trim())
				: [],
		hint: 'please report this bug in lite-migr with the lines above',
		cause: error,
	});
}

function stateAfter({database, dryRun}: ApplyOptions, {at, committed, current, hasWritten, isOutside}: RunProgress): string {
	const name = basename(database);
	if (dryRun === true) return `a dry run: ${name} is untouched`;
	if (at === undefined) return `nothing was written: ${name} ${existsSync(database) ? 'is unchanged' : 'does not exist'}`;
	const place = `${name} ${at === null ? 'has no migrations applied' : `is ${hasWritten && committed.length === 0 ? 'still ' : ''}at ${at}`}`;
	if (isOutside) return `${current} runs outside a transaction, so its changes so far remain: ${place}`;
	if (!hasWritten) return `nothing was written: ${place}`;
	if (committed.length === 0) return `everything was rolled back: ${place}`;
	return `${place}: ${committed.join(', ')} ${committed.length === 1 ? 'was' : 'were'} committed before${current === null ? '' : `, ${current} was rolled back`}`;
}
