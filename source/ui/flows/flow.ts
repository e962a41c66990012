import type {Session} from '../page/session.ts';
import type {Services} from '../services.ts';
import type {Stage} from '../stage/stage.ts';
import type {AnsweredQuestion} from './answers.ts';

/** The context of every flow. */
export interface Flow {
	readonly stage: Stage;
	readonly services: Services;
	readonly version: string;
	/** True if sample values are hidden until the user shows them. */
	readonly hidesSamples: boolean;
	/** The answers of a migration that was not written, so the user can continue later. */
	readonly answers: {kept: readonly AnsweredQuestion[]};
	readonly session: Session;
	/** Opens a file in the user's editor. Rejects if that fails. */
	readonly edit: (path: string) => Promise<void>;
}

/** How a flow ended. Determines the exit code of its command. */
export type Ending =
	| 'done'
	| 'failed'
	/** The user has left a question, a preview or a confirmation, or has stopped the run. */
	| 'cancelled'
	/** The user has confirmed a change that was no longer possible. Nothing was written. */
	| 'refused';
