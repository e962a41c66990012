import type {ApplyEvent, DoneEvent, FailedEvent} from '../event.ts';
import type {MigrationSource} from '../files/source.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {Target} from './apply-target.ts';
import type {Journal} from './journal.ts';
import type {SharedPlans} from './shared-plans.ts';

/**
 * One run, from its first to its last event. How to read this folder: `apply.ts` opens the run and repeats the attempt if the database changes in
 * between. An attempt is `prepareRun` (which migrations, and their steps), `examine` (the affected rows) and `runPrepared` (the lock, and one group
 * of migrations after the other, in `run-together.ts` or `run-alone.ts`).
 */
export interface Run {
	readonly options: ApplyOptions;
	/** True to plan only plain statements that other programs can run. */
	readonly portable: boolean;
	/** The files of the run. Read once per attempt. */
	readonly migrations: MigrationSource;
	/** The files and plans so far, possibly from runs on other databases. */
	readonly plans: SharedPlans;
	readonly target: Target;
	/** Size of the database before the run. */
	readonly bytes: number;
	readonly journal: Journal;
	/** Tries this run on a private copy, which is removed afterwards. Nothing is written to the database. */
	rehearse(changed?: Partial<ApplyOptions>): Promise<Rehearsal>;
}

/** The result of a run on a private copy. */
export interface Rehearsal {
	/** A hash of everything known before it ran. Null if it failed earlier. */
	readonly base: string | null;
	/** The id of the plan. Null if the run failed before it was known. */
	readonly plan: string | null;
	/** Digests of what its statements did to rows, as in the plan. */
	readonly measured: readonly string[];
	/** All events except progress. */
	readonly events: readonly ApplyEvent[];
	readonly end: DoneEvent | FailedEvent;
}
