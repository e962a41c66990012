import {identifier, literal} from '../../schema/identifiers.ts';
import {type Arguments, argumentsOf} from './arguments.ts';
import {prismaError, valueText} from './prisma-error.ts';
import {requireColumn} from './require-column.ts';
import type {PrismaModel} from './resolve.ts';
import type {Value} from './syntax.ts';
import {requireConditionText} from './verbatim.ts';

/** Returns the WHERE of a partial index: `raw("…")`, or an object such as `{isActive: true, deletedAt: null}`. */
export function conditionText(model: PrismaModel, found: Arguments): string | undefined {
	const value = found.get('where')?.value;
	if (value === undefined) return undefined;
	if (value.kind === 'call' && value.name === 'raw') {
		const text = argumentsOf(value, 'sql').get('sql')?.value;
		if (text?.kind === 'string') return requireConditionText(text.text, text.place);
	}
	if (value.kind !== 'object' || value.entries.length === 0) {
		throw prismaError(value.place, `where cannot be ${valueText(value)}`, 'write where: raw("deleted_at IS NULL") or where: {deletedAt: null}');
	}
	return value.entries
		.map((entry) => {
			const column = identifier(requireColumn(model, entry.name, 'where', entry.place).name);
			if (entry.value.kind !== 'object') return comparison(column, entry.value, ['IS', '=']);
			const [only, second] = entry.value.entries;
			if (only?.name !== 'not' || second !== undefined)
				throw prismaError(entry.place, `the condition of ${entry.name} is not supported`, 'use a value, {not: value} or raw("…")');
			return comparison(column, only.value, ['IS NOT', '!=']);
		})
		.join(' AND ');
}

function comparison(column: string, value: Value, [withNull, withValue]: readonly [string, string]): string {
	if (value.kind === 'string') return `${column} ${withValue} ${literal(value.text)}`;
	if (value.kind === 'number') return `${column} ${withValue} ${value.text}`;
	if (value.kind === 'name' && /^(?:true|false)$/.test(value.name)) return `${column} ${withValue} ${value.name}`;
	if (value.kind === 'name' && value.name === 'null') return `${column} ${withNull} NULL`;
	throw prismaError(value.place, `${valueText(value)} cannot be compared in where`, 'use true, false, null, a number or a text in double quotes');
}
