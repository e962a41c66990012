import type {BackupFile} from '../backup/backup-files.ts';
import type {ApplyEvent, EffectsEvent, TableEffect} from '../event.ts';
import type {Finding} from '../finding.ts';
import type {LoadedRun} from './load-selected.ts';
import type {RunPlan} from './run-plan.ts';

/** The progress of a run so far, for its last event. */
export interface RunProgress {
	/** Start time, from `performance.now()`. */
	readonly started: number;
	/** Migrations that have run, committed or not. */
	readonly ran: {
		readonly name: string;
		readonly durationMs: number;
		readonly steps: number;
		readonly canUndo: boolean;
		readonly origin: LoadedRun['origin'];
	}[];
	/** Names of the committed migrations. */
	readonly committed: string[];
	backup: BackupFile | null;
	/** The latest plan. Null before there is one, and if there is nothing to do. */
	plan: RunPlan | null;
	/** Findings by migration and object. A later finding replaces an earlier one. */
	readonly found: Map<string, Finding>;
	readonly effects: EffectsEvent[];
	/** The running migration. */
	current: string | null;
	/** The newest migration applied in the file. Null if there is none, undefined if it has not been read yet. */
	at: string | null | undefined;
	/** True after the first statement that may write. */
	hasWritten: boolean;
	/** The effects on rows, if the run stopped because they need consent. */
	refused: readonly TableEffect[] | undefined;
	/** True while a migration runs outside a transaction, so its changes cannot be rolled back. */
	isOutside: boolean;
}

/** Returns the progress of a run that starts now. */
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

/** Records the losses in the events of a run, because its last event reports data that undo does not restore. */
export function keepLosses({found, effects}: RunProgress, event: ApplyEvent): void {
	if (event.type === 'effects') effects.push(event);
	if (event.type !== 'preflight') return;
	for (const finding of event.findings) found.set(JSON.stringify([finding.migration, finding.kind, finding.table, finding.column]), finding);
}
