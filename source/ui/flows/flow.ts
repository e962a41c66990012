import type {Services} from '../services.ts';
import type {Stage} from '../stage/stage.ts';

/** What every flow works with. */
export interface Flow {
	readonly stage: Stage;
	readonly services: Services;
	readonly version: string;
	/** Sample values stay hidden until they are asked for. */
	readonly hidesSamples: boolean;
	/** Opens a file in the user's editor; rejects where that cannot be done. */
	readonly edit: (path: string) => Promise<void>;
}

/** How a flow ended, for the exit code of the command that it is. */
export type Ending = 'done' | 'stopped' | 'failed' | 'cancelled';
