import type {Operation} from '../operations/operation.ts';
import {plan} from '../plan/plan.ts';
import {statementsOf} from '../plan/statements.ts';
import type {Schema} from '../schema/schema.ts';

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
	const section = (steps: typeof up.steps) =>
		steps
			.map(
				(step) =>
					`${comment(`${step.object}: ${step.summary}${step.strategy === 'rewrite' ? `, because ${step.reason}` : ''}`)}\n${statementsOf(step)
						.map((sql) => `${sql};\n`)
						.join('')}`,
			)
			.join('\n');
	return [
		...comments.map((line) => `${comment(line)}\n`),
		...(comments.length === 0 ? [] : ['\n']),
		`-- upgrade\n${section(up.steps)}`,
		`\n-- downgrade\n${downgradeComments.map((line) => `${comment(line)}\n`).join('')}${section(down.steps)}`,
	].join('');
}

export function emptySqlMigration(): string {
	return '-- upgrade\n\n-- downgrade\n';
}

/** A comment is one line, whatever stands in it. */
function comment(line: string): string {
	return `-- ${line.replace(/\s+/g, ' ')}`;
}
