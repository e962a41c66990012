import {literal} from '../../schema/identifiers.ts';
import {nearest} from '../../text/nearest.ts';
import {argumentsOf, refuse} from './arguments.ts';
import {defaultLiteral} from './default-literal.ts';
import {prismaError, valueText} from './prisma-error.ts';
import {mappedName, type PrismaColumn} from './resolve.ts';
import type {CallValue, EnumBlock, Field, Value} from './syntax.ts';
import {requireDefaultText} from './verbatim.ts';

/**
 * Returns the DEFAULT of a column, as the text after that word. Undefined if there is none in the database: Prisma Client computes `cuid()`, `uuid()`,
 * `ulid()`, `nanoid()` and `@updatedAt` itself.
 *
 * @param isKey true if the column is the whole primary key
 * @throws MigrError `model` for a default that Prisma does not accept for the type
 */
export function defaultText(column: PrismaColumn, isKey: boolean): string | undefined {
	const {field, of} = column;
	const updated = field.attributes.find(({name}) => name === 'updatedAt');
	if (updated !== undefined && !(of.kind === 'scalar' && of.scalar === 'DateTime')) {
		throw prismaError(updated.place, `@updatedAt needs a field of type DateTime: ${field.name}`, 'change the type, or remove @updatedAt');
	}
	const attribute = field.attributes.find(({name}) => name === 'default');
	if (attribute === undefined) return undefined;
	const found = argumentsOf(attribute, 'value', ['map']);
	refuse(found, ['map'], '@default');
	const value = found.get('value')?.value;
	if (value === undefined) throw prismaError(attribute.place, '@default needs a value');
	if (value.kind === 'call') return functionText(column, value, isKey);
	if (of.kind === 'enum') return enumText(of.enum, value);
	if (of.kind === 'scalar') return defaultLiteral(of.scalar, value);
	throw prismaError(value.place, `the default of ${field.name} must be dbgenerated("…")`, 'Unsupported fields have no other defaults');
}

/** The functions that Prisma Client computes, and the types they are for. */
const clientFunctions: Readonly<Record<string, string>> = {cuid: 'String', uuid: 'String', ulid: 'String', nanoid: 'String'};
const functions = ['autoincrement', 'now', 'dbgenerated', ...Object.keys(clientFunctions)];

function functionText({field, of}: PrismaColumn, call: CallValue, isKey: boolean): string | undefined {
	const scalar = of.kind === 'scalar' ? of.scalar : undefined;
	const needs = (types: readonly string[]) => {
		if (scalar === undefined || !types.includes(scalar)) {
			throw prismaError(call.place, `${call.name}() needs a field of type ${types.join(' or ')}: ${field.name}`, 'change the type or the default');
		}
	};
	switch (call.name) {
		case 'dbgenerated':
			return generatedText(call);
		case 'autoincrement':
			needs(['Int', 'BigInt']);
			if (!isKey)
				throw prismaError(call.place, `autoincrement() needs a primary key in SQLite: ${field.name}`, 'add @id to the field, or remove the default');
			return undefined;
		case 'now':
			needs(['DateTime']);
			return 'CURRENT_TIMESTAMP';
		default: {
			const type = clientFunctions[call.name];
			if (type !== undefined && Object.hasOwn(clientFunctions, call.name)) {
				needs([type]);
				return undefined;
			}
			const near = nearest(call.name, functions);
			throw prismaError(
				call.place,
				`unknown function ${call.name}() in @default`,
				near === undefined ? `use ${functions.join(', ')}` : `did you mean ${near}()?`,
			);
		}
	}
}

/** True for `dbgenerated()`: the database has a default, but the schema does not say which one. */
export function hasUnstatedDefault({attributes}: Field): boolean {
	const value = attributes.find(({name}) => name === 'default')?.arguments[0]?.value;
	return value?.kind === 'call' && value.name === 'dbgenerated' && value.arguments.length === 0;
}

function generatedText(call: CallValue): string | undefined {
	const value = argumentsOf(call, 'value').get('value')?.value;
	if (value === undefined) return undefined;
	if (value.kind !== 'string')
		throw prismaError(value.place, 'dbgenerated() needs an expression in double quotes', 'write dbgenerated("(unixepoch())")');
	return requireDefaultText(value.text, value.place);
}

function enumText({name, values}: EnumBlock, value: Value): string {
	const found = value.kind === 'name' ? values.find((each) => each.name === value.name) : undefined;
	if (found === undefined) {
		throw prismaError(value.place, `${valueText(value)} is not a value of the enum ${name}`, `use ${values.map((each) => each.name).join(', ')}`);
	}
	return literal(mappedName(found.attributes) ?? found.name);
}
