import {statSync} from 'node:fs';
import type {Config} from '../core/config/config.ts';
import {noDecisions} from '../core/diff/question.ts';
import {MigrError} from '../core/errors.ts';
import {draftOf} from '../core/migrations/draft/project-draft.ts';
import {type Drift, findDrift} from '../core/migrations/drift/drift.ts';
import {driftText} from '../core/migrations/drift/drift-text.ts';
import type {AppliedMigration} from '../core/migrations/files/migration.ts';
import {projectMigrations} from '../core/migrations/files/source.ts';
import {isAdopted} from '../core/migrations/history/history.ts';
import {wayBack} from '../core/migrations/history/newer.ts';
import {isNewerThanFiles, type ProjectState, projectState} from '../core/migrations/history/state.ts';
import {hasStoredDowngrade} from '../core/migrations/history/stored-downgrade.ts';
import {pendingLosses} from '../core/migrations/preflight/pending-losses.ts';
import {baseSchema, type ComparisonBase} from '../core/migrations/replay/comparison-base.ts';
import {changeList} from '../core/plan/preview-text.ts';
import type {Database} from '../core/sqlite/database.ts';
import {requireCreatable} from '../core/sqlite/open.ts';
import {clean} from '../core/text/clean.ts';
import {nearPlaces} from '../core/text/near-places.ts';
import {bytes, duration, plural} from '../core/text/numbers.ts';
import type {StatusJson} from './json.ts';
import {defineCommand} from './line/command.ts';
import {exitCode} from './line/exit-code.ts';
import {configOf, shownDatabase, withDatabase} from './project.ts';
import {problemJson, problemText} from './text/error-text.ts';
import type {Output} from './text/output.ts';

export const status = defineCommand({
	name: 'status',
	summary: 'show applied, pending, edited and missing migrations, and drift',
	flags: {},
	description: [
		'Shows the state of the database, without changing anything. If a pending migration cannot be applied, it says why. With --json, it also loads the models and reports whether models, migrations and database agree.',
	],
	examples: [
		['lite-migr status', ''],
		['lite-migr status --json', ''],
	],
	hasScreens: () => true,
	async run(context) {
		const {cwd, output} = context;
		const config = configOf(context);
		return await withDatabase(config, async (db) => {
			const facts = await factsOf(config, db, {comparesModels: output.isJson});
			if (output.isJson) output.json(await jsonOf(config, db, facts));
			else printStatus(facts, config, db, cwd, output);
			return exitCode.done;
		});
	},
});

interface Facts {
	readonly state: ProjectState;
	/** Undefined if a pending migration cannot be read or does not fit, and if nothing is pending and the models are not compared. */
	readonly base: ComparisonBase | undefined;
	readonly problem: MigrError | undefined;
	/** Undefined if there is no database. */
	readonly drift: Drift | undefined;
	/** Names of pending migrations that lose rows or values. */
	readonly destructive: ReadonlySet<string>;
}

