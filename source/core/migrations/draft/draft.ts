import {type Diff, diff} from '../../diff/diff.ts';
import {withoutIgnored} from '../../diff/ignore.ts';
import type {Decisions, Question} from '../../diff/question.ts';
import {fillQuestion} from '../../diff/table-operations.ts';
import {advanceAll} from '../../operations/advance.ts';
import {fillsOf, isAlteration} from '../../operations/alteration.ts';
import type {Hazard} from '../../operations/hazard.ts';
import {hazardsOf} from '../../operations/hazards.ts';
import {type Plan, plan} from '../../plan/plan.ts';
import {type PreviewObject, preview} from '../../plan/preview.ts';
import {sameTable} from '../../schema/equality.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {findTable, findVirtualTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {mendsBefore} from '../files/mended-strings.ts';
import type {Finding} from '../finding.ts';
import {requireNoBookkeeping} from '../history/foreign-tools.ts';
import {findingsOf} from '../preflight/findings.ts';
import {withSettledDefaults} from './settled-defaults.ts';

export interface DraftRequest {
	/** The schema that the migration will meet: the database's and what is pending. */
	readonly from: Schema;
	readonly models: Schema;
	readonly decisions: Decisions;
	/** The rows that are there, with the schema that they are in now; absent where there is no database. */
	readonly rows?: {readonly db: Database; readonly schema: Schema};
}

/** A migration before it is written: what it would do, what has to be asked, and what the rows say to it. */
export interface Draft extends Diff {
	readonly plan: Plan;
	readonly preview: readonly PreviewObject[];
	/** Rows that would break it, change or be lost. */
	readonly findings: readonly Finding[];
}

/**
 * Models against the schema that a migration will meet, with the rows that are there: where rows have no value under a new NOT NULL,
 * the fill that would mend it is asked for as well.
 *
 * @throws MigrError `model` where a model is of a table that tools keep for themselves
 */
export function draftMigration({from: whole, models: loaded, decisions, rows}: DraftRequest): Draft {
	requireNoBookkeeping(loaded);
	const from = withoutIgnored(whole, decisions.ignore, loaded);
	const models = withSettledDefaults(loaded, from);
	const found = mendedDiff(from, models, decisions);
	const planned = plan(from, found.operations);
	const findings = rows === undefined ? [] : findingsOf(rows.db, standing(found.hazards, from, rows.schema), '');
	const asked = new Set(found.questions.map(({id}) => id));
	const fills = findings
		.filter((finding) => (finding.kind === 'null' || finding.kind === 'nullKey') && finding.column !== null && !hasFill(finding, found))
		.map(
			(finding): Question => ({
				...fillQuestion(finding.table, finding.column ?? '', false),
				message: `${finding.table}.${finding.column}: ${finding.message}`,
			}),
		)
		.filter(({id}) => !asked.has(id));
	return {
		...found,
		questions: [...found.questions, ...fills],
		plan: planned,
		preview: preview(from, found.operations, planned),
		findings,
	};
}

/** Old string literals in double quotes stop every rename, so they are mended before the renames of the same migration. */
function mendedDiff(from: Schema, models: Schema, decisions: Decisions): Diff {
	const found = diff(from, models, decisions);
	const mends = mendsBefore(from, found.operations);
	if (mends.length === 0) return found;
	const rest = diff(advanceAll(from, mends), models, decisions);
	const operations = [...mends, ...rest.operations];
	return {...rest, operations, hazards: hazardsOf(from, operations)};
}

/** Only what no pending migration changes can be looked for in the rows that are there. */
function standing(hazards: readonly Hazard[], from: Schema, present: Schema): readonly Hazard[] {
	const stands = (name: string) => {
		const [now, then] = [findTable(present, name), findTable(from, name)];
		if (now === undefined || then === undefined) return findVirtualTable(present, name) !== undefined;
		return sameTable(now, then, present, from);
	};
	return hazards.filter((hazard) => {
		const others = 'where' in hazard ? [...(hazard.foreignKey === undefined ? [] : [hazard.foreignKey.parent]), ...(hazard.reads ?? [])] : [];
		return [hazard.table, ...others].every(stands);
	});
}

/** A fill was given, and gives NULL for some rows: to be told, not asked again. */
function hasFill({table, column}: Finding, {operations}: Diff): boolean {
	// The finding has the table's name before the renames, which come first.
	const now = operations.reduce(
		(name, operation) => (operation.kind === 'renameTable' && sameName(operation.table, name) ? operation.to : name),
		table,
	);
	return operations.some((operation) => isAlteration(operation) && sameName(operation.table, now) && fillsOf(operation).has(nameKey(column ?? '')));
}
