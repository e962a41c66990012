import type {Config} from '../core/config/config.ts';
import {MigrError} from '../core/errors.ts';
import {type Drift, findDrift} from '../core/migrations/drift/drift.ts';
import {driftText} from '../core/migrations/drift/drift-text.ts';
import type {AppliedMigration} from '../core/migrations/files/migration.ts';
import type {MigrationSource} from '../core/migrations/files/source.ts';
import {isAdopted} from '../core/migrations/history/history.ts';
import {isNewerThanFiles, type ProjectState, projectState} from '../core/migrations/history/state.ts';
import {hasStoredDowngrade} from '../core/migrations/history/stored-downgrade.ts';
import type {ComparisonBase} from '../core/migrations/replay/comparison-base.ts';
import type {Database} from '../core/sqlite/database.ts';
import {clean} from '../core/text/clean.ts';
import type {StatusJson} from './json.ts';
import type {ModelFacts} from './pending-facts.ts';
import {problemJson} from './text/error-text.ts';

/** The facts that `status` shows about a database. */
export interface Facts extends StateFacts {
	readonly state: ProjectState;
	/** Names of pending migrations that lose rows or values. */
	readonly destructive: ReadonlySet<string>;
}

export interface FactSettings {
	/** True if the models are compared with the migrations. */
	readonly comparesModels: boolean;
}

/** The facts that depend only on the history and the schema of a database. */
export interface StateFacts {
	/** Undefined if a pending migration cannot be read or does not fit, and if nothing is pending and the models are not compared. */
	readonly base: ComparisonBase | undefined;
	readonly problem: MigrError | undefined;
	/** Undefined if there is no database. */
	readonly drift: Drift | undefined;
}

/** Collects everything that `status` shows about a database. */
export async function factsOf(config: Config, db: Database | undefined, source: MigrationSource, settings: FactSettings): Promise<Facts> {
	const state = projectState(source, db);
	return await withLosses(state, await stateFactsOf(config, db, state, settings), db);
}

/** Returns the facts about a database with this history and schema. */
export async function stateFactsOf(
	config: Config,
	db: Database | undefined,
	state: ProjectState,
	{comparesModels}: FactSettings,
): Promise<StateFacts> {
	const drift = db === undefined ? undefined : await findDrift(db, state, {ignore: config.ignore});
	if (state.pending.length === 0 && !comparesModels) return {drift, base: undefined, problem: undefined};
	const found = await orProblem(async () => (await pendingFacts()).baseSchema({db, migrations: state.source}));
	if (found instanceof MigrError) return {drift, base: undefined, problem: found};
	const problem = state.pending.some(({outOfOrder}) => outOfOrder) ? await (await pendingFacts()).orderProblem(state) : undefined;
	return {drift, base: found, problem};
}

/** Adds the facts that depend on the rows of the database. */
export async function withLosses(state: ProjectState, facts: StateFacts, db: Database | undefined): Promise<Facts> {
	const {base} = facts;
	const found = base === undefined ? new Set<string>() : await orProblem(async () => (await pendingFacts()).pendingLosses(base, db));
	return found instanceof MigrError
		? {...facts, state, base: undefined, problem: found, destructive: new Set()}
		: {...facts, state, destructive: found};
}

/** Loads the code that is needed only if migrations are pending or the models are compared: most of lite-migr. */
async function pendingFacts(): Promise<typeof import('./pending-facts.ts')> {
	return await import('./pending-facts.ts');
}

/** Returns the error instead of throwing it if a pending migration cannot be applied: status reports that and continues. */
async function orProblem<T>(work: () => Promise<T>): Promise<T | MigrError> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof MigrError && ['syntax', 'migration', 'plan', 'hazard'].includes(error.code)) return error;
		throw error;
	}
}

/** Returns the facts, and how the models differ, as JSON. */
export async function jsonOf(config: Config, db: Database | undefined, facts: Facts): Promise<StatusJson> {
	return statusJson(config, db, facts, facts.base === undefined ? noModelFacts : await (await pendingFacts()).modelFacts(config, db, facts.base));
}

/** Returns the facts as JSON. */
export function statusJson(
	config: Pick<Config, 'dbPath'>,
	db: Database | undefined,
	{state, problem, drift, destructive}: Facts,
	models: ModelFacts,
): StatusJson {
	const drifted = driftLines(drift);
	const differs = [models.ahead, drifted, state.pending, state.edited, state.missing, state.renamed].some(({length}) => length > 0);
	return {
		database: config.dbPath,
		exists: db !== undefined,
		applied: state.applied.map((row) => appliedJson(row, state)),
		pending: state.pending.map(({file}) => ({name: file.name, destructive: destructive.has(file.name)})),
		edited: state.edited,
		missing: state.missing,
		...(isNewerThanFiles(state) ? {databaseNewer: true} : {}),
		drift: drifted,
		...models,
		...(problem === undefined ? {} : {pendingError: problemJson(problem)}),
		inSync: !differs && models.questions === 0 && models.modelsError === undefined && db !== undefined,
	};
}

function appliedJson(row: AppliedMigration, {renamed, missing}: ProjectState): StatusJson['applied'][number] {
	const {name, appliedAt, checksum, durationMs} = row;
	const from = renamed.find(({to}) => to === name)?.from;
	return {
		name,
		appliedAt,
		checksum,
		durationMs,
		...(missing.includes(name) && hasStoredDowngrade(row) ? {stored: true} : {}),
		...(isAdopted(row) ? {adopted: true} : {}),
		...(from === undefined ? {} : {renamedFrom: from}),
	};
}

/** The facts about models that cannot be compared. */
export const noModelFacts: ModelFacts = {ahead: [], questions: 0};

/** Describes how a database has drifted. */
export function driftLines(drift: Drift | undefined): readonly string[] {
	if (drift === undefined) return [];
	return [...drift.differences.map(driftText), ...(drift.unknown === undefined ? [] : [`unknown: ${clean(drift.unknown)}`])];
}
