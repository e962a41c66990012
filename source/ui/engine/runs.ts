import {existsSync} from 'node:fs';
import type {Config} from '../../core/config/config.ts';
import {MigrError, type MigrErrorOptions} from '../../core/errors.ts';
import {rowCounter} from '../../core/migrations/draft/project-draft.ts';
import {isLoss} from '../../core/migrations/effects/measured-table.ts';
import type {ApplyEvent, EffectCause, EffectsEvent, FailedEvent} from '../../core/migrations/event.ts';
import {migrationsIn} from '../../core/migrations/files/source.ts';
import type {Finding} from '../../core/migrations/finding.ts';
import {newestName} from '../../core/migrations/history/state.ts';
import type {OnLock} from '../../core/migrations/project.ts';
import {applyRemote} from '../../core/migrations/remote/apply-remote.ts';
import {engineScript} from '../../core/migrations/remote/engine-script.ts';
import {backupOwner, copyText} from '../../core/migrations/remote/local-copy.ts';
import {remoteFindings} from '../../core/migrations/remote/remote-findings.ts';
import {withLocalCopy} from '../../core/migrations/remote/with-local-copy.ts';
import {rehearse} from '../../core/migrations/run/apply.ts';
import type {ApplyOptions, RunSettings} from '../../core/migrations/run/apply-options.ts';
import {applyOptionsFor} from '../../core/migrations/run/apply-options.ts';
import {databaseBytes} from '../../core/migrations/run/disk-space.ts';
import {examine} from '../../core/migrations/run/examine.ts';
import {prepareRun} from '../../core/migrations/run/prepare-run.ts';
import type {PreparedMigration, PreparedRun} from '../../core/migrations/run/prepared-run.ts';
import type {Rehearsal} from '../../core/migrations/run/run.ts';
import type {RunPlan as CorePlan} from '../../core/migrations/run/run-plan.ts';
import {preview} from '../../core/plan/preview.ts';
import type {RowCount} from '../../core/plan/preview-text.ts';
import type {Database} from '../../core/sqlite/database.ts';
import {openInMemory, requireTarget, whyReadOnly} from '../../core/sqlite/open.ts';
import {openWithRetry} from '../../core/sqlite/open-with-retry.ts';
import type {RunPreview} from '../services.ts';
import {withRows} from './changes.ts';
import {nearDatabase, nearPath} from './near-path.ts';
import {problemData} from './problem-data.ts';

const attempts = 3;

export interface PreviewOptions extends OnLock {
	readonly cwd: string;
	/** False to try the run on a copy only if it may change or remove existing rows. */
	readonly rehearses?: boolean | undefined;
}

/** Returns what a run would do, with findings in existing rows. A run with user statements is tried on a private copy. Writes nothing. */
export async function preflightOf(config: Config, request: RunSettings, {cwd, rehearses = true, onWait}: PreviewOptions): Promise<RunPreview> {
	const {remote} = config;
	const database = nearDatabase(config, cwd);
	if (remote === undefined) return await previewOf({config, database, request, cwd, isRemote: false, onWait}, rehearses);
	return await withLocalCopy(remote, config.wranglerTable, async ({engine, db, copy}) => {
		const {prepared} = await engineScript(optionsOf({config, request}), engine, copy);
		const planning = {
			config: {...config, dbPath: copy.file},
			database,
			request,
			cwd,
			isRemote: true,
			backupsOf: backupOwner(copy, config.backupDir),
			rowsIn: copy.isWhole ? undefined : db,
		};
		const preview = copy.isWhole
			? await previewOf(planning, rehearses)
			: withRemoteFindings((await planAt(planning)).shown, remoteFindings(db, prepared, copy.rows));
		const isPartial = !copy.isWhole || copy.emptied.length > 0;
		return {...preview, bytesNeeded: 0, bytesFree: null, notices: [...(isPartial ? [copyText(engine.name, copy)] : []), ...preview.notices]};
	});
}

/** The inputs of a preview. */
interface Planning extends OnLock {
	/** For a database on a server, the configuration with its local copy as the database. */
	readonly config: Config;
	/** The name of the database. */
	readonly database: string;
	readonly request: RunSettings;
	readonly cwd: string;
	readonly isRemote: boolean;
	/** The path that backups record as their database, if it is not the one in the configuration. */
	readonly backupsOf?: string;
	/** The database to count rows in, if it is not the one in the configuration. */
	readonly rowsIn?: Database | undefined;
}

function optionsOf({config, request}: Pick<Planning, 'config' | 'request'>): ApplyOptions {
	return {...applyOptionsFor(config, request), acceptEdited: true};
}

