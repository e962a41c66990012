import {readStatement} from '../ddl/read.ts';
import {statementFacts} from '../ddl/statements/statement-facts.ts';
import {thrownText} from '../text/thrown.ts';
import {nativeOf} from './connection.ts';
import {introspect} from './introspect.ts';
import {createOrStandIn} from './memory-copy.ts';
import {missingExtension} from './missing-extension.ts';
import type {StepContext} from './step-context.ts';

/**
 * How to read this file. A run is first tried on a copy in memory, which does not have the functions, collations and modules of the program. If the
 * connection of the run has them, the copy must not fail: a missing function is replaced by a stub, because without rows nothing calls it. Nothing can
 * replace a collation or a module, so a stand-in replaces the object that needs it.
 */

/** Executes a statement. In a copy, a stand-in replaces an object that needs an extension, and the result is then `result`. */
export function orStandIn<T>(context: StepContext, sql: string, result: T, work: () => T): T {
	try {
		return withStubs(context, work);
	} catch (error) {
		if (missingInCopy(context, error) === undefined || !createStandIn(context, sql)) throw error;
		return result;
	}
}

/** Does some work. In a copy, does it again with a stub for each missing function. */
export function withStubs<T>(context: StepContext, work: () => T): T {
	const stubs = new Set<string>();
	for (;;) {
		try {
			return work();
		} catch (error) {
			const missing = missingInCopy(context, error);
			if (missing?.startsWith('function ') !== true || stubs.has(missing)) throw error;
			stubs.add(missing);
			defineStub(context, missing);
		}
	}
}

/** Returns the extension that an error is about, if the copy does not need it because the connection of the run has it. */
export function missingInCopy({isCopy = false, hasExtension = () => true}: StepContext, error: unknown): string | undefined {
	const missing = isCopy ? missingExtension(thrownText(error)) : undefined;
	return missing !== undefined && hasExtension(missing) ? missing : undefined;
}

function defineStub({db}: StepContext, missing: string): void {
	nativeOf(db).defineStub(missing.slice('function '.length));
	// Otherwise SQLite refuses the stub in definitions (https://www.sqlite.org/pragma.html#pragma_trusted_schema). The copy is private and has no rows.
	db.exec('PRAGMA trusted_schema = ON');
}

/** False for a statement that creates nothing. */
function createStandIn({db}: StepContext, sql: string): boolean {
	const object = statementFacts(sql).verb === 'CREATE' ? readStatement(sql) : undefined;
	if (object === undefined) return false;
	createOrStandIn(db, object, introspect(db));
	return true;
}
