import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {ScriptStep, StatementWrites} from '../../script/step-facts.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {writeSetOf} from '../../sqlite/write-set.ts';

/** Returns a step with the facts that its SQL depends on. `db` is the copy that the step is about to change, with foreign keys off. */
export function observeStep(db: Database, step: Step): ScriptStep {
	return {step, schema: introspect(db), ...(step.kind === 'execute' ? {writes: writesOf(db, step.operation.sql, step.operation.parameters)} : {})};
}

function writesOf(db: Database, sql: string, parameters: readonly unknown[]): StatementWrites | undefined {
	const {kind, verb} = statementFacts(sql);
	if (kind === 'pragma' || kind === 'transaction' || kind === 'file' || verb === '') return undefined;
	const {tables, isAppend, hasPrograms, mayReplace} = writeSetOf(db, sql, parameters);
	return {tables: new Set([...tables].map(nameKey)), isAppend, hasPrograms, mayReplace};
}
