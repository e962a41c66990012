import type {Operation} from '../../operations/operation.ts';
import {hashIn} from '../../operations/written-for.ts';
import {plan} from '../../plan/plan.ts';
import type {Step} from '../../plan/step.ts';
import type {Schema} from '../../schema/schema.ts';
import {changesComment} from './changes-comment.ts';
import {guardedDowngrade, guardedUpgrade} from './guarded-section.ts';
import {proseComment} from './section-markers.ts';

/** One section of a migration, with all schemas it must work on. */
export interface SqlSection {
	readonly operations: readonly Operation[];
	readonly fits: readonly Schema[];
}

/** Returns a migration file in plain SQL. Rewrites are written out as statements that SQLite 3.38 and later understand, with guards for other programs. */
export function sqlMigration(
	comments: readonly string[],
	from: Schema,
	{upgrade, downgrade}: {readonly upgrade: SqlSection; readonly downgrade: SqlSection},
	downgradeComments: readonly string[],
): string {
	const up = plan(from, upgrade.operations, {portable: true});
	const down = plan(up.target, downgrade.operations, {portable: true});
	const upgrading = guardedUpgrade(up.steps, changesComments(up.steps, upgrade.fits), [from, up.target], upgrade.fits);
	const downgrading = guardedDowngrade(down.steps, changesComments(down.steps, downgrade.fits), up.steps);
	return [
		...comments.map((line) => `${proseComment(line)}\n`),
		...(comments.length === 0 ? [] : ['\n']),
		`-- upgrade\n${upgrading}`,
		`\n-- downgrade\n${downgradeComments.map((line) => `${proseComment(line)}\n`).join('')}${downgrading}`,
	].join('');
}

/**
 * Returns a comment for each table that the steps rewrite, if the table exists before them.
 *
 * @param fits all schemas that the steps must work on
 */
export function changesComments(steps: readonly Step[], fits: readonly Schema[]): string {
	const tables = new Set(steps.flatMap((step) => (step.kind === 'rewrite' ? [step.table] : [])));
	return [...tables].map((table) => changesComment(table, [...new Set(fits.flatMap((schema) => hashIn(schema, table) ?? []))])).join('');
}

export function emptySqlMigration(): string {
	return '-- upgrade\n\n-- downgrade\n';
}
