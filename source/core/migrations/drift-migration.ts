import type {Decision} from '../diff/answers.ts';
import type {Decisions} from '../diff/question.ts';
import {MigrError} from '../errors.ts';
import type {Schema} from '../schema/schema.ts';
import type {Database} from '../sqlite/database.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/numbers.ts';
import {type Draft, draftMigration} from './draft.ts';
import {findDrift} from './drift.ts';
import {withoutIgnored} from './ignored.ts';
import {replay} from './replay.ts';
import {requireSameSchema} from './require-same-schema.ts';
import type {ProjectState} from './state.ts';

export interface DriftMigration extends Draft {
	/** What the applied migrations make: the schema that the new one meets everywhere else. */
	readonly from: Schema;
}

/**
 * The migration that takes what was changed by other means into the history, proven by a replay. What is gone from the database is no question; what
 * may have been renamed, and what fills a new column elsewhere, is.
 *
 * @throws MigrError `history` where nothing differs, where it cannot be known, or where something must be mended first
 */
export async function driftMigration(
	db: Database,
	state: ProjectState,
	{ignore, decisions, name, migrationsDir}: {ignore: readonly string[]; decisions: Decisions; name: string; migrationsDir: string},
): Promise<DriftMigration> {
	requireClearHistory(state);
	const {differences, expected, actual, unknown} = await findDrift(db, state, ignore);
	if (expected === undefined) {
		throw new MigrError('history', `what was changed by other means cannot be told: ${unknown ?? ''}`, {
			hint: 'take them back with lite-migr downgrade and remove their files: once no migration is applied, lite-migr baseline adopts what they built upon',
		});
	}
	if (differences.length === 0) {
		throw new MigrError('history', 'the database holds nothing that its migrations did not make, so there is nothing to adopt', {
			hint: 'lite-migr create <name> writes what the models say otherwise',
		});
	}
	const found = draftMigration({from: expected, models: actual, decisions: {...decisions, allowDrops: true}});
	if (found.questions.length === 0) {
		requireHeard(found.unused);
		const {schema: made} = await replay(expected, [{name, path: migrationsDir, operations: found.operations}]);
		requireSameSchema(withoutIgnored(made, ignore), actual, 'what was changed by other means cannot be written as a migration');
	}
	return {...found, from: expected};
}

/**
 * An answer that fits nothing is mistyped, and an error: nobody should believe that it was heard.
 *
 * @throws MigrError `usage`
 */
export function requireHeard(unused: readonly Decision[]): void {
	const [first] = unused;
	if (first === undefined) return;
	const name = first.column === undefined ? first.table : `${first.table}.${first.column}`;
	throw new MigrError('usage', `what is said about ${clean(name)} answers no question of this baseline`, {
		hint: 'leave it out; lite-migr status shows what differs from the migrations',
	});
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
