import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {ScriptStep, StatementWrites} from '../../script/step-facts.ts';
import type {Database} from '../../sqlite/database.ts';
import {describeStatement, explainStatement} from '../../sqlite/explain-statement.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {attempt} from '../../sqlite/step-error.ts';
import {writeSetOf} from '../../sqlite/write-set.ts';
import {errorOf} from './step-failure.ts';

/**
 * Returns a step with the facts that its SQL depends on. `db` is the copy that the step is about to change, with foreign keys off.
 *
 * @throws MigrError like the step itself, if SQLite cannot read its statement
 */
export function observeStep(db: Database, step: Step): ScriptStep {
	if (step.kind !== 'execute') return {step, schema: introspect(db)};
	try {
		return {step, schema: introspect(db), writes: writesOf(db, step.operation.sql, step.operation.parameters)};
	} catch (error) {
		throw errorOf(error, [step.operation], step);
	}
}

function writesOf(db: Database, sql: string, parameters: readonly unknown[]): StatementWrites | undefined {
	const {kind, verb} = statementFacts(sql);
	if (kind === 'pragma' || kind === 'transaction' || kind === 'file' || verb === '') return undefined;
	const doing = describeStatement(sql);
	const {tables, isAppend, hasPrograms, mayReplace} = attempt(
		db.path,
		doing,
		() => writeSetOf(db, sql, parameters),
		(error) => explainStatement(db, sql, error, doing),
	);
	return {tables: new Set([...tables].map(nameKey)), isAppend, hasPrograms, mayReplace};
}
