import type {Config} from '../../config/config.ts';
import {joinDecisions} from '../../diff/join-decisions.ts';
import {type Decisions, noDecisions} from '../../diff/question.ts';
import {loadModels} from '../../models/load.ts';
import type {RowCount} from '../../plan/preview-text.ts';
import {findTable, findVirtualTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {countRows} from '../../sqlite/table-facts.ts';
import {type Base, baseSchema} from '../replay/base.ts';
import {type Draft, draftMigration} from './draft.ts';
import {withSettledRenames} from './settled-renames.ts';

export interface ProjectDraft {
	readonly base: Base;
	readonly models: Schema;
	readonly draft: Draft;
}

/** The models against the database and what is pending, with these decisions and what the configuration ignores. */
export async function draftOf(config: Config, db: Database | undefined, decisions: Decisions, known?: Base): Promise<ProjectDraft> {
	const all = joinDecisions(decisions, {...noDecisions, ignore: config.ignore});
	const loaded = await loadModels(config.modelsDir, {ignore: all.ignore, ...(config.casing === undefined ? {} : {casing: config.casing})});
	// What is ignored is left to the diff, which knows what the models name themselves.
	const base = known ?? (await baseSchema({db, migrationsDir: config.migrationsDir}));
	const models = await withSettledRenames(loaded, base.schema, base.state.files, all);
	const rows = db === undefined || base.present === undefined ? {} : {rows: {db, schema: base.present}};
	return {base, models, draft: draftMigration({from: base.schema, models, decisions: all, ...rows})};
}

/** Counts rows of the tables that are in the database; each table once. */
export function rowCounter(db: Database | undefined, present: Schema | undefined): RowCount {
	const counted = new Map<string, number | null>();
	return (table) => {
		let rows = counted.get(table);
		if (rows === undefined) {
			const stands = present !== undefined && (findTable(present, table) ?? findVirtualTable(present, table)) !== undefined;
			rows = db === undefined || !stands ? null : countRows(db, table);
			counted.set(table, rows);
		}
		return rows;
	};
}
