import {resolve} from 'node:path';
import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {type DatabaseVersion, inSnapshot, versionOf} from '../../sqlite/database-version.ts';
import {extensionsOf} from '../../sqlite/has-extension.ts';
import {advice, adviceLines, theOption} from '../../text/advice.ts';
import type {NoticeEvent} from '../event.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {readApplied} from '../history/history.ts';
import {databaseNewer} from '../history/newer.ts';
import {maybeRenamed} from '../history/renamed.ts';
import {alreadyBeyond, selectMigrations} from '../history/select.ts';
import {isNewerThanFiles, type ProjectState, stateOf} from '../history/state.ts';
import {checkOrder} from '../replay/order.ts';
import type {Planner} from '../replay/planner.ts';
import {replayPending} from '../replay/replay-pending.ts';
import {type ApplyOptions, runCommand} from './apply-options.ts';
import {type LoadedRun, loadSelected} from './load-selected.ts';
import {adoptedNotices, copyNotices, downgradeNotices, notRestored, outdatedIndexNotices, renameNotices} from './notices.ts';
import type {PreparedRun, PreparedState} from './prepared-run.ts';
import type {Run} from './run.ts';
import {waitForRunAlone} from './run-alone-lock.ts';
import {ownPlans} from './shared-plans.ts';
import {reading, waiting} from './waiting.ts';

export interface RunRequest extends Pick<Run, 'options' | 'migrations'> {
	readonly db: Database;
	readonly portable?: Run['portable'];
	readonly plans?: Run['plans'];
	/** The path that backups record as their database, if it is not the one in the options. */
	readonly backupsOf?: string | undefined;
	/** Called with the history as soon as it is read. */
	readonly onHistory?: (applied: readonly AppliedMigration[]) => void;
}

/** Reads everything in one snapshot. Otherwise, after a commit of another process in between, the history would not fit the schema. */
function readInSnapshot(
	db: Database,
	planner: Planner,
	wranglerTable?: string,
): {readonly applied: readonly AppliedMigration[]; readonly present: Schema; readonly version: DatabaseVersion} {
	return inSnapshot(db, () => ({applied: readApplied(db, wranglerTable), present: planner.introspect(db), version: versionOf(db)}));
}

/**
 * Reads the state, and loads and replays the migrations of a run, unless that was done before for a database in the same state.
 *
 * @throws MigrError if a migration does not fit, is edited or missing, or its order matters
 */
export async function prepareRun({
	options,
	migrations: source,
	db,
	portable = false,
	plans = ownPlans(source),
	backupsOf = options.database,
	onHistory,
}: RunRequest): Promise<PreparedRun> {
	const {applied, present, version} = readInSnapshot(db, plans.planner, source.wranglerTable);
	onHistory?.(applied);
	const prepared = await plans.prepare(applied, present, () => prepareState({options, portable, plans, db}, stateOf(source, applied), present));
	if (options.direction === 'upgrade') return {...prepared, version};
	// Backups and the history belong to this database alone.
	const database = resolve(options.database);
	const migrations = prepared.migrations.map((one) => (one.origin === 'file' ? one : {...one, path: database}));
	const notices = migrations.flatMap((migration) => notRestored({...options, database: backupsOf}, migration, plans.backups) ?? []);
	return {...prepared, version, migrations, notices: [...prepared.notices, ...notices]};
}

