import type {Schema} from '../schema/schema.ts';
import type {EngineFeatures} from './engine-features.ts';
import type {GuardTable} from './guard.ts';
import type {ScriptNames} from './names.ts';

/** The facts that the SQL of one step depends on, besides the step. */
export interface ScriptContext {
	readonly engine: EngineFeatures;
	/** The schema immediately before the step. */
	readonly schema: Schema;
	readonly names: ScriptNames;
	readonly guards: GuardTable;
}
