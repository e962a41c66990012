import type {BackupFile} from '../backup/backup-files.ts';
import type {TableEffect} from '../event.ts';
import type {LoadedRun} from './load-selected.ts';

/** What a run has done so far, for its last event. */
export interface RunProgress {
	/** By the clock of `performance.now()`. */
	readonly started: number;
	/** Migrations that have run, committed or not. */
	readonly ran: {
		readonly name: string;
		readonly durationMs: number;
		readonly steps: number;
		readonly canUndo: boolean;
		readonly origin: LoadedRun['origin'];
	}[];
	/** Names of those that are committed. */
	readonly committed: string[];
	backup: BackupFile | null;
	/** The migration that is running. */
	current: string | null;
	/** The newest applied migration as it is in the file; null where there is none, undefined while it was not read. */
	at: string | null | undefined;
	/** True from the first statement that may write on. */
	hasWritten: boolean;
	/** What the run did to rows that was not consented to, if it stopped for that. */
	refused: readonly TableEffect[] | undefined;
	/** True while a migration runs outside a transaction: what it has done stays. */
	isOutside: boolean;
}