async function prepareState(
	{options, portable, plans, db}: Pick<Run, 'options' | 'portable' | 'plans'> & {readonly db: Database},
	state: ProjectState,
	present: Schema,
): Promise<PreparedState> {
	const files = selectMigrations(state, options);
	if (options.direction === 'upgrade') requireNotNewer(state, options);
	if (files.length > 0 || options.direction === 'upgrade') requireUnedited(state, options);
	if (files.length === 0) {
		const beyond = alreadyBeyond(state, options);
		const notices = [...renameNotices(state), ...(beyond === undefined ? [] : [beyond])];
		return {state, files, migrations: [], present, notices, touched: new Set(), changesRows: false, changesNewRows: false};
	}
	await plans.allow({state, db});
	const names = files.map(({name}) => name);
	const order = options.direction === 'upgrade' ? await checkOrder(state, names) : [];
	const runs = await loadSelected(state, files, options);
	const {
		migrations: replayed,
		touched,
		changesRows,
		changesNewRows,
	} = await replayPending(present, runs, state, {
		portable,
		planner: plans.planner,
		// Other programs run portable statements.
		hasExtension: portable ? undefined : extensionsOf(db),
	});
	const migrations = replayed.map((one, index) => ({...one, ...(runs[index] as LoadedRun)}));
	return {
		state,
		files,
		present,
		notices: [
			...renameNotices(state),
			...copyNotices(state, names),
			...adoptedNotices(files),
			...order,
			...downgradeNotices(migrations),
			...outdatedIndexNotices(migrations),
		],
		touched,
		changesRows,
		changesNewRows,
		migrations,
	};
}

const attempts = 3;

/**
 * Like `prepareRun`, but retries if another process changes the database at the same time. While another run works outside a transaction, the schema
 * does not fit the history, so this waits until that run has finished. Also retries after a commit of another process.
 */
export async function* prepareUntilStable(run: Run): AsyncGenerator<NoticeEvent, PreparedRun, void> {
	const {options, portable, migrations, plans, target, journal} = run;
	const version = () => versionOf(target.db).data;
	for (let attempt = 1; ; attempt++) {
		const before = yield* reading(run, version);
		try {
			return yield* reading(run, () =>
				prepareRun({options, portable, migrations, plans, db: target.db, onHistory: (applied) => journal.record({applied})}),
			);
		} catch (error) {
			if (attempt === attempts) throw error;
			const hasWaited = yield* waiting(options, (lock) => waitForRunAlone(target.path, lock));
			if (!hasWaited && (yield* reading(run, version)) === before) throw error;
			migrations.forget();
		}
	}
}

/** @throws MigrError `databaseNewer` if the database has migrations that are newer than all files */
function requireNotNewer(state: ProjectState, {database}: ApplyOptions): void {
	if (isNewerThanFiles(state)) throw databaseNewer(state, database);
}

function requireUnedited({files, edited, missing, pending}: ProjectState, options: ApplyOptions): void {
	// A downgrade reads migrations without a file from the history, and other missing files do not matter to it.
	const lacking = options.direction === 'downgrade' ? [] : missing;
	if (options.acceptEdited === true || edited.length + lacking.length === 0) return;
	const what = [...(edited.length > 0 ? ['were edited'] : []), ...(lacking.length > 0 ? ['are missing'] : [])];
	const isJavaScript = files.some(({name, path}) => edited.includes(name) && /\.[mc]?js$/.test(path));
	throw new MigrError('answerNeeded', `files of applied migrations ${what.join(' or ')}`, {
		details: [
			...(edited.length > 0 ? [`edited after they were applied: ${edited.join(', ')}`] : []),
			...(isJavaScript ? ['compiling a migration to JavaScript also edits it: lite-migr recognizes a migration by its text'] : []),
			...(lacking.length > 0 ? [`missing: ${lacking.join(', ')}`] : []),
			...maybeRenamed(
				lacking,
				pending.map(({file}) => file.name),
			).map(({from, to}) => `${to} may be ${from}, renamed and edited: it would run again`),
		],
		hint: adviceLines([
			...(files.length === 0 ? [advice`check ${theOption.migrationsDir}: there are no migrations in the folder`] : []),
			'restore the files, for example from git',
			...(isJavaScript ? ['for compiled migrations, ship the TypeScript files, a bundle of lite-migr bundle, or use format = "sql"'] : []),
			advice`if the change is intended, ${{
				command: `run ${runCommand(options)} --accept-edited (--yes does not cover it)`,
				program: 'set acceptEdited: true (consent does not cover it)',
			}}`,
		]),
	});
}
