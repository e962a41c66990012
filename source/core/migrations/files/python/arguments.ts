import {splitStatements} from '../../../ddl/split.ts';
import {MigrError} from '../../../errors.ts';
import {type PythonText, pythonError} from '../../../models/python/text.ts';
import {unsupportedValue} from '../../../models/python/unsupported-value.ts';
import type {Placed} from '../../../models/python/value.ts';
import type {SqlValue} from '../../../operations/operation.ts';
import {refusedVerb} from '../refused-verb.ts';

/** A call with its arguments by name. */
export interface Arguments {
	/** `op.create_table`. */
	readonly label: string;
	readonly file: PythonText;
	readonly from: number;
	readonly given: ReadonlyMap<string, Placed>;
}

/** Returns an argument that was checked to exist. */
function argument({given, file, from}: Arguments, name: string): Placed {
	return given.get(name) ?? {value: {kind: 'none'}, file, from};
}

/** Returns a name that pylite-orm accepts: ASCII letters, digits and _. */
export function nameArgument(call: Arguments, name: string): string {
	return plainName(`${call.label}: ${name}`, argument(call, name));
}

export function plainName(label: string, placed: Placed): string {
	const {value, file, from} = placed;
	if (value.kind !== 'string') throw unsupportedValue(label, placed, "write the name as a string: 'user'");
	if (!/^[A-Za-z0-9_]+$/.test(value.value)) {
		throw pythonError(file, from, `${label} is not a name that pylite-orm accepts: ${JSON.stringify(value.value)}`, 'use only letters, digits and _');
	}
	return value.value;
}

export function textArgument(call: Arguments, name: string): string {
	const placed = argument(call, name);
	if (placed.value.kind === 'string' && placed.value.value.trim() !== '') return placed.value.value.trim();
	throw unsupportedValue(`${call.label}: ${name}`, placed, "write it as a string: 'INTEGER'");
}

export function flagArgument(call: Arguments, name: string, defaultValue: boolean): boolean {
	const placed = call.given.get(name);
	return placed === undefined ? defaultValue : truth(`${call.label}: ${name}`, placed);
}

/** Returns the value of True, False, None or an integer as a boolean. */
export function truth(label: string, placed: Placed): boolean {
	const {value} = placed;
	if (value.kind === 'boolean') return value.value;
	if (value.kind === 'none') return false;
	if (value.kind === 'integer') return value.value !== 0n;
	throw unsupportedValue(label, placed, 'write True or False');
}

export function listArgument(call: Arguments, name: string, what: string): readonly Placed[] {
	const placed = argument(call, name);
	if (placed.value.kind === 'list' || placed.value.kind === 'tuple') return placed.value.items;
	throw unsupportedValue(`${call.label}: ${name}`, placed, `write ${what}`);
}

export function namesArgument(call: Arguments, name: string): readonly string[] {
	return listArgument(call, name, "a list of names: ['name', 'age']").map((item) => plainName(`${call.label}: an element of ${name}`, item));
}

/** Returns one SQL statement, without the semicolon. */
export function statementArgument(call: Arguments, name: string): string {
	const placed = argument(call, name);
	const {value, file, from} = placed;
	if (value.kind !== 'string')
		throw unsupportedValue(`${call.label}: ${name}`, placed, "write the statement as a string, with ? for values: 'UPDATE …'");
	const [first, second] = splitOf(call, placed, value.value);
	if (first === undefined) throw pythonError(file, from, `${call.label}: the statement is empty`);
	if (second !== undefined) throw pythonError(file, from, `${call.label}: two statements in one call`, 'use one call per statement');
	const refused = refusedVerb(first);
	if (refused !== undefined) throw pythonError(file, from, `${refused.verb} cannot run inside a migration`, `remove the ${refused.verb}`);
	return first;
}

function splitOf(call: Arguments, {file, from}: Placed, sql: string): readonly string[] {
	try {
		return splitStatements(sql).map(({text}) => text);
	} catch (error) {
		if (error instanceof MigrError) throw pythonError(file, from, `${call.label}: ${error.message}`, error.hint);
		throw error;
	}
}

/** Returns values for the `?` of a statement. */
export function parametersOf(call: Arguments, name: string): readonly SqlValue[] {
	const placed = argument(call, name);
	if (placed.value.kind === 'none') return [];
	if (placed.value.kind === 'dict') {
		if (placed.value.entries.length === 0) return [];
		throw pythonError(placed.file, placed.from, `${call.label}: named values are not supported`, 'use ? in the statement and a list of values');
	}
	return listArgument(call, name, 'a list of values').map((item) => sqlValue(`${call.label}: an element of ${name}`, item));
}

function sqlValue(label: string, placed: Placed): SqlValue {
	const {value, file, from} = placed;
	switch (value.kind) {
		case 'none':
			return null;
		case 'boolean':
			return value.value ? 1 : 0;
		case 'string':
		case 'bytes':
			return value.value;
		case 'integer':
			if (value.value < -(2n ** 63n) || value.value >= 2n ** 63n) throw pythonError(file, from, `${label} is larger than SQLite's integers`);
			return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : value.value;
		case 'float':
			// A whole float would be bound as an integer. A TEXT column, or a column without a type, stores the two differently.
			if (!Number.isInteger(value.value)) return value.value;
			throw pythonError(file, from, `${label} is a whole number written as a float`, 'write it into the statement: SET price = 5.0');
		default:
			throw unsupportedValue(label, placed, 'write a literal: a number, a string, bytes, True, False or None');
	}
}