async function factsOf(config: Config, db: Database | undefined, {comparesModels}: {readonly comparesModels: boolean}): Promise<Facts> {
	const state = projectState(projectMigrations(config), db);
	const drift = db === undefined ? undefined : await findDrift(db, state, {ignore: config.ignore});
	if (state.pending.length === 0 && !comparesModels) return {state, drift, base: undefined, problem: undefined, destructive: new Set()};
	const found = await orProblem(async () => {
		const base = await baseSchema({db, migrations: state.source});
		return {base, destructive: pendingLosses(base, db)};
	});
	return found instanceof MigrError
		? {state, drift, base: undefined, problem: found, destructive: new Set()}
		: {state, drift, problem: undefined, ...found};
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

async function jsonOf(config: Config, db: Database | undefined, {state, base, problem, drift, destructive}: Facts): Promise<StatusJson> {
	const models: ModelFacts = base === undefined ? {ahead: [], questions: 0} : await modelFacts(config, db, base);
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

type ModelFacts = Pick<StatusJson, 'ahead' | 'questions' | 'modelsError'>;

/** Compares the models with the database. Errors in the models are returned, because the state of the database can still be reported. */
async function modelFacts(config: Config, db: Database | undefined, base: ComparisonBase): Promise<ModelFacts> {
	try {
		const {draft} = await draftOf(config, db, noDecisions, base);
		return {ahead: changeList(draft.preview), questions: draft.questions.length};
	} catch (error) {
		if (!(error instanceof MigrError) || (error.code !== 'model' && error.code !== 'config')) throw error;
		return {ahead: [], questions: 0, modelsError: problemJson(error)};
	}
}

function driftLines(drift: Drift | undefined): readonly string[] {
	if (drift === undefined) return [];
	return [...drift.differences.map(driftText), ...(drift.unknown === undefined ? [] : [`unknown: ${clean(drift.unknown)}`])];
}

/** Returns the size of a database file and the version of SQLite. Empty for a database on a server, which would have to be asked for both. */
function sizeOf({dbPath, remote}: Config, db: Database | undefined, cwd: string): string {
	if (remote !== undefined) return '';
	return `   ${db === undefined ? whyMissing(dbPath, cwd) : `${bytes(statSync(dbPath).size)}   SQLite ${db.sqliteVersion}`}`;
}

function printStatus(facts: Facts, config: Config, db: Database | undefined, cwd: string, output: Output): void {
	const {state, problem, destructive} = facts;
	const {symbols} = output;
	output.line(`${output.paint('strong', shownDatabase(config, cwd))}${sizeOf(config, db, cwd)}`);
	output.line();
	const width = Math.max(
		0,
		...[...state.applied.map(({name}) => name), ...state.pending.map(({file}) => file.name)].map((name) => clean(name).length),
	);
	for (const {name, appliedAt, durationMs} of state.applied) {
		const note = noteOn(name, state);
		const took = durationMs === null ? '' : `   ${duration(durationMs)}`;
		output.line(
			`  ${output.paint('add', symbols.applied)} ${clean(name).padEnd(width)}   ${output.paint('quiet', `${clean(appliedAt)}${took}`)}${note}`,
		);
	}
	for (const {file, outOfOrder, copyOf} of state.pending) {
		const notes = [
			...(destructive.has(file.name) ? [output.paint('drop', `${symbols.danger} loses data`)] : []),
			...(problem?.location?.file === file.path ? [output.paint('drop', `${symbols.failed} cannot be applied`)] : []),
			...(outOfOrder ? ['older than the last applied migration'] : []),
			...(copyOf === null ? [] : [`same contents as ${clean(copyOf)}`]),
		];
		output.line(`  ${symbols.pending} ${clean(file.name).padEnd(width)}   pending${notes.map((note) => `, ${note}`).join('')}`);
	}
	const summary = summaryOf(facts, cwd);
	// A database that existed before lite-migr is adopted first.
	const first = driftLines(facts.drift).length > 0 ? '' : '; to write the first one, run lite-migr create <name>';
	if (state.applied.length + state.pending.length === 0) output.line(`  no migrations yet${first}`);
	if (summary.length > 0) output.line();
	for (const line of summary) output.line(line);
}

/** Describes a database that does not exist yet, and why upgrade cannot create it if so. */
function whyMissing(database: string, cwd: string): string {
	try {
		requireCreatable(database);
		return 'does not exist yet; to create it, run lite-migr upgrade';
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		return `does not exist yet, and upgrade cannot create it: ${clean(nearPlaces(error.message, cwd))}`;
	}
}

function noteOn(name: string, {edited, missing, renamed}: ProjectState): string {
	if (edited.includes(name)) return '   ! edited after it was applied';
	if (missing.includes(name)) return '   ! its file is missing';
	const from = renamed.find(({to}) => to === name)?.from;
	return from === undefined ? '' : `   ! renamed: it was applied as ${clean(from)}`;
}

function summaryOf({state, problem, drift}: Facts, cwd: string): readonly string[] {
	const found = drift?.differences ?? [];
	return [
		...(state.pending.length > 0 ? [`  ○ ${plural(state.pending.length, 'migration is', 'migrations are')} pending: lite-migr upgrade`] : []),
		...(problem === undefined
			? []
			: problemText(problem, {cwd})
					.split('\n')
					.map((line) => `  ${line}`)),
		...(state.edited.length > 0 ? ['  ! an applied file was edited: restore it, and write the change as a new migration'] : []),
		...(state.renamed.length > 0 ? ['  ! an applied file was renamed: lite-migr upgrade records the new name and does not run it again'] : []),
		...missingSummary(state),
		...(drift?.unknown === undefined ? [] : [`  ! drift is unknown: ${clean(drift.unknown)}`]),
		...(found.length > 0 ? [`  ! ${driftTitle(state)}`, ...found.map((difference) => `      ${driftText(difference)}`)] : []),
		...(drift !== undefined && drift.unknown === undefined && found.length + state.edited.length + state.missing.length + state.renamed.length === 0
			? ['  ✔ no drift, no edited files']
			: []),
	];
}

function missingSummary(state: ProjectState): readonly string[] {
	if (state.missing.length === 0) return [];
	if (!isNewerThanFiles(state)) return ['  ! the file of an applied migration is missing: restore it, for example from git'];
	return [
		'  ! the database is newer than this program: all its migrations without a file come after the files here',
		`      update the program, or undo them with the downgrades stored in the database: ${wayBack(state.applied, state.missing)}`,
	];
}

function driftTitle({applied}: ProjectState): string {
	return applied.length === 0
		? 'the database has objects that are not in any migration. To adopt it unchanged, run lite-migr baseline <name>:'
		: 'the database has drifted from its migrations. To record its changes in a new migration, run lite-migr baseline <name>:';
}
