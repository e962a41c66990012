import {foreignKeyGuard, needsForeignKeyGuard} from '../../plan/foreign-key-guard.ts';
import {statementsOf} from '../../plan/statements.ts';
import type {Step} from '../../plan/step.ts';
import type {Schema} from '../../schema/schema.ts';
import {proseComment} from './section-markers.ts';

/** Returns steps as readable SQL. A comment above each step describes it, and gives the reason if it copies rows. */
export function stepsSql(steps: readonly Step[]): string {
	return steps
		.map((step) => {
			const why = step.strategy === 'rewrite' ? `, because ${step.reason}` : '';
			const statements = statementsOf(step).map((sql) => `${sql};\n`);
			return `${proseComment(`${step.object}: ${step.summary}${why}`)}\n${statements.join('')}`;
		})
		.join('\n');
}

/** Returns statements that fail if foreign keys are on, to put before steps that would lose rows then. Empty if they are not needed. */
export function guardSql(steps: readonly Step[], schemas: readonly Schema[]): string {
	if (!needsForeignKeyGuard(steps, schemas)) return '';
	const comment = proseComment('The next three statements fail if foreign keys are on, because the statements after them would then delete rows.');
	return `${comment}\n${foreignKeyGuard.map((sql) => `${sql};\n`).join('')}`;
}