/**
 * Replaces the findings of a preview with those of a database that has too many rows for a copy.
 *
 * @throws MigrError `plan` if something would be lost: the plan has no id that could be confirmed
 */
function withRemoteFindings(shown: RunPreview, findings: readonly Finding[]): RunPreview {
	const losses = findings.filter(({destructive}) => destructive);
	if (losses.length === 0) return {...shown, id: null, findings, backup: null};
	throw new MigrError('plan', `this ${shown.direction} would lose or change data, and ${shown.database} has too many rows to show what exactly`, {
		details: losses.map(({table, column, message}) => `${column === null ? table : `${table}.${column}`}: ${message}`),
		hint: `to confirm any losses found when it runs, run lite-migr ${shown.direction} --yes`,
	});
}

/** Returns the preview of a run on a database file. */
async function previewOf(planning: Planning, rehearses: boolean): Promise<RunPreview> {
	const {database, request, cwd, isRemote} = planning;
	for (let attempt = 1; ; attempt++) {
		const {shown, plan, options, changesRows} = await planAt(planning);
		if (plan === null || !plan.isMeasured || request.dryRun === true || shown.findings.some(({blocking}) => blocking)) return shown;
		if (!rehearses && !shown.needsConsent && !changesRows) return shown;
		const rehearsal = await rehearse(options, {portable: isRemote});
		// The state that was tried must be the state that is shown.
		if (rehearsal.base === plan.base) return withRehearsal(shown, rehearsal, cwd);
		if (attempt < attempts) continue;
		// The rehearsal did not start: there is no space for a copy, or a lock is not released.
		if (rehearsal.base === null) return withRehearsal(shown, rehearsal, cwd);
		throw beingChanged(database);
	}
}

interface Planned {
	readonly shown: RunPreview;
	/** Null if there is nothing to do. */
	readonly plan: CorePlan | null;
	/** True if statements or code may change or remove existing rows. */
	readonly changesRows: boolean;
	readonly options: ApplyOptions;
}

/** Plans a run in one snapshot, so that state, schema and rows are consistent. */
async function planAt(planning: Planning): Promise<Planned> {
	const {config, database, request, cwd, isRemote} = planning;
	// Fail here for the same reasons as the run.
	requireTarget(config.dbPath, request.direction);
	const exists = existsSync(config.dbPath);
	const readOnly = exists ? whyReadOnly(config.dbPath) : undefined;
	const db = exists
		? await openWithRetry(config.dbPath, {readonly: true, wait: request.wait ?? config.wait, onWait: planning.onWait})
		: openInMemory();
	try {
		const options = optionsOf(planning);
		const migrations = migrationsIn(options.migrationsDir, options.wranglerTable);
		db.exec('BEGIN');
		const prepared = await prepareRun({options, portable: isRemote, migrations, db, backupsOf: planning.backupsOf});
		const examined = examine({options, target: {db, isNew: !exists}}, prepared);
		if (examined === undefined) throw beingChanged(database);
		const {event, takesBackup} = examined;
		const plan = prepared.migrations.length === 0 ? null : examined.plan;
		const edited = request.acceptEdited === true ? [] : editedNotices(prepared, request);
		const isEdited = edited.length > 0 && prepared.migrations.length > 0;
		const shown = {
			id: plan === null || plan.isMeasured ? null : plan.id(),
			direction: request.direction,
			database,
			isRemote,
			from: newestName(prepared.state.applied),
			to: newestAfter(prepared, request),
			migrations: prepared.migrations.map((migration) =>
				plannedMigration(migration, event.findings, rowCounter(planning.rowsIn ?? db, prepared.present)),
			),
			findings: event.findings,
			rehearsal: null,
			bytesNeeded: event.bytesNeeded,
			bytesFree: event.bytesFree,
			backup: takesBackup ? {folder: `${nearPath(config.backupDir, cwd)}/`, bytes: databaseBytes(db)} : null,
			notices: [...(readOnly === undefined ? [] : [`this run will fail: ${readOnly.message}`]), ...prepared.notices, ...edited],
			isEdited,
			needsConsent: isEdited || event.findings.some(({destructive}) => destructive),
		};
		return {shown, plan, options, changesRows: prepared.changesRows};
	} finally {
		db.close();
	}
}

function beingChanged(database: string): MigrError {
	return new MigrError('locked', `${database} is being changed by another process`, {hint: 'try again'});
}

