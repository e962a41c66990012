import type {BackupFile} from '../backup/backup-files.ts';
import type {ApplyEvent, EffectsEvent, TableEffect} from '../event.ts';
import type {Finding} from '../finding.ts';
import type {PreparedMigration} from './prepare-run.ts';
import type {Executed} from './run-events.ts';
import type {RunPlan} from './run-plan.ts';

/** A migration that has run, committed or not. */
export interface RanMigration extends Pick<PreparedMigration, 'name' | 'canUndo' | 'origin'>, Pick<Executed, 'durationMs'> {
	/** The number of its steps. */
	readonly steps: number;
}

interface Entries {
	/** Start time, from `performance.now()`. */
	readonly started: number;
	/** Migrations that have run, committed or not. */
	readonly ran: RanMigration[];
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

/** What a run has done so far, for its last event. Only the methods change it. */
export interface Journal extends Readonly<Entries> {
	/** Records the newest applied migration. */
	reach(name: string | null): void;
	/** Records the plan, or that there is nothing to do. */
	plans(plan: RunPlan | null): void;
	/** Records the backup, or that it was removed. */
	backsUp(backup: BackupFile | null): void;
	/** Records that a migration starts. */
	start(name: string): void;
	/** Records that statements may write from now on. */
	write(outside?: 'outside'): void;
	/** Records that a migration has run. */
	finish(migration: PreparedMigration, executed: Executed): void;
	/** Records that migrations are committed. */
	commit(names: readonly string[]): void;
	/** Records the effects that need consent. Undefined after consent. */
	refuse(effects: readonly TableEffect[] | undefined): void;
	/** Records the losses in an event, because the last event reports data that undo does not restore. */
	see(event: ApplyEvent): void;
}

/** Returns the journal of a run that starts now. */
export function startJournal(): Journal {
	const entries: Entries = {
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
	return Object.assign(entries, {
		reach(name) {
			entries.at = name;
		},
		plans(plan) {
			entries.plan = plan;
		},
		backsUp(backup) {
			entries.backup = backup;
		},
		start(name) {
			entries.current = name;
		},
		write(outside) {
			entries.hasWritten = true;
			entries.isOutside = outside === 'outside';
		},
		finish({name, canUndo, origin}, {durationMs, steps}) {
			entries.ran.push({name, durationMs, steps: steps.length, canUndo, origin});
		},
		commit(names) {
			entries.committed.push(...names);
			entries.current = null;
			entries.isOutside = false;
		},
		refuse(effects) {
			entries.refused = effects;
		},
		see(event) {
			if (event.type === 'effects') entries.effects.push(event);
			if (event.type !== 'preflight') return;
			for (const finding of event.findings)
				entries.found.set(JSON.stringify([finding.migration, finding.kind, finding.table, finding.column]), finding);
		},
	} satisfies Omit<Journal, keyof Entries>);
}
