import type {Operation} from '../../operations/operation.ts';
import {plan} from '../../plan/plan.ts';
import type {Schema} from '../../schema/schema.ts';
import {proseComment} from './section-markers.ts';
import {stepsSql} from './steps-sql.ts';

/** A migration file in plain SQL, with rewrites spelled out in statements that any SQLite since 3.35 knows. */
export function sqlMigration(
	comments: readonly string[],
	from: Schema,
	upgrade: readonly Operation[],
	downgrade: readonly Operation[],
	downgradeComments: readonly string[],
): string {
	const up = plan(from, upgrade, {portable: true});
	const down = plan(up.target, downgrade, {portable: true});
	return [
		...comments.map((line) => `${proseComment(line)}\n`),
		...(comments.length === 0 ? [] : ['\n']),
		`-- upgrade\n${stepsSql(up.steps)}`,
		`\n-- downgrade\n${downgradeComments.map((line) => `${proseComment(line)}\n`).join('')}${stepsSql(down.steps)}`,
	].join('');
}

export function emptySqlMigration(): string {
	return '-- upgrade\n\n-- downgrade\n';
}
