import type {Config} from '../../core/config/config.ts';
import {noDecisions} from '../../core/diff/question.ts';
import {draftOf, type ProjectDraft} from '../../core/migrations/draft/project-draft.ts';
import {findDrift} from '../../core/migrations/drift/drift.ts';
import {driftText} from '../../core/migrations/drift/drift-text.ts';
import {projectMigrations} from '../../core/migrations/files/source.ts';
import {projectState} from '../../core/migrations/history/state.ts';
import {pendingLosses} from '../../core/migrations/preflight/pending-losses.ts';
import {baseSchema} from '../../core/migrations/replay/comparison-base.ts';
import {orderProblem} from '../../core/migrations/replay/order.ts';
import {changeCount} from '../../core/plan/preview-text.ts';
import type {Database} from '../../core/sqlite/database.ts';
import type {Assessment, ModelsState} from '../services.ts';
import {problemData} from './problem-data.ts';

/** Assesses the project. Never fails: errors are part of the result. */
export async function assess(config: Config, db: Database | undefined, cwd: string): Promise<Assessment> {
	try {
		return await assessed(config, db, cwd);
	} catch (error) {
		return {drift: [], destructive: [], models: {kind: 'failed', problem: problemData(error, cwd)}};
	}
}

async function assessed(config: Config, db: Database | undefined, cwd: string): Promise<Assessment> {
	const state = projectState(projectMigrations(config), db);
	const drift = db === undefined ? undefined : await findDrift(db, state, {ignore: config.ignore});
	const drifted = [...(drift?.differences.map(driftText) ?? []), ...(drift?.unknown === undefined ? [] : [drift.unknown])];
	try {
		const base = await baseSchema({db, migrations: state.source});
		const conflict = await orderProblem(state);
		if (conflict !== undefined) throw conflict;
		const destructive = [...pendingLosses(base, db)];
		return {drift: drifted, destructive, models: await modelsState(() => draftOf(config, db, noDecisions, base), cwd)};
	} catch (error) {
		return {drift: drifted, destructive: [], models: {kind: 'failed', problem: problemData(error, cwd), isPending: true}};
	}
}

async function modelsState(draft: () => Promise<ProjectDraft>, cwd: string): Promise<ModelsState> {
	try {
		const {draft: found} = await draft();
		const changes = changeCount(found.preview);
		return changes + found.questions.length === 0 ? {kind: 'same'} : {kind: 'ahead', changes, questions: found.questions.length};
	} catch (error) {
		return {kind: 'failed', problem: problemData(error, cwd)};
	}
}
