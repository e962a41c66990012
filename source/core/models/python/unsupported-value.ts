import type {MigrError} from '../../errors.ts';
import {pythonError} from './text.ts';
import type {Placed, Value} from './value.ts';

/** Returns the error for a value that is not supported. `subject` describes its purpose. */
export function unsupportedValue(subject: string, {value, file, from}: Placed, hint: string): MigrError {
	const message = isComputed(value)
		? `${subject} cannot be determined without running Python: it is ${describe(value)}`
		: `${subject} cannot be ${describe(value)}`;
	return pythonError(file, from, message, hint);
}

function isComputed({kind}: Value): boolean {
	return kind === 'inert' || kind === 'unknown' || kind === 'outside';
}

/** Describes a value in one line. */
export function describe(value: Value): string {
	switch (value.kind) {
		case 'none':
			return 'None';
		case 'ellipsis':
			return '…';
		case 'boolean':
			return value.value ? 'True' : 'False';
		case 'integer':
		case 'float':
			return String(value.value);
		case 'string':
			return JSON.stringify(value.value.length > 60 ? `${value.value.slice(0, 59)}…` : value.value);
		case 'class':
			return `the class ${value.class.statement.name}`;
		case 'module':
		case 'library':
		case 'outside':
			return value.name === '' ? 'pylite_orm' : value.name;
		case 'inert':
		case 'unknown':
			return value.what;
		default:
			return `a ${value.kind}`;
	}
}
