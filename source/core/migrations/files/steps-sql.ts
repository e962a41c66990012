import {foreignKeyGuard, needsForeignKeyGuard} from '../../plan/foreign-key-guard.ts';
import {statementsOf} from '../../plan/statements.ts';
import type {Step} from '../../plan/step.ts';
import type {Schema} from '../../schema/schema.ts';
import {proseComment} from './section-markers.ts';

/** Steps as SQL for people: each under a comment that says what it does, and why where rows are copied. */
export function stepsSql(steps: readonly Step[]): string {
	return steps
		.map((step) => {
			const why = step.strategy === 'rewrite' ? `, because ${step.reason}` : '';
			const statements = statementsOf(step).map((sql) => `${sql};\n`);
			return `${proseComment(`${step.object}: ${step.summary}${why}`)}\n${statements.join('')}`;
		})
		.join('\n');
}

/** The statements that must come before steps so that no program loses rows by running them with foreign keys on; empty if they are not needed. */
export function guardSql(steps: readonly Step[], schemas: readonly Schema[]): string {
	if (!needsForeignKeyGuard(steps, schemas)) return '';
	const comment = proseComment('The next three statements fail in a program that runs this with foreign keys on: it would lose rows.');
	return `${comment}\n${foreignKeyGuard.map((sql) => `${sql};\n`).join('')}`;
}
