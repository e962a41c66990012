import {MigrError} from '../../../../errors.ts';
import {quoted, sameName} from '../../../../schema/identifiers.ts';
import type {Schema} from '../../../../schema/schema.ts';
import type {Database} from '../../../../sqlite/database.ts';
import {clean} from '../../../../text/clean.ts';
import type {CodeTool} from './code-tool.ts';

export interface AppliedMigrations {
	/** Names without extension. */
	readonly applied: ReadonlySet<string>;
	/** The table that they come from. Undefined if the database has none. */
	readonly table: string | undefined;
}

/** The files of a folder, in the tool's order, and the tables that the tool's configuration names. */
export interface ExpectedHistory {
	readonly names: readonly string[];
	readonly tables: readonly string[];
	readonly folder: string;
}

/**
 * Returns the migrations that the tool has recorded as applied.
 *
 * @throws MigrError `history` if a file of an applied migration is missing, if a pending migration comes before an applied one, or if several tables may
 * be the tool's
 */
export function appliedIn(db: Database, schema: Schema, tool: CodeTool, {names, tables, folder}: ExpectedHistory): AppliedMigrations {
	const candidates = schema.tables.filter((table) => tool.isHistory(table, schema)).map(({name}) => name);
	const usual = candidates.filter((name) => sameName(name, tool.historyTable) || tables.some((configured) => sameName(configured, name)));
	const fitting = candidates.filter((name) => recordedIn(db, name).some((recorded) => names.includes(recorded)));
	const [choice] = [candidates, usual, fitting].filter((each) => each.length === 1);
	const table = choice?.[0];
	if (table === undefined && candidates.length > 0) {
		throw new MigrError('history', `${candidates.map(clean).join(', ')} may all be the migration table of ${tool.tool}`, {
			hint: "drop the tables that are no longer used, or write the name as tableName: '…' into the knexfile",
		});
	}
	const recorded = table === undefined ? [] : recordedIn(db, table);
	const missing = recorded.find((name) => !names.includes(name));
	if (missing !== undefined) {
		throw new MigrError('history', `${clean(missing)} is applied according to ${clean(table ?? '')}, but its file is missing`, {
			location: {file: folder},
			hint: 'restore the file, for example from git\nto start from the current database without its history, run lite-migr baseline <name>',
		});
	}
	const applied = new Set(recorded);
	const pending = names.find((name) => !applied.has(name));
	const after = names.findLast((name) => applied.has(name));
	if (pending !== undefined && after !== undefined && names.indexOf(pending) < names.indexOf(after)) {
		throw new MigrError('history', `${clean(pending)} is pending, but ${clean(after)}, which comes after it, is applied`, {
			location: {file: folder},
			hint: `apply all migrations with ${tool.tool} (${tool.latest}), and import them then`,
		});
	}
	return {applied, table};
}

/** Knex records names with the extension of the file that it ran, which may be compiled. */
function recordedIn(db: Database, table: string): readonly string[] {
	return db.tuples(`SELECT CAST(name AS TEXT) FROM ${quoted(table)}`).map(([name]) => String(name).replace(/\.[cm]?[jt]s$/, ''));
}
