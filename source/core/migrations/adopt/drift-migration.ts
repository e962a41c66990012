import type {Decisions} from '../../diff/question.ts';
import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import {type Draft, draftMigration} from '../draft/draft.ts';
import {requireUsed, type StatedAnswers} from '../draft/unused-decisions.ts';
import {findDrift} from '../drift/drift.ts';
import {builtUponHint} from '../drift/drift-text.ts';
import {managedSchema} from '../history/managed-schema.ts';
import type {ProjectState} from '../history/state.ts';
import {replay} from '../replay/replay.ts';
import {requireSameSchema} from '../replay/require-same-schema.ts';

export interface DriftMigration extends Draft {
	/** The schema that the applied migrations build. In other databases, the new migration runs on this schema. */
	readonly from: Schema;
}

/**
 * Drafts a migration for the changes made outside lite-migr, and verifies it by a replay. It asks about possible renames and about values for new
 * columns in other databases, but not about dropped objects.
 *
 * @throws MigrError `history` if nothing differs, if the changes cannot be determined, or if the history must be fixed first
 */
export async function driftMigration(
	db: Database,
	state: ProjectState,
	{
		ignore,
		decisions,
		answers,
		name,
		migrationsDir,
	}: {
		answers: StatedAnswers | undefined;
		ignore: readonly string[];
		decisions: Decisions;
		name: string;
		migrationsDir: string;
	},
): Promise<DriftMigration> {
	requireClearHistory(state);
	const {differences, expected, actual, unknown} = await findDrift(db, state, {ignore});
	if (expected === undefined) {
		throw new MigrError('history', `changes made outside lite-migr cannot be determined: ${unknown ?? ''}`, {
			hint: builtUponHint,
		});
	}
	if (differences.length === 0) {
		throw new MigrError('history', 'the database matches its migrations, so there is nothing to adopt', {
			hint: 'to write a migration for changes to the models, run lite-migr create <name>',
		});
	}
	const found = draftMigration({from: expected, models: actual, decisions: {...decisions, allowDrops: true}});
	const hasOpenQuestions = found.questions.length > 0;
	requireUsed({from: expected, models: actual, decisions, unused: found.unused, answers, hasOpenQuestions});
	if (!hasOpenQuestions) {
		const {schema: made} = await replay(expected, [{name, path: migrationsDir, operations: found.operations}]);
		requireSameSchema(managedSchema(made, ignore), actual, 'changes made outside lite-migr cannot be written as a migration');
	}
	return {...found, from: expected};
}

/** Rejects a history with pending, edited or missing migrations. The new migration comes last and counts as applied, so all others must be applied. */
function requireClearHistory({pending, edited, missing}: ProjectState): void {
	if (missing.length > 0) {
		throw new MigrError(
			'history',
			`${plural(missing.length, 'applied migration has', 'applied migrations have')} no file: ${missing.map(clean).join(', ')}`,
			{
				hint: 'restore the files first, from git or from the branch that contains them',
			},
		);
	}
	if (edited.length > 0) {
		throw new MigrError(
			'history',
			`${plural(edited.length, 'migration was edited after it was applied', 'migrations were edited after they were applied')}: ${edited.map(clean).join(', ')}`,
			{
				hint: 'restore the original files first, for example from git',
			},
		);
	}
	if (pending.length > 0) {
		throw new MigrError(
			'history',
			`${plural(pending.length, 'migration is', 'migrations are')} pending: ${pending.map(({file}) => clean(file.name)).join(', ')}`,
			{
				hint: 'run lite-migr upgrade first, or pass the name of one of them to mark it as applied',
			},
		);
	}
}
