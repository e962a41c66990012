import type {Decisions} from '../../diff/question.ts';
import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import {type Draft, draftMigration} from '../draft/draft.ts';
import {requireUsed, type StatedAnswers} from '../draft/unused-decisions.ts';
import {findDrift} from '../drift/drift.ts';
import {managedSchema} from '../history/managed-schema.ts';
import type {ProjectState} from '../history/state.ts';
import {replay} from '../replay/replay.ts';
import {requireSameSchema} from '../replay/require-same-schema.ts';

export interface DriftMigration extends Draft {
	/** What the applied migrations make: the schema that the new one meets everywhere else. */
	readonly from: Schema;
}

/** What to do about migrations that presume what none of them makes. */
export const builtUponHint =
	'take them back with lite-migr downgrade and remove their files: once none is applied, lite-migr baseline <name> adopts what they built upon';

/**
 * The migration that takes what was changed by other means into the history, proven by a replay. What is gone from the database is no question; what
 * may have been renamed, and what fills a new column elsewhere, is.
 *
 * @throws MigrError `history` where nothing differs, where it cannot be known, or where something must be mended first
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
	const {differences, expected, actual, unknown} = await findDrift(db, state, ignore);
	if (expected === undefined) {
		throw new MigrError('history', `what was changed by other means cannot be told: ${unknown ?? ''}`, {
			hint: builtUponHint,
		});
	}
	if (differences.length === 0) {
		throw new MigrError('history', 'the database holds nothing that its migrations did not make, so there is nothing to adopt', {
			hint: 'lite-migr create <name> writes what the models say otherwise',
		});
	}
	const found = draftMigration({from: expected, models: actual, decisions: {...decisions, allowDrops: true}});
	const hasOpenQuestions = found.questions.length > 0;
	requireUsed({from: expected, models: actual, decisions, unused: found.unused, answers, hasOpenQuestions});
	if (!hasOpenQuestions) {
		const {schema: made} = await replay(expected, [{name, path: migrationsDir, operations: found.operations}]);
		requireSameSchema(managedSchema(made, ignore), actual, 'what was changed by other means cannot be written as a migration');
	}
	return {...found, from: expected};
}

/** The new migration stands behind all others, and counts as applied: so must they. */
function requireClearHistory({pending, edited, missing}: ProjectState): void {
	if (missing.length > 0) {
		throw new MigrError(
			'history',
			`${plural(missing.length, 'applied migration has', 'applied migrations have')} no file: ${missing.map(clean).join(', ')}`,
			{
				hint: 'bring the files back first, from git or from the branch that they came from',
			},
		);
	}
	if (edited.length > 0) {
		throw new MigrError(
			'history',
			`${plural(edited.length, 'applied migration was', 'applied migrations were')} edited since: ${edited.map(clean).join(', ')}`,
			{
				hint: 'put the files back as they were first',
			},
		);
	}
	if (pending.length > 0) {
		throw new MigrError(
			'history',
			`${plural(pending.length, 'migration is', 'migrations are')} pending: ${pending.map(({file}) => clean(file.name)).join(', ')}`,
			{
				hint: 'run lite-migr upgrade first, or name one of them to note it as applied',
			},
		);
	}
}
