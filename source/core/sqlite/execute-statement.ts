import {type StatementFacts, statementFacts} from '../ddl/statements/statement-facts.ts';
import type {ExecuteStep} from '../plan/step.ts';
import {nativeOf, toNative} from './connection.ts';
import type {Database} from './database.ts';
import {describeStatement, explainStatement} from './explain-statement.ts';
import type {StepContext, StepResult} from './step-context.ts';
import {attempt, StepError} from './step-error.ts';
import {alterTable} from './suspended-indexes.ts';

/** Executes a statement of a migration. @throws StepError if it fails, or if it would begin or end a transaction */
export function executeStatement({db, observer, inTransaction = true}: StepContext, {operation}: ExecuteStep): StepResult {
	const doing = describeStatement(operation.sql);
	const facts = attempt(db.path, doing, () => statementFacts(operation.sql));
	if (inTransaction) refuseTransactionControl(facts, doing);
	const rows = attempt(
		db.path,
		doing,
		() => {
			if (isSchemaUnlock(facts)) return withUnlock(db, operation.sql);
			const after = observer?.before(operation.sql, operation.parameters.map(toNative));
			const isAlter = facts.verb === 'ALTER' && operation.parameters.length === 0;
			const changed = isAlter ? alterTable(db, operation.sql) : db.run(operation.sql, ...operation.parameters);
			after?.();
			return changed ?? 0;
		},
		(error) => explainStatement(db, operation.sql, error, doing),
	);
	if (inTransaction) checkStillOpen(db, doing);
	return {rows: facts.kind === 'data' ? rows : null};
}

function isSchemaUnlock({verb, name}: StatementFacts): boolean {
	return verb === 'PRAGMA' && name?.toLowerCase() === 'writable_schema';
}

/** Drivers ignore `PRAGMA writable_schema` outside their unsafe mode. That mode then lasts as long as the pragma is on. */
function withUnlock(db: Database, sql: string): number {
	const native = nativeOf(db);
	native.unsafeMode(true);
	db.exec(sql);
	native.unsafeMode(db.value('PRAGMA writable_schema') !== 0);
	return 0;
}

/** Checks that a statement does not begin or end a transaction. Everything runs in one transaction, so that everything can be rolled back. */
export function refuseTransactionControl({kind, verb}: StatementFacts, doing: string): void {
	if (kind !== 'transaction' && kind !== 'file') return;
	throw new StepError('migration', `${verb} is not allowed in a migration: migrations run in a shared transaction`, doing, {
		hint: 'remove it, or add export const transaction = false to the file: the migration then runs alone and cannot be rolled back',
	});
}

export function checkStillOpen(db: Database, doing: string): void {
	if (db.inTransaction) return;
	throw new StepError('migration', 'a statement ended the transaction: everything so far was rolled back', doing, {
		hint: 'look for ON CONFLICT ROLLBACK, OR ROLLBACK or RAISE(ROLLBACK) in the tables and triggers that the migration writes to',
	});
}
