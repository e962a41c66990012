import type {Operation} from '../../operations/operation.ts';
import {plan} from '../../plan/plan.ts';
import type {Step} from '../../plan/step.ts';
import type {Schema} from '../../schema/schema.ts';
import {proseComment} from './section-markers.ts';
import {guardSql, stepsSql} from './steps-sql.ts';

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
		`-- upgrade\n${part(up.steps, [from, up.target])}`,
		`\n-- downgrade\n${downgradeComments.map((line) => `${proseComment(line)}\n`).join('')}${part(down.steps, [up.target, down.target])}`,
	].join('');
}

function part(steps: readonly Step[], schemas: readonly Schema[]): string {
	const guard = guardSql(steps, schemas);
	return `${guard}${guard === '' ? '' : '\n'}${stepsSql(steps)}`;
}

export function emptySqlMigration(): string {
	return '-- upgrade\n\n-- downgrade\n';
}
