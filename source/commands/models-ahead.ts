import type {Config} from '../core/config/config.ts';
import {noDecisions} from '../core/diff/question.ts';
import {type Draft, draftMigration} from '../core/migrations/draft/draft.ts';
import {withSettledRenames} from '../core/migrations/draft/settled-renames.ts';
import type {ProjectState} from '../core/migrations/history/state.ts';
import {baseSchema} from '../core/migrations/replay/comparison-base.ts';
import {changeCount, changeList} from '../core/plan/preview-text.ts';
import type {Schema} from '../core/schema/schema.ts';
import type {Database} from '../core/sqlite/database.ts';
import {clean} from '../core/text/clean.ts';
import type {CheckProblemJson} from './json.ts';
import {countsText} from './text/questions-text.ts';

/** Models, and what they are compared with. */
export interface ComparedModels {
	readonly config: Config;
	readonly db: Database | undefined;
	readonly state: ProjectState;
	/** The schema that all migrations build. Undefined if they do not start from an empty database. */
	readonly built: Schema | undefined;
	readonly models: Schema;
}

/**
 * Compares the models with the schema that all migrations build (`built`). If the migrations do not start from an empty database, compares them
 * with the database and its pending migrations.
 */
export async function modelsAhead({config, db, state, built, models: loaded}: ComparedModels): Promise<readonly CheckProblemJson[]> {
	const against = async (from: Schema) => {
		const models = await withSettledRenames(loaded, from, state);
		return draftMigration({from, models, decisions: {...noDecisions, ignore: config.ignore}});
	};
	const ofDatabase = async () => against((await baseSchema({db, migrations: state.source})).schema);
	if (built === undefined) return problemsOf(await ofDatabase(), createHint);
	const draft = await against(built);
	if (isEmpty(draft)) return [];
	return problemsOf(draft, state.applied.length > 0 && isEmpty(await ofDatabase()) ? byHandHint : createHint);
}

const createHint = 'run lite-migr create <name>';

/** The database already has the change, so `create` would find nothing to write. */
const byHandHint =
	'run lite-migr baseline <name>: the database already has these changes, made outside lite-migr, and baseline records them as an applied migration';

function isEmpty({preview, questions}: Draft): boolean {
	return preview.length === 0 && questions.length === 0;
}

function problemsOf(draft: Draft, hint: string): readonly CheckProblemJson[] {
	if (isEmpty(draft)) return [];
	const {preview, questions} = draft;
	const items = [...changeList(preview), ...questions.map(({message}) => `? ${clean(message)}`)];
	return [
		{
			kind: 'modelsAhead',
			message: `models are ahead of migrations by ${countsText(changeCount(preview), questions.length)}`,
			items,
			hint,
		},
	];
}