function withRehearsal(shown: RunPreview, {plan, events, end}: Rehearsal, cwd: string): RunPreview {
	const effects = events.filter((event) => event.type === 'effects').map((event) => nearCauses(event, cwd));
	// Some findings only appear after earlier statements have run.
	const findings = uniqueFindings([...shown.findings, ...events.flatMap((event) => (event.type === 'preflight' ? event.findings : []))]);
	const problem = end.type === 'failed' ? problemData(new MigrError(end.code, end.message, problemOptions(end)), cwd) : null;
	const lossy = new Set(
		[...effects.filter(({tables}) => tables.some(isLoss)), ...findings.filter(({destructive}) => destructive)].map(({migration}) => migration),
	);
	return {
		...shown,
		id: plan,
		findings,
		migrations: shown.migrations.map((migration) => ({...migration, isDestructive: lossy.has(migration.name)})),
		rehearsal: {durationMs: end.type === 'done' ? end.durationMs : 0, effects, problem},
		needsConsent: shown.isEdited || lossy.size > 0,
	};
}

/** Makes the file paths of causes relative to the working folder. */
function nearCauses(event: EffectsEvent, cwd: string): EffectsEvent {
	const near = ({sql, location}: EffectCause): EffectCause => ({sql, location: location && {...location, file: nearPath(location.file, cwd)}});
	return {...event, tables: event.tables.map((table) => ({...table, by: table.by.map(near)}))};
}

function problemOptions({location, details, hint}: FailedEvent): MigrErrorOptions {
	return {details, ...(location === null ? {} : {location}), ...(hint === null ? {} : {hint})};
}

function uniqueFindings(findings: readonly Finding[]): readonly Finding[] {
	return [...new Map(findings.map((finding) => [keyOf(finding), finding])).values()];
}

function keyOf({migration, kind, table, column}: Finding): string {
	return JSON.stringify([migration, kind, table, column]);
}

/** Runs the migrations of a database file: `apply`, or its equivalent in a separate process. */
export type LocalRun = (options: ApplyOptions) => AsyncGenerator<ApplyEvent, void, void>;

/** A run, and where it takes place. */
export interface RunPlace {
	readonly config: Config;
	readonly cwd: string;
	readonly local: LocalRun;
}

/** Runs a request. If it contains a plan, runs exactly that plan. */
export async function* runOf({config, cwd, local}: RunPlace, request: RunSettings, signal: AbortSignal): AsyncGenerator<ApplyEvent, void, void> {
	const {remote} = config;
	const options = {...applyOptionsFor(config, request), signal};
	for await (const event of remote === undefined ? local(options) : applyRemote(options, remote)) {
		yield withNearPaths(event, nearDatabase(config, cwd), (path) => nearPath(path, cwd));
	}
}

/** Makes the paths in an event relative to the working folder. */
function withNearPaths(event: ApplyEvent, database: string, near: (path: string) => string): ApplyEvent {
	const nearOrNull = (path: string | null): string | null => (path === null ? null : near(path));
	switch (event.type) {
		case 'start':
			return {...event, database};
		case 'backup':
			return {...event, path: near(event.path)};
		case 'done':
			return {...event, database, backup: nearOrNull(event.backup)};
		case 'failed': {
			const {location, backup} = event;
			return {...event, backup: nearOrNull(backup), location: location?.file === undefined ? location : {...location, file: near(location.file)}};
		}
		default:
			return event;
	}
}

function editedNotices({state: {edited, missing}}: PreparedRun, {direction}: RunSettings): readonly string[] {
	return [
		...(edited.length > 0 ? [`edited after they were applied: ${edited.join(', ')}`] : []),
		// A downgrade whose file is missing uses the history instead, and that is a separate finding.

		...(missing.length > 0 && direction === 'upgrade' ? [`applied, but their files are missing: ${missing.join(', ')}`] : []),
	];
}

function newestAfter({state, files}: PreparedRun, {direction}: RunSettings): string | null {
	const moved = new Set(files.map(({name}) => name));
	if (direction === 'downgrade') return newestName(state.applied.filter(({name}) => !moved.has(name)));
	return [newestName(state.applied), ...moved].reduce((newest, name) => (newest === null || (name !== null && name > newest) ? name : newest), null);
}

function plannedMigration(migration: PreparedMigration, findings: readonly Finding[], rows: RowCount): RunPreview['migrations'][number] {
	const {name, before, operations} = migration;
	const own = findings.filter((finding) => finding.migration === name);
	return {
		name,
		isDestructive: own.some(({destructive}) => destructive),
		changes: withRows(preview(before, operations, migration), rows, {findings: own, isExamined: (table) => rows(table) !== null}),
	};
}
