import type {Config} from '../../config/config.ts';
import {joinDecisions} from '../../diff/join-decisions.ts';
import {type Decisions, noDecisions} from '../../diff/question.ts';
import {loadModels} from '../../models/load.ts';
import type {RowCount} from '../../plan/preview-text.ts';
import {findTable, findVirtualTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import {projectMigrations} from '../files/source.ts';
import type {Examined} from '../preflight/examined-preview.ts';
import {baseSchema, type ComparisonBase} from '../replay/comparison-base.ts';
import {type Draft, draftMigration, isUnchanged} from './draft.ts';
import {refuseRejectedFills} from './rejected-fills.ts';
import {withSettledRenames} from './settled-renames.ts';

/** A draft, and its inputs. */
export interface ProjectDraft {
	readonly config: Config;
	/** Undefined if there is no database file. */
	readonly db: Database | undefined;
	readonly decisions: Decisions;
	readonly base: ComparisonBase;
	readonly models: Schema;
	readonly draft: Draft;
}

/** Drafts a migration: compares the models with the database and its pending migrations, using these decisions and `ignore` of the configuration. @throws MigrError `hazard` if SQLite rejects a fill */
export async function draftOf(config: Config, db: Database | undefined, decisions: Decisions, known?: ComparisonBase): Promise<ProjectDraft> {
	const all = joinDecisions(decisions, {...noDecisions, ignore: config.ignore});
	const loaded = await loadModels(config.models, {ignore: all.ignore, casing: config.casing});
	// The base keeps ignored objects. The diff removes those that are not in the models.
	const base = known ?? (await baseSchema({db, migrations: projectMigrations(config)}));
	const models = await withSettledRenames(loaded, base.schema, base.state, all);
	const rows = db === undefined || base.present === undefined ? undefined : {db, schema: base.present};
	const portable = config.remote !== undefined || config.format === 'wrangler';
	const draft = draftMigration({from: base.schema, models, decisions: all, rows, portable});
	if (all.fills.length > 0) await refuseRejectedFills(base.schema, draft.operations);
	return {config, db, decisions, base, models, draft};
}

/** Returns the findings of a draft, and which tables they are about: those that no pending migration changes. */
export function examinedRows({db, base: {schema, present}, draft: {findings}}: ProjectDraft): Examined {
	return {findings, isExamined: (table) => db !== undefined && present !== undefined && isUnchanged(table, schema, present)};
}

/** Returns a function that counts the rows of a table in the database. It counts each table once. */
export function rowCounter(db: Database | undefined, present: Schema | undefined): RowCount {
	const counted = new Map<string, number | null>();
	return (table) => {
		let rows = counted.get(table);
		if (rows === undefined) {
			const exists = present !== undefined && (findTable(present, table) ?? findVirtualTable(present, table)) !== undefined;
			rows = db === undefined || !exists ? null : countRows(db, table);
			counted.set(table, rows);
		}
		return rows;
	};
}
