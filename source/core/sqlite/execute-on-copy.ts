import {readStatement} from '../ddl/read.ts';
import {MigrError} from '../errors.ts';
import type {Step} from '../plan/step.ts';
import {executeStep} from './execute-step.ts';
import {isOfAnotherProgram} from './failure.ts';
import {introspect} from './introspect.ts';
import {createOnCopy} from './memory-copy.ts';
import type {StepContext, StepRun} from './step-context.ts';

/**
 * Executes a step on a copy in memory (`memoryCopy`): what SQLite cannot create there because a collation, a module or a tokenizer of another program is missing gets its
 * text as `memoryCopy` gives it.
 *
 * Throws as `executeStep` does.
 */
export async function* executeOnCopy(step: Step, context: StepContext): StepRun {
	const sql =
		step.kind === 'execute' ? step.operation.sql : step.kind === 'statements' && step.statements.length === 1 ? step.statements[0] : undefined;
	try {
		return yield* executeStep(step, context);
	} catch (error) {
		const object = sql !== undefined && error instanceof MigrError && isOfAnotherProgram(error.cause) ? readStatement(sql) : undefined;
		if (object === undefined) throw error;
		createOnCopy(context.db, object, introspect(context.db));
		return {rows: null, removesFrom: []};
	}
}
