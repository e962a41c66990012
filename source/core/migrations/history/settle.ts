import type {Database} from '../../sqlite/database.ts';
import type {MigrationFile} from '../files/list.ts';
import {readApplied, recordNames} from './history.ts';
import {renamedMigrations} from './renamed.ts';
import {absorbSquashes} from './squashed.ts';

/** Writes into the history what the state of a project already takes for granted: new names of files, then squashes. In the open transaction. */
export function settleHistory(db: Database, files: readonly MigrationFile[]): void {
	recordNames(db, renamedMigrations(files, readApplied(db)));
	absorbSquashes(db, files, readApplied(db));
}
