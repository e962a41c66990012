import {statementsOf} from '../../plan/statements.ts';
import type {Step} from '../../plan/step.ts';
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
