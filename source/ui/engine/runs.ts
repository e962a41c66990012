import {existsSync} from 'node:fs';
import type {Config} from '../../core/config/config.ts';
import {MigrError} from '../../core/errors.ts';
import {rowCounter} from '../../core/migrations/draft/project-draft.ts';
import type {ApplyEvent} from '../../core/migrations/event.ts';
import type {Finding} from '../../core/migrations/finding.ts';
import {newestName} from '../../core/migrations/history/state.ts';
import {apply} from '../../core/migrations/run/apply.ts';
import type {RunSettings} from '../../core/migrations/run/apply-options.ts';
import {applyOptionsFor} from '../../core/migrations/run/apply-options.ts';
import {databaseBytes} from '../../core/migrations/run/disk-space.ts';
import {examine} from '../../core/migrations/run/examine.ts';
import {type PreparedMigration, type PreparedRun, prepareRun} from '../../core/migrations/run/prepare-run.ts';
import {preview} from '../../core/plan/preview.ts';
import type {RowCount} from '../../core/plan/preview-text.ts';
import {openDatabase, openMemory, requireTarget, whyReadOnly} from '../../core/sqlite/open.ts';
import type {RunPlan} from '../services.ts';
import {withRows} from './changes.ts';

/** What a run would do, with what the rows say to it; writes nothing. */
export async function preflightOf(config: Config, request: RunSettings, near: (path: string) => string): Promise<RunPlan> {
	// The preview must stop where the run would.
	requireTarget(config.dbPath, request.direction);
	const isThere = existsSync(config.dbPath);
	const readOnly = isThere ? whyReadOnly(config.dbPath) : undefined;
	const db = isThere ? openDatabase(config.dbPath, {readonly: true, wait: config.wait}) : openMemory();
	try {
		const options = {...applyOptionsFor(config, request), confirmEdited: true};
		const target = {db, path: config.dbPath, isNew: !isThere};
		// One snapshot, so that what is told of state, schema and rows belongs together.
		db.exec('BEGIN');
		const prepared = await prepareRun(options, target);
		const examined = examine(options, target, prepared);
		if (examined === undefined) throw new MigrError('locked', `${near(config.dbPath)} is being changed by somebody else`, {hint: 'try again'});
		const {event, takesBackup} = examined;
		const edited = request.confirmEdited === true ? [] : editedNotices(prepared, request);
		const isEdited = edited.length > 0 && prepared.migrations.length > 0;
		return {
			direction: request.direction,
			database: near(config.dbPath),
			from: newestName(prepared.state.applied),
			to: newestAfter(prepared, request),
			migrations: prepared.migrations.map((migration) => plannedMigration(migration, event.findings, rowCounter(db, prepared.present))),
			findings: event.findings,
			bytesNeeded: event.bytesNeeded,
			bytesFree: event.bytesFree,
			backup: takesBackup ? {folder: `${near(config.backupDir)}/`, bytes: databaseBytes(db)} : null,
			notices: [...(readOnly === undefined ? [] : [`this run will fail: ${readOnly.message}`]), ...prepared.notices, ...edited],
			isEdited,
			needsConsent: isEdited || event.findings.some(({destructive}) => destructive),
		};
	} finally {
		db.close();
	}
}

/** Runs it; what was not consented to and is found meanwhile ends it before anything is written. */
export async function* runOf(
	config: Config,
	request: RunSettings,
	consented: readonly Finding[],
	signal: AbortSignal,
	near: (path: string) => string,
): AsyncGenerator<ApplyEvent, void, void> {
	const known = new Set(consented.map(keyOf));
	const consent = (findings: readonly Finding[]): boolean => findings.every((finding) => !finding.destructive || known.has(keyOf(finding)));
	for await (const event of apply({...applyOptionsFor(config, request), signal, consent})) yield withNearPaths(event, near);
}

/** Paths as a person in the working folder would write them. */
function withNearPaths(event: ApplyEvent, near: (path: string) => string): ApplyEvent {
	const nearOrNull = (path: string | null): string | null => (path === null ? null : near(path));
	switch (event.type) {
		case 'start':
			return {...event, database: near(event.database)};
		case 'backup':
			return {...event, path: near(event.path)};
		case 'done':
			return {...event, database: near(event.database), backup: nearOrNull(event.backup)};
		case 'failed': {
			const {location, backup} = event;
			return {...event, backup: nearOrNull(backup), location: location?.file === undefined ? location : {...location, file: near(location.file)}};
		}
		default:
			return event;
	}
}

function keyOf({migration, kind, table, column}: Finding): string {
	return JSON.stringify([migration, kind, table, column]);
}

function editedNotices({state: {edited, missing}}: PreparedRun, {direction}: RunSettings): readonly string[] {
	return [
		...(edited.length > 0 ? [`edited since they were applied: ${edited.join(', ')}`] : []),
		// What a downgrade lacks, it takes from the history, and that is a finding of its own.
		...(missing.length > 0 && direction === 'upgrade' ? [`applied, and their files are missing: ${missing.join(', ')}`] : []),
	];
}

function newestAfter({state, files}: PreparedRun, {direction}: RunSettings): string | null {
	const moved = new Set(files.map(({name}) => name));
	if (direction === 'downgrade') return newestName(state.applied.filter(({name}) => !moved.has(name)));
	return [newestName(state.applied), ...moved].reduce((newest, name) => (newest === null || (name !== null && name > newest) ? name : newest), null);
}

function plannedMigration(migration: PreparedMigration, findings: readonly Finding[], rows: RowCount): RunPlan['migrations'][number] {
	const {name, before, operations} = migration;
	return {
		name,
		isDestructive: findings.some((finding) => finding.migration === name && finding.destructive),
		changes: withRows(preview(before, operations, migration), rows),
	};
}
