import type {Database} from '../../sqlite/database.ts';
import type {AppliedMigration} from '../files/migration.ts';
import type {MigrationSource} from '../files/source.ts';
import {readApplied, recordNames} from './history.ts';
import {renamedMigrations} from './renamed.ts';
import {absorbSquashes} from './squashed.ts';

/**
 * Updates the history to match the project state, in the open transaction: first the new names of renamed files, then squashes.
 *
 * @param known the history, if it was read before and nothing has been written since
 */
export function settleHistory(db: Database, source: MigrationSource, known?: readonly AppliedMigration[]): void {
	// wrangler's table has no checksums, so no renamed file is recognized, and no squashes.
	if (source.wranglerTable !== undefined) return;
	const files = source.list();
	const applied = known ?? readApplied(db);
	const renamed = renamedMigrations(files, applied);
	recordNames(db, renamed);
	absorbSquashes(db, files, renamed.length === 0 ? applied : readApplied(db));
}
