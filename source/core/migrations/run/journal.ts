import type {Schema} from '../../schema/schema.ts';
import type {BackupFile} from '../backup/backup-files.ts';
import type {ApplyEvent, EffectsEvent, TableEffect} from '../event.ts';
import type {AppliedMigration} from '../files/migration.ts';
import type {Finding} from '../finding.ts';
import type {PreparedMigration} from './prepared-run.ts';
import type {Executed} from './run-events.ts';
import type {RunPlan} from './run-plan.ts';

interface RanMigration extends Pick<PreparedMigration, 'name' | 'canUndo' | 'origin'> {
	readonly durationMs: number;
	readonly steps: number;
}

interface Facts {
	readonly backup: BackupFile | null;
	/** The latest plan. Null before there is one, and if there is nothing to do. */
	readonly plan: RunPlan | null;
	/** The running migration. */
	readonly current: string | null;
	/** The migrations applied in the file, as of the last commit. Undefined if they have not been read yet. */
	readonly applied: readonly AppliedMigration[] | undefined;
	/** The schema that the run left, if it was committed or there was nothing to do. Undefined before. */
	readonly schema: Schema | undefined;
	/** True after the first statement that may write. */
	readonly hasWritten: boolean;
	/** The effects on rows, if the run stopped because they need consent. */
	readonly refused: readonly TableEffect[] | undefined;
	/** True while a migration runs outside a transaction, so its changes cannot be rolled back. */
	readonly isOutside: boolean;
}

/** What a run has done so far, for its last event. Only its methods change it. */
export interface Journal extends Facts {
	/** Start time, from `performance.now()`. */
	readonly started: number;
	/** Migrations that have run, committed or not. */
	readonly ran: readonly RanMigration[];
	/** Names of the committed migrations. */
	readonly committed: readonly string[];
	/** Findings by migration and object. A later finding replaces an earlier one. */
	readonly found: ReadonlyMap<string, Finding>;
	readonly effects: readonly EffectsEvent[];
	/** Replaces these facts. */
	record(facts: Partial<Facts>): void;
	/** Records a migration that has run. */
	finish(migration: PreparedMigration, executed: Executed): void;
	/** Records that these migrations are committed, and that none is running. */
	commit(names: readonly string[]): void;
	/** Records the losses in an event, because the last event reports data that undo does not restore. */
	see(event: ApplyEvent): void;
}

/** Returns the journal of a run that starts now. */
export function startJournal(): Journal {
	const facts: Facts = {
		backup: null,
		plan: null,
		current: null,
		applied: undefined,
		schema: undefined,
		hasWritten: false,
		refused: undefined,
		isOutside: false,
	};
	const lists = {ran: [] as RanMigration[], committed: [] as string[], found: new Map<string, Finding>(), effects: [] as EffectsEvent[]};
	const journal: Journal = {
		started: performance.now(),
		...facts,
		...lists,
		record(changed) {
			Object.assign(journal, changed);
		},
		finish({name, canUndo, origin}, {durationMs, steps}) {
			lists.ran.push({name, durationMs, steps: steps.length, canUndo, origin});
		},
		commit(names) {
			lists.committed.push(...names);
			journal.record({current: null, isOutside: false});
		},
		see(event) {
			if (event.type === 'effects') lists.effects.push(event);
			if (event.type !== 'preflight') return;
			for (const finding of event.findings)
				lists.found.set(JSON.stringify([finding.migration, finding.kind, finding.table, finding.column]), finding);
		},
	};
	return journal;
}
