import type {BackupFile} from '../backup/backup-files.ts';
import type {ApplyEvent, EffectsEvent, TableEffect} from '../event.ts';
import type {Finding} from '../finding.ts';
import type {LoadedRun} from './load-selected.ts';
import type {RunPlan} from './run-plan.ts';

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
	/** The plan that was made last; null before there is one, and if there is nothing to do. */
	plan: RunPlan | null;
	/** What was found in the rows, by migration and object: what is found once more replaces the first. */
	readonly found: Map<string, Finding>;
	readonly effects: EffectsEvent[];
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

export function startProgress(): RunProgress {
	return {
		started: performance.now(),
		ran: [],
		committed: [],
		backup: null,
		plan: null,
		found: new Map(),
		effects: [],
		current: null,
		at: undefined,
		hasWritten: false,
		refused: undefined,
		isOutside: false,
	};
}

/** Keeps what the events of a run report about lost rows: its last event says what undo does not restore. */
export function keepLosses({found, effects}: RunProgress, event: ApplyEvent): void {
	if (event.type === 'effects') effects.push(event);
	if (event.type !== 'preflight') return;
	for (const finding of event.findings) found.set(JSON.stringify([finding.migration, finding.kind, finding.table, finding.column]), finding);
}
