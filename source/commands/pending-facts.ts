import type {Config} from '../core/config/config.ts';
import {noDecisions} from '../core/diff/question.ts';
import {MigrError} from '../core/errors.ts';
import {draftOf} from '../core/migrations/draft/project-draft.ts';
import type {ComparisonBase} from '../core/migrations/replay/comparison-base.ts';
import {changeList} from '../core/plan/preview-text.ts';
import type {Database} from '../core/sqlite/database.ts';
import type {StatusJson} from './json.ts';
import {problemJson} from './text/error-text.ts';

export {pendingLosses} from '../core/migrations/preflight/pending-losses.ts';
export {baseSchema} from '../core/migrations/replay/comparison-base.ts';
export {orderProblem} from '../core/migrations/replay/order.ts';

export type ModelFacts = Pick<StatusJson, 'ahead' | 'questions' | 'modelsError'>;

/** Compares the models with the database. Errors in the models are returned, because the state of the database can still be reported. */
export async function modelFacts(config: Config, db: Database | undefined, base: ComparisonBase): Promise<ModelFacts> {
	try {
		const {draft} = await draftOf(config, db, noDecisions, base);
		return {ahead: changeList(draft.preview), questions: draft.questions.length};
	} catch (error) {
		if (!(error instanceof MigrError) || (error.code !== 'model' && error.code !== 'config')) throw error;
		return {ahead: [], questions: 0, modelsError: problemJson(error)};
	}
}
