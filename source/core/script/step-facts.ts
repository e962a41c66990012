import type {Step} from '../plan/step.ts';
import type {Schema} from '../schema/schema.ts';

/** A step of a plan with the facts that its SQL depends on, observed when the plan was replayed. */
export interface ScriptStep {
	readonly step: Step;
	/** The schema immediately before the step. */
	readonly schema: Schema;
	/** The rows that the statement of an `execute` step writes with foreign keys off. Absent for other steps. */
	readonly writes?: StatementWrites | undefined;
}

/** The rows that a statement of a migration may write with foreign keys off, including its triggers. */
export interface StatementWrites {
	/** Names of tables, in lower case. */
	readonly tables: ReadonlySet<string>;
	/** True if it only adds rows, so no foreign key action can follow. */
	readonly isAppend: boolean;
	/** True if triggers run. */
	readonly hasPrograms: boolean;
	/** True if a conflict clause may replace rows. */
	readonly mayReplace: boolean;
}
