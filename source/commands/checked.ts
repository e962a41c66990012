import type {Config} from '../core/config/config.ts';
import {type MigrError, restated} from '../core/errors.ts';
import {needsNoMigration} from '../core/migrations/draft/needs-no-migration.ts';
import {type Drift, findDrift} from '../core/migrations/drift/drift.ts';
import {builtUponHint, driftText} from '../core/migrations/drift/drift-text.ts';
import type {MigrationSource} from '../core/migrations/files/source.ts';
import {wayBack} from '../core/migrations/history/newer.ts';
import {isNewerThanFiles, type ProjectState, projectState} from '../core/migrations/history/state.ts';
import {type BuiltDatabase, type BuiltSchema, builtDatabase} from '../core/migrations/replay/built-schema.ts';
import type {NewDatabase} from '../core/migrations/replay/new-database.ts';
import {loadModels} from '../core/models/load.ts';
import type {Schema} from '../core/schema/schema.ts';
import type {Database} from '../core/sqlite/database.ts';
import {clean} from '../core/text/clean.ts';
import {plural} from '../core/text/numbers.ts';
import type {CheckJson, CheckProblemJson} from './json.ts';
import {acceptHint, newDatabaseProblem} from './text/new-database-text.ts';
import type {Output} from './text/output.ts';

/** The result of `check` for a database. Depends only on its history and schema. */
export interface Checked {
	readonly problems: readonly CheckProblemJson[];
	/** Problems that `migrate.toml` accepts. */
	readonly accepted: readonly CheckProblemJson[];
	readonly drift: Drift | undefined;
}

/** Compares the models, the migrations and a database. */
export async function checked(config: Config, db: Database | undefined, source: MigrationSource, cwd: string): Promise<Checked> {
	const state = projectState(source, db);
	const built = await newDatabase(state, config, db !== undefined);
	const drift = db === undefined ? undefined : await findDrift(db, state, {ignore: config.ignore, built: builtByApplied(built, state)});
	const conflict = db === undefined ? undefined : await conflictIn(state);
	// In the order of their names, migrations that conflict cannot build a new database either. The file to change is the pending one.
	const unbuildable = conflict === undefined ? newDatabaseProblems(built, state, cwd) : [];
	const problems = [
		...(await modelProblems(config, db, state, built?.schema)),
		...(config.newDatabases ? unbuildable : []),
		...historyProblems(state, db !== undefined, conflict),
		...driftProblems(drift, state),
	];
	return {problems, accepted: config.newDatabases ? [] : unbuildable, drift};
}

/** Returns the result as JSON. */
export function checkJson({problems, accepted}: Pick<Checked, 'problems' | 'accepted'>): CheckJson {
	return {ok: problems.length === 0, problems, ...(accepted.length === 0 ? {} : {accepted})};
}

/** Prints a problem, and what to do about it. */
export function printProblem({message, items, hint}: CheckProblemJson, output: Output): void {
	output.line(`${output.paint('drop', '✗')} ${message}`);
	for (const item of items) output.line(`    ${item}`);
	for (const line of hint.split('\n')) output.line(`  ${line}`);
}

/**
 * Compares the models with the schema that all migrations build (`built`). The code that finds the changes is loaded only if they differ.
 *
 * @throws MigrError `model` if the models cannot be loaded
 */
async function modelProblems(
	config: Config,
	db: Database | undefined,
	state: ProjectState,
	built: Schema | undefined,
): Promise<readonly CheckProblemJson[]> {
	const models = await loadModels(config.models, {ignore: config.ignore, casing: config.casing});
	if (built !== undefined && needsNoMigration(built, models, config.ignore)) return [];
	const {modelsAhead} = await import('./models-ahead.ts');
	return await modelsAhead({config, db, state, built, models});
}

/**
 * Builds a new database in memory from all migrations. Returns undefined if a file is missing.
 *
 * @throws MigrError if that fails and there is no database to compare the models with
 */
async function newDatabase(state: ProjectState, {newDatabases}: Config, hasDatabase: boolean): Promise<BuiltDatabase | undefined> {
	if (state.missing.length > 0) return undefined;
	const built = await explained(await builtDatabase(state.source, state.files), state);
	const failure = built.problems.at(-1);
	if (built.schema === undefined && !hasDatabase && failure !== undefined) {
		throw newDatabases
			? failure
			: restated(failure, {hint: 'pass a database with --db: with new_databases = false, check compares the models with a database'});
	}
	return built;
}

/** Returns why pending migrations that are older than an applied one cannot run. The code that finds out is loaded only if there are any. */
async function conflictIn(state: ProjectState): Promise<MigrError | undefined> {
	if (!state.pending.some(({outOfOrder}) => outOfOrder)) return undefined;
	const {orderProblem} = await import('../core/migrations/replay/order.ts');
	return await orderProblem(state);
}

