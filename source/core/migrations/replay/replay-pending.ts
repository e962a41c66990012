import {MigrError, restated} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import type {ProjectState} from '../history/state.ts';
import {replayExplained} from './changed-table.ts';
import type {MigrationRun, Replay, replay} from './replay.ts';

/**
 * A replay on the schema of a database. Where its history is empty and a name is taken, most likely the tables were made by other means: then the
 * error says how to adopt them.
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
		if (!(error instanceof MigrError) || error.hint !== undefined || state.applied.length > 0 || !tellsOfTakenName(error)) throw error;
		throw restated(error, {
			hint: `no migration is noted as applied here; where the tables are those that they make, lite-migr baseline ${runs.at(-1)?.name ?? '<name>'} notes them as applied`,
		});
	}
}

/** In the words of SQLite, and in those of operations. */
function tellsOfTakenName({message}: MigrError): boolean {
	return / already exists/.test(message) || / is taken by a/.test(message);
}
