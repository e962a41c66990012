import type {Database} from '../../sqlite/database.ts';
import type {MigrationFile} from '../files/list.ts';
import {readApplied, recordNames} from './history.ts';
import {renamedMigrations} from './renamed.ts';
import {absorbSquashes} from './squashed.ts';

/** Updates the history to match the project state, in the open transaction: first the new names of renamed files, then squashes. */
export function settleHistory(db: Database, files: readonly MigrationFile[]): void {
	recordNames(db, renamedMigrations(files, readApplied(db)));
	absorbSquashes(db, files, readApplied(db));
}
