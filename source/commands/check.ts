import type {Config} from '../core/config/config.ts';
import {noDecisions} from '../core/diff/question.ts';
import {MigrError} from '../core/errors.ts';
import {builtUponHint} from '../core/migrations/adopt/drift-migration.ts';
import {type Draft, draftMigration} from '../core/migrations/draft/draft.ts';
import {withSettledRenames} from '../core/migrations/draft/settled-renames.ts';
import {type Drift, findDrift} from '../core/migrations/drift/drift.ts';
import {driftText} from '../core/migrations/drift/drift-text.ts';
import {loadMigrations} from '../core/migrations/files/load.ts';
import {type ProjectState, projectState} from '../core/migrations/history/state.ts';
import {baseSchema} from '../core/migrations/replay/base.ts';
import {replayFromNothing} from '../core/migrations/replay/replay.ts';
import {loadModels} from '../core/models/load.ts';
import {changeCount, changeList} from '../core/plan/preview-text.ts';
import type {Schema} from '../core/schema/schema.ts';
import type {Database} from '../core/sqlite/database.ts';
import {clean} from '../core/text/clean.ts';
import {plural} from '../core/text/numbers.ts';
import type {CheckJson, CheckProblemJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf, withDatabase} from './project.ts';
import {shownPath} from './text/error-text.ts';
import {countsText} from './text/questions-text.ts';

export const check = defineCommand({
	name: 'check',
	summary: 'for CI: do models, migrations and database agree?',
	flags: {},
	description: [
		'Ends with 0 when the models, the migrations and (where there is one) the database agree, otherwise with 4 and what differs. It needs no database, and changes nothing.',
	],
	examples: [['lite-migr check', '']],
	async run(context) {
		const {cwd, output} = context;
		const config = configOf(context);
		return await withDatabase(config, async (db) => {
			const state = projectState({db, migrationsDir: config.migrationsDir});
			const drift = db === undefined ? undefined : await findDrift(db, state, config.ignore);
			const problems = [...(await modelProblems(config, db, state)), ...historyProblems(state, db !== undefined), ...driftProblems(drift, state)];
			output.json({ok: problems.length === 0, problems} satisfies CheckJson);
			if (drift?.unknown !== undefined) {
				output.line(`! drift cannot be looked for: ${clean(drift.unknown)}`);
				if (state.missing.length === 0) output.line(`  no new database can be made from these migrations either; ${builtUponHint}`);
			}
			if (problems.length === 0) {
				output.line(`✔ models${db === undefined ? ' and migrations' : `, migrations and ${shownPath(config.dbPath, cwd)}`} agree`);
				return exitCode.done;
			}
			for (const {message, items, hint} of problems) {
				output.line(`${output.paint('drop', '✗')} ${message}`);
				for (const item of items) output.line(`    ${item}`);
				output.line(`  ${hint}`);
			}
			return exitCode.differs;
		});
	},
});

/** Models against what all migrations make; where those do not start from nothing, against the database with what is pending. */
async function modelProblems(config: Config, db: Database | undefined, state: ProjectState): Promise<readonly CheckProblemJson[]> {
	const loaded = await loadModels(config.modelsDir, {ignore: config.ignore, ...(config.casing === undefined ? {} : {casing: config.casing})});
	const against = async (from: Schema) => {
		const models = await withSettledRenames(loaded, from, state.files);
		return draftMigration({from, models, decisions: {...noDecisions, ignore: config.ignore}});
	};
	const ofDatabase = async () => against((await baseSchema({db, migrationsDir: config.migrationsDir})).schema);
	const made = await migrationsSchema(state, db !== undefined);
	if (made === undefined) return problemsOf(await ofDatabase(), createHint);
	const draft = await against(made);
	if (isEmpty(draft)) return [];
	return problemsOf(draft, state.applied.length > 0 && isEmpty(await ofDatabase()) ? byHandHint : createHint);
}

const createHint = 'run: lite-migr create <name>';

/** The database has it already, so that `create` finds nothing to write. */
const byHandHint =
	'the database has it already, made by other means. Run: lite-migr baseline <name>, which writes it as a migration and notes it as applied here';

async function migrationsSchema(state: ProjectState, hasDatabase: boolean): Promise<Schema | undefined> {
	if (state.missing.length > 0) return undefined;
	const migrations = await loadMigrations(state.files);
	try {
		return (await replayFromNothing(migrations)).schema;
	} catch (error) {
		if (hasDatabase && error instanceof MigrError) return undefined;
		throw error;
	}
}

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

function historyProblems(state: ProjectState, hasDatabase: boolean): readonly CheckProblemJson[] {
	const named = (kind: CheckProblemJson['kind'], names: readonly string[], message: string, hint: string): CheckProblemJson[] =>
		names.length === 0 ? [] : [{kind, message, items: names.map(clean), hint}];
	const pending = hasDatabase ? state.pending.filter(({outOfOrder}) => !outOfOrder).map(({file}) => file.name) : [];
	const outOfOrder = hasDatabase ? state.pending.filter((migration) => migration.outOfOrder).map(({file}) => file.name) : [];
	return [
		...named(
			'edited',
			state.edited,
			`${plural(state.edited.length, 'applied migration was', 'applied migrations were')} edited since`,
			'put the files back as they were, and write the change as a new migration',
		),
		...named(
			'missing',
			state.missing,
			`${plural(state.missing.length, 'applied migration has', 'applied migrations have')} no file`,
			'bring the files back, from git or from the branch that they came from',
		),
		...named(
			'outOfOrder',
			outOfOrder,
			`${plural(outOfOrder.length, 'migration is', 'migrations are')} older than the last applied one, and pending`,
			'run: lite-migr upgrade',
		),
		...named('pending', pending, `${plural(pending.length, 'migration is', 'migrations are')} pending`, 'run: lite-migr upgrade'),
	];
}

function driftProblems(drift: Drift | undefined, state: ProjectState): readonly CheckProblemJson[] {
	if (drift === undefined || drift.differences.length === 0) return [];
	const items = drift.differences.map(driftText);
	if (state.applied.length === 0) {
		return [
			{
				kind: 'drift',
				message: `the database holds ${plural(items.length, 'object')} that no migration made`,
				items,
				hint: 'run: lite-migr baseline <name>, to adopt it as it is',
			},
		];
	}
	const hint =
		'run: lite-migr baseline <name>, to take it into the migrations as it is; or lite-migr create <name>, to bring the database back to the models';
	return [{kind: 'drift', message: `the database differs from what its migrations made in ${plural(items.length, 'object')}`, items, hint}];
}
