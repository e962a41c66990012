import {type Diff, diff} from '../../diff/diff.ts';
import {withoutIgnored} from '../../diff/ignore.ts';
import type {Decisions, FillQuestion, Question} from '../../diff/question.ts';
import {fillQuestion} from '../../diff/table-operations.ts';
import {advanceAll} from '../../operations/advance.ts';
import {fillsOf, isAlteration} from '../../operations/alteration.ts';
import type {Hazard} from '../../operations/hazard.ts';
import {hazardsOf} from '../../operations/hazards.ts';
import type {Operation} from '../../operations/operation.ts';
import {type Plan, plan} from '../../plan/plan.ts';
import {type PreviewObject, preview} from '../../plan/preview.ts';
import {sameTable} from '../../schema/equality.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {findTable, findVirtualTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {localSqliteVersion} from '../../sqlite/driver/choose.ts';
import {fixesBefore} from '../files/fix-quoted-strings.ts';
import type {DraftFinding} from '../finding.ts';
import {requireNoBookkeeping} from '../history/foreign-tools.ts';
import {draftFindings} from '../preflight/findings.ts';
import {withSettledDefaults} from './settled-defaults.ts';
import {withSettledDrizzle} from './settled-drizzle.ts';
import {withSettledPrisma} from './settled-prisma.ts';
import {withSettledTypes} from './settled-types.ts';

export interface DraftRequest {
	/** The schema that the migration will run on: that of the database after its pending migrations. */
	readonly from: Schema;
	readonly models: Schema;
	readonly decisions: Decisions;
	/** The existing rows, with their current schema. Absent if there is no database. */
	readonly rows?: {readonly db: Database; readonly schema: Schema} | undefined;
	/** True if the migration will run as plain statements, as on a database on a server. */
	readonly portable?: boolean;
}

/** A migration before it is written: its operations, open questions, and the findings from existing rows. */
export interface Draft extends Diff {
	readonly plan: Plan;
	readonly preview: readonly PreviewObject[];
	/** Rows that would make it fail, be changed or be lost. */
	readonly findings: readonly DraftFinding[];
}

/**
 * Compares models with the schema that a migration will run on, and checks the existing rows. If rows are NULL in a column that becomes NOT NULL, it
 * also asks for a fill.
 *
 * @throws MigrError `model` if a model is a migration table of lite-migr or of another tool
 */
export function draftMigration({from: whole, models: loaded, decisions, rows, portable = false}: DraftRequest): Draft {
	requireNoBookkeeping(loaded);
	const from = withoutIgnored(whole, decisions.ignore, loaded);
	const models = withSettledPrisma(withSettledTypes(withSettledDrizzle(withSettledDefaults(loaded, from), from), from), from, decisions.renames);
	const found = settledDiff(from, models, decisions);
	const planned = plan(from, found.operations, {portable, sqliteVersion: localSqliteVersion()});
	const findings = rows === undefined ? [] : draftFindings(rows.db, checkable(found.hazards, from, rows.schema));
	const openIds = new Set(found.questions.map(({id}) => id));
	const fills = findings
		.filter((finding) => (finding.kind === 'null' || finding.kind === 'nullKey') && finding.column !== null && !hasFill(finding, found))
		.map(
			(finding): Question => ({
				...fillQuestion(finding.table, finding.column ?? '', false, defaultIn(models, finding, found.operations)),
				...nameBefore(finding, found.operations),
				message: `${finding.table}.${finding.column}: ${finding.message}`,
			}),
		)
		.filter(({id}) => !openIds.has(id));
	return {
		...found,
		questions: [...found.questions, ...fills],
		plan: planned,
		preview: preview(from, found.operations, planned),
		findings,
	};
}

/** Returns the current name of a renamed column in the database. */
function nameBefore({table, column}: DraftFinding, operations: readonly Operation[]): Pick<FillQuestion, 'before'> {
	const tables = [table, nameAfter(table, operations)];
	const before = operations.reduceRight(
		(name, operation) =>
			operation.kind === 'renameColumn' && sameName(operation.to, name) && tables.some((one) => sameName(one, operation.table))
				? operation.column
				: name,
		column ?? '',
	);
	return before === column ? {} : {before};
}

/** Returns the default of a column in the models. Undefined if there is none, and if it is NULL. */
function defaultIn(models: Schema, {table, column}: DraftFinding, operations: readonly Operation[]): string | undefined {
	const found = findTable(models, nameAfter(table, operations))?.columns.find(({name}) => column !== null && sameName(name, column))?.default;
	return found === undefined || found.normal.toUpperCase() === 'NULL' ? undefined : found.text;
}

/** Diffs the schemas. If the diff contains renames, first fixes string literals in double quotes, because SQLite refuses renames with them. */
function settledDiff(from: Schema, models: Schema, decisions: Decisions): Diff {
	const found = diff(from, models, decisions);
	const fixes = fixesBefore(from, found.operations);
	if (fixes.length === 0) return found;
	const rest = diff(advanceAll(from, fixes), models, decisions);
	const operations = [...fixes, ...rest.operations];
	return {...rest, operations, hazards: hazardsOf(from, operations)};
}

/** Returns the hazards that can be checked against existing rows: those on tables that no pending migration changes. */
function checkable(hazards: readonly Hazard[], from: Schema, present: Schema): readonly Hazard[] {
	return hazards.filter((hazard) => {
		const others = 'where' in hazard ? [...('foreignKey' in hazard ? [hazard.foreignKey.parent] : []), ...(hazard.reads ?? [])] : [];
		return [hazard.table, ...others].every((table) => isUnchanged(table, from, present));
	});
}

/** True if no pending migration changes the table, so its rows can be checked. */
export function isUnchanged(table: string, from: Schema, present: Schema): boolean {
	const [now, then] = [findTable(present, table), findTable(from, table)];
	if (now === undefined || then === undefined) return findVirtualTable(present, table) !== undefined;
	return sameTable(now, then, present, from);
}

/** True if a fill was given. If it returns NULL for some rows, that is a finding, not another question. */
function hasFill({table, column}: DraftFinding, {operations}: Diff): boolean {
	const now = nameAfter(table, operations);
	return operations.some((operation) => isAlteration(operation) && sameName(operation.table, now) && fillsOf(operation).has(nameKey(column ?? '')));
}

/** Returns the new name of a table. A finding has the name before renames, which run first. */
function nameAfter(table: string, operations: readonly Operation[]): string {
	return operations.reduce((name, operation) => (operation.kind === 'renameTable' && sameName(operation.table, name) ? operation.to : name), table);
}
