import {readColumn, readStatement} from '../../ddl/read.ts';
import {type ErrorLocation, MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';

/**
 * Where in the migration a definition stands that cannot be read, for an error that only says where in the definition. Undefined where none of the
 * operations has such a one.
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
