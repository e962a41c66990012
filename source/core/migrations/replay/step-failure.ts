import {readIndex} from '../../ddl/read.ts';
import {type ErrorLocation, MigrError, restated} from '../../errors.ts';
import type {Operation, OperationOrigin} from '../../operations/operation.ts';
import type {ExecuteStep, Step} from '../../plan/step.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {describeStatement} from '../../sqlite/explain-statement.ts';
import {missingExtension, providerHint} from '../../sqlite/missing-extension.ts';
import type {StepContext} from '../../sqlite/step-context.ts';
import {StepError} from '../../sqlite/step-error.ts';
import {clean} from '../../text/clean.ts';
import {thrownText} from '../../text/thrown.ts';
import {callText} from '../files/call-text.ts';

/** @throws StepError for a statement that needs an extension which the connection of the run does not have */
export function requireExtensions(error: unknown, {operation}: ExecuteStep, hasExtension: StepContext['hasExtension']): void {
	const missing = error === undefined ? undefined : missingExtension(thrownText(error));
	if (missing === undefined || hasExtension?.(missing) !== false) return;
	throw new StepError('migration', clean(thrownText(error)), describeStatement(operation.sql), {cause: error});
}

/** Returns the error of a step with the operation, its place in the migration and the failed action. */
export function errorOf(error: unknown, operations: readonly Operation[], step: Step): unknown {
	if (!(error instanceof MigrError) || error.code === 'cancelled') return error;
	const operation = failingOperation(operations, step);
	const doing = error instanceof StepError ? error.doing : step.summary;
	return restated(error, {
		...hintFor(error),
		location: placeOf(operation?.origin, error.location),
		details: [`${operation === undefined ? step.object : callText(operation)}: ${doing}`, ...error.details],
	});
}

/** Returns the operation that most likely caused the error of a step. One step can combine several changes of a table and its indexes. */
function failingOperation(operations: readonly Operation[], step: Step): Operation | undefined {
	const planned = step.operations.map((index) => operations[index]).filter((operation) => operation !== undefined);
	const found = planned.find((operation) => {
		if (step.strategy === 'index') return indexOf(operation) === nameKey(step.object);
		return (step.strategy === 'scan' || step.strategy === 'rewrite') && operation.kind === 'changeTable';
	});
	return found ?? planned[0] ?? operations[0];
}

function indexOf(operation: Operation): string | undefined {
	if (operation.kind === 'dropIndex') return nameKey(operation.index);
	return operation.kind === 'createIndex' ? nameKey(readIndex(operation.sql).name) : undefined;
}

/** Returns the place of an error. A line without a file is relative to the first line of the statement. */
function placeOf(origin: OperationOrigin | undefined, location: ErrorLocation = {}): ErrorLocation {
	const {line, column: _, ...rest} = location;
	if (origin?.line === undefined || line === undefined || location.file !== undefined) return {...origin, ...location};
	return {...rest, ...origin, line: origin.line + line - 1};
}

/** Returns a hint for objects that were broken before: an ALTER reads the whole schema (https://www.sqlite.org/lang_altertable.html#altertabrename). */
function hintFor({hint, message}: MigrError): {readonly hint?: string} {
	const missing = missingExtension(message);
	if (missing !== undefined) return {hint: providerHint(missing)};
	if (hint !== undefined) return {hint};
	const [, kind, name] = /^error in (table|index|view|trigger) (.+?)(?: after (?:rename|drop column|add column))?: /.exec(message) ?? [];
	if (name === undefined) return {};
	if (kind === 'view' || kind === 'trigger') {
		const drop = `op.drop${kind === 'view' ? 'View' : 'Trigger'}('${clean(name)}')`;
		return {hint: `fix ${kind} ${clean(name)}, or drop it first with ${drop}: SQLite cannot rename or drop anything while it is broken`};
	}
	return {
		hint: `fix the definition of ${kind} ${clean(name)} first with op.${kind === 'table' ? 'changeTable' : 'dropIndex and op.createIndex'}: SQLite no longer accepts it`,
	};
}
