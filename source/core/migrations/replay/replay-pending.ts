import {MigrError, restated} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import type {ProjectState} from '../history/state.ts';
import {replayExplained} from './changed-table.ts';
import type {MigrationRun, Replay, replay} from './replay.ts';

/**
 * Replays migrations on the schema of a database. If its history is empty and a name already exists, the tables were most likely created outside
 * lite-migr, so the error says how to adopt them.
 *
 * @throws MigrError as `replay` does
 */
export async function replayPending(
	present: Schema,
	runs: readonly MigrationRun[],
	state: ProjectState,
	options: Parameters<typeof replay>[2] = {},
): Promise<Replay> {
	try {
		return await replayExplained(present, runs, state, options);
	} catch (error) {
		if (!(error instanceof MigrError) || error.hint !== undefined || state.applied.length > 0 || !isNameTaken(error)) throw error;
		throw restated(error, {
			hint: `if the tables match the migrations, run lite-migr baseline ${runs.at(-1)?.name ?? '<name>'} to mark them as applied: the history of this database is empty`,
		});
	}
}

/** True for the messages of SQLite and of operations about a name that already exists. */
function isNameTaken({message}: MigrError): boolean {
	return / already exists/.test(message) || / is taken by a/.test(message);
}