/** If a change was written for a different definition of its table, names the migrations that changed the table since. */
async function explained(built: BuiltDatabase, {source, files}: ProjectState): Promise<BuiltDatabase> {
	const failure = built.problems.at(-1);
	if (built.schema !== undefined || failure === undefined) return built;
	const {explainedInHistory} = await import('../core/migrations/replay/changed-table.ts');
	return {...built, problems: [...built.problems.slice(0, -1), await explainedInHistory(failure, source, files)]};
}

/** Returns the schema that the applied migrations build, if all migrations are applied in the order of their names. */
function builtByApplied(built: BuiltDatabase | undefined, {files, applied}: ProjectState): BuiltSchema | undefined {
	if (built?.schema === undefined || built.rows === undefined || files.length !== applied.length) return undefined;
	return files.every(({name}, index) => name === applied[index]?.name) ? {schema: built.schema, rows: built.rows} : undefined;
}

function newDatabaseProblems(built: NewDatabase | undefined, {applied}: ProjectState, cwd: string): readonly CheckProblemJson[] {
	if (built === undefined || built.problems.length === 0) return [];
	const names = applied.map(({name}) => name);
	const found = built.problems.map((problem) => newDatabaseProblem(problem, names, cwd));
	// If the migrations expect a table that none of them creates, no single file is wrong.
	const general = built.schema === undefined ? [builtUponHint] : [];
	return [
		{
			kind: 'newDatabase',
			message: 'upgrade cannot build a new database from the migrations',
			items: found.map(({place, message}) => (place === '' ? message : `${place}: ${message}`)),
			hint: [...new Set([...found.flatMap(({fixes}) => fixes), ...general, acceptHint])].join('\n'),
		},
	];
}

function historyProblems(state: ProjectState, hasDatabase: boolean, conflict: MigrError | undefined): readonly CheckProblemJson[] {
	const named = (kind: CheckProblemJson['kind'], names: readonly string[], message: string, hint: string): CheckProblemJson[] =>
		names.length === 0 ? [] : [{kind, message, items: names.map(clean), hint}];
	const isNewer = isNewerThanFiles(state);
	const pending = hasDatabase ? state.pending.filter(({outOfOrder}) => !outOfOrder).map(({file}) => file.name) : [];
	const outOfOrder = hasDatabase ? state.pending.filter((migration) => migration.outOfOrder).map(({file}) => file.name) : [];
	return [
		...named(
			'edited',
			state.edited,
			`${plural(state.edited.length, 'applied migration was edited after it was applied', 'applied migrations were edited after they were applied')}`,
			'restore the files, for example from git, and write the change as a new migration',
		),
		...named(
			'renamed',
			state.renamed.map(({from, to}) => `${from} → ${to}`),
			`${plural(state.renamed.length, 'applied migration was', 'applied migrations were')} renamed`,
			'run lite-migr upgrade: it records the new names and does not run them again',
		),
		...named(
			'databaseNewer',
			isNewer ? state.missing : [],
			'the database is newer than this program: its migrations without a file come after all files here',
			`update the program, or run ${wayBack(state.applied, state.missing)} to undo them with the downgrades stored in the database`,
		),
		...named(
			'missing',
			isNewer ? [] : state.missing,
			`${plural(state.missing.length, 'applied migration has', 'applied migrations have')} no file`,
			'restore the files, for example from git or from the branch they came from',
		),
		...named(
			'outOfOrder',
			outOfOrder,
			conflict === undefined
				? `${plural(outOfOrder.length, 'pending migration is', 'pending migrations are')} older than the last applied one`
				: clean(conflict.message),
			conflict?.hint ?? 'run lite-migr upgrade',
		),
		...named('pending', pending, `${plural(pending.length, 'migration is', 'migrations are')} pending`, 'run lite-migr upgrade'),
	];
}

function driftProblems(drift: Drift | undefined, state: ProjectState): readonly CheckProblemJson[] {
	if (drift === undefined || drift.differences.length === 0) return [];
	const items = drift.differences.map(driftText);
	if (state.applied.length === 0) {
		return [
			{
				kind: 'drift',
				message: `the database has ${plural(items.length, 'object that is', 'objects that are')} not in any migration`,
				items,
				hint: 'run lite-migr baseline <name> to adopt the database unchanged',
			},
		];
	}
	const hint =
		'run lite-migr baseline <name> to record the changes in a new migration, or lite-migr create <name> to change the database back to the models';
	return [
		{
			kind: 'drift',
			message: `the database has drifted from its migrations: ${plural(items.length, 'object differs', 'objects differ')}`,
			items,
			hint,
		},
	];
}
