import type {Config} from '../../core/config/config.ts';
import type {Decisions} from '../../core/diff/question.ts';
import {draftOf, examinedRows, rowCounter} from '../../core/migrations/draft/project-draft.ts';
import {stepsSql} from '../../core/migrations/files/steps-sql.ts';
import {bytesForRewrites, databaseBytes} from '../../core/migrations/run/disk-space.ts';
import {needsBackup} from '../../core/migrations/run/examine.ts';
import type {Database} from '../../core/sqlite/database.ts';
import type {DraftPreview} from '../services.ts';
import {rowsTouched, withRows} from './changes.ts';
import {withDefinitions} from './definitions.ts';
import {draftId} from './draft-id.ts';

/** Compares the models with the database, for the preview of a new migration. */
export async function drafted(config: Config, db: Database | undefined, decisions: Decisions): Promise<DraftPreview> {
	const project = await draftOf(config, db, decisions);
	const {base, draft} = project;
	const changes = withDefinitions(withRows(draft.preview, rowCounter(db, base.present), examinedRows(project)), base.schema, draft.operations);
	const isOpen = draft.questions.length > 0;
	const {plan: planned, findings} = draft;
	// The server has the disk, and the backup is a local copy of unknown size.
	const local = config.remote === undefined ? db : undefined;
	const takesBackup =
		local !== undefined && needsBackup(config.backup, local, {migrations: [{steps: planned.steps, transaction: true}], findings, changesRows: false});
	return {
		id: draftId(project),
		questions: draft.questions,
		changes,
		sql: isOpen ? '' : stepsSql(planned.steps),
		cost: {
			rows: rowsTouched(changes),
			bytes: local === undefined || base.present === undefined ? 0 : bytesForRewrites(local, base.present, [planned]),
			backupBytes: takesBackup ? databaseBytes(local) : null,
		},
		findings,
		notices: draft.unused.map(
			(decision) =>
				`${'column' in decision && decision.column !== undefined ? `${decision.table}.${decision.column}` : decision.table} does not exist, or is already decided`,
		),
	};
}
