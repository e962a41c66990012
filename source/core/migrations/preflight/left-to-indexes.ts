import type {Hazard} from '../../operations/hazard.ts';
import type {Step} from '../../plan/step.ts';
import type {Database} from '../../sqlite/database.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import type {HazardOrigin} from '../replay/perform.ts';
import type {ReplayedMigration} from '../replay/replay.ts';

/*
 * How to read this file. Looking for duplicates sorts all values, and CREATE UNIQUE INDEX sorts them again. If a run consists of nothing that a failed
 * index would waste, and of nothing to consent to, the index finds the duplicates. The run is then rolled back, and the duplicates are reported in the
 * same way as before a run.
 */

/** The minimum number of rows for leaving duplicates to an index. A smaller table is read in a few milliseconds. */
const minRows = 100_000;

/** True if the only hazards of a run are duplicates under new unique indexes, and it copies no rows and runs no user statements or code. */
export function hasOnlyNewIndexes(migrations: readonly Pick<ReplayedMigration, 'placed' | 'steps'>[]): boolean {
	return migrations.every(
		({placed, steps}) =>
			placed.every(({hazard, origin}) => origin === null || isBuilt(hazard, steps)) &&
			steps.every(({kind, strategy}) => (kind === 'statements' || kind === 'editSchema') && strategy !== 'rewrite' && strategy !== 'drop'),
	);
}

/** True if the statement that makes a hazard fail can find it faster than a query. */
export function isLeftToIndex(db: Database, hazard: Hazard, {table}: HazardOrigin, steps: readonly Step[]): boolean {
	return isBuilt(hazard, steps) && countRows(db, table) >= minRows;
}

/**
 * True if a step builds the unique index of a hazard. Other steps may share its operation, because all changes of a table are planned together. A UNIQUE
 * or PRIMARY KEY constraint always copies rows.
 */
function isBuilt({kind, operation}: Hazard, steps: readonly Step[]): boolean {
	return kind === 'duplicate' && steps.some(({strategy, operations}) => strategy === 'index' && operations.includes(operation));
}
