import {readColumn, readStatement} from '../../ddl/read.ts';
import {type ErrorLocation, MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';

/**
 * Returns the place of a definition with a syntax error in its migration file, for an error that only has a line in the definition. Undefined if all
 * definitions can be read.
 */
export function placeOfBrokenDefinition(operations: readonly Operation[], {line = 1}: ErrorLocation): ErrorLocation | undefined {
	const origin = operations.find(isBroken)?.origin;
	if (origin === undefined) return undefined;
	return origin.line === undefined ? origin : {...origin, line: origin.line + line - 1};
}

function isBroken(operation: Operation): boolean {
	try {
		if (operation.kind === 'addColumn') readColumn(operation.definition);
		else if (operation.kind !== 'execute' && 'sql' in operation) readStatement(operation.sql);
		return false;
	} catch (error) {
		if (error instanceof MigrError && error.code === 'syntax') return true;
		throw error;
	}
}
