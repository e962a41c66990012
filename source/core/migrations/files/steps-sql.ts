import {statementsOf} from '../../plan/statements.ts';
import type {Step} from '../../plan/step.ts';
import {ended} from '../../script/print.ts';
import {proseComment} from './section-markers.ts';

/**
 * Returns steps as readable SQL. A comment above each step describes it, and gives the reason if it copies rows.
 *
 * @param statementsFor the statements of a step, by default those of the plan
 */
export function stepsSql(steps: readonly Step[], statementsFor: (step: Step) => readonly string[] = statementsOf): string {
	return steps
		.map((step) => {
			const why = step.strategy === 'rewrite' ? `, because ${step.reason}` : '';
			return `${proseComment(`${step.object}: ${step.summary}${why}`)}\n${statementLines(statementsFor(step))}`;
		})
		.join('\n');
}

/** Returns statements, each with its semicolon and on its own line. */
export function statementLines(statements: readonly string[]): string {
	return statements.map((sql) => `${ended(sql)}\n`).join('');
}
