import {MigrError} from '../../../../errors.ts';
import {quoted, sameName} from '../../../../schema/identifiers.ts';
import type {Schema, Table} from '../../../../schema/schema.ts';
import type {Database} from '../../../../sqlite/database.ts';
import {clean} from '../../../../text/clean.ts';
import type {CodeTool} from './code-tool.ts';

export interface AppliedMigrations {
	/** Names without extension. */
	readonly applied: ReadonlySet<string>;
	/** The names of all migrations, in the order they were or will be applied. */
	readonly order: readonly string[];
	/** True if they were not applied in the order of their names. */
	readonly isReordered: boolean;
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
 * @throws MigrError `history` if a file of an applied migration is missing, if the order of pending migrations is unknown, or if several tables may
 * be the tool's
 */
export function appliedIn(db: Database, schema: Schema, tool: CodeTool, {names, tables, folder}: ExpectedHistory): AppliedMigrations {
	const candidates = schema.tables.filter((table) => isHistoryOf(tool, table, schema)).map(({name}) => name);
	const named = candidates.filter((name) => tables.some((configured) => sameName(configured, name)));
	const usual = candidates.filter((name) => sameName(name, tool.historyTable));
	const fitting = candidates.filter((name) => recordedIn(db, name, tool).some((recorded) => names.includes(recorded)));
	const [choice] = [candidates, named, usual, fitting].filter((each) => each.length === 1);
	const table = choice?.[0];
	if (table === undefined && candidates.length > 0) {
		throw new MigrError('history', `${candidates.map(clean).join(', ')} may all be the migration table of ${tool.tool}`, {
			hint: "drop the tables that are no longer used, or write the name as tableName: '…' into the knexfile",
		});
	}
	const recorded = table === undefined ? [] : recordedIn(db, table, tool);
	const missing = recorded.find((name) => !names.includes(name));
	if (missing !== undefined) {
		throw new MigrError('history', `${clean(missing)} is applied according to ${clean(table ?? '')}, but its file is missing`, {
			location: {file: folder},
			hint: 'restore the file, for example from git\nto start from the current database without its history, run lite-migr baseline <name>',
		});
	}
	const applied = new Set(recorded);
	const pending = names.filter((name) => !applied.has(name));
	const isReordered = recorded.join('\n') !== names.filter((name) => applied.has(name)).join('\n');
	const [first] = pending;
	const late = names.findLast((name) => applied.has(name));
	const isBetween = first !== undefined && late !== undefined && names.indexOf(first) < names.indexOf(late);
	if (first !== undefined && (isBetween || isReordered)) {
		const what = isBetween
			? `${clean(first)} is pending, but ${clean(late)}, which comes after it, is applied`
			: `${clean(first)} is pending, and ${tool.tool} has not applied the others in the order of their names`;
		throw new MigrError('history', what, {
			location: {file: folder},
			hint: `apply all migrations with ${tool.tool} (${tool.latest}), and run the import again`,
		});
	}
	return {applied, table, order: [...recorded, ...pending], isReordered};
}

/** True for the migration table of a tool: by its name, or by its columns. */
export function isHistoryOf(tool: CodeTool, table: Table, schema: Schema): boolean {
	return sameName(table.name, tool.historyTable) || tool.isHistory(table, schema);
}

/**
 * Returns the recorded names in the order they were applied. Knex records names with the extension of the file that it ran, which may be compiled.
 */
function recordedIn(db: Database, table: string, {orderBy}: CodeTool): readonly string[] {
	return db.tuples(`SELECT CAST(name AS TEXT) FROM ${quoted(table)} ORDER BY ${orderBy}`).map(([name]) => String(name).replace(/\.[cm]?[jt]s$/, ''));
}
