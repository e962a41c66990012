import {identifier} from '../../schema/identifiers.ts';
import {type Arguments, argumentsOf, listItems, refuse, textArgument, wordArgument} from './arguments.ts';
import {conditionText} from './condition.ts';
import {prismaError, valueText} from './prisma-error.ts';
import {requireColumn} from './require-column.ts';
import type {PrismaColumn, PrismaModel} from './resolve.ts';
import type {Attribute, Place, Value} from './syntax.ts';

export interface PrismaIndex {
	readonly name: string;
	readonly isUnique: boolean;
	/** The columns with their order, as in CREATE INDEX. */
	readonly columns: readonly string[];
	readonly condition: string | undefined;
	readonly place: Place;
}

/** Returns the columns of the primary key. Empty if there is none. */
export function primaryKeyOf(model: PrismaModel): readonly PrismaColumn[] {
	const onFields = model.columns.flatMap((column) =>
		column.field.attributes.filter(({name}) => name === 'id').map((attribute) => ({attribute, columns: [column]})),
	);
	const onModel = model.block.attributes.filter(({name}) => name === 'id').map((attribute) => ({attribute, columns: compoundKey(model, attribute)}));
	const [key, second] = [...onFields, ...onModel];
	if (second !== undefined)
		throw prismaError(second.attribute.place, `${model.block.name} has two primary keys`, 'write one @@id([…]) for several fields');
	for (const {attribute} of onFields) {
		refuse(argumentsOf(attribute, 'map', ['length', 'sort', 'clustered']), ['map', 'length', 'sort', 'clustered'], '@id');
	}
	for (const {field} of key?.columns ?? []) {
		const isIgnored = model.block.attributes.some(({name}) => name === 'ignore');
		if (field.arity === 'optional' && !isIgnored)
			throw prismaError(field.place, `${field.name} is optional, but it is in the primary key`, 'remove the ?');
	}
	return key?.columns ?? [];
}

function compoundKey(model: PrismaModel, attribute: Attribute): readonly PrismaColumn[] {
	const found = argumentsOf(attribute, 'fields', ['name', 'map', 'clustered']);
	refuse(found, ['map', 'clustered'], '@@id');
	return keyFields(model, attribute, found).map(({column, options, place}) => {
		if (options.size > 0) throw prismaError(place, 'Prisma does not support sort and length in @@id for SQLite', 'remove them');
		return column;
	});
}

/** Returns the indexes of a model, including its unique constraints: Prisma creates an index for each. */
export function indexesOf(model: PrismaModel): readonly PrismaIndex[] {
	return [
		...model.columns.flatMap((column) =>
			column.field.attributes.filter(({name}) => name === 'unique').map((attribute) => uniqueField(model, column, attribute)),
		),
		...model.block.attributes.filter(({name}) => name === 'unique' || name === 'index').map((attribute) => tableIndex(model, attribute)),
	];
}

function uniqueField(model: PrismaModel, column: PrismaColumn, attribute: Attribute): PrismaIndex {
	const found = argumentsOf(attribute, 'map', ['sort', 'length', 'clustered', 'where']);
	refuse(found, ['length', 'clustered'], '@unique');
	return {
		name: textArgument(found, 'map') ?? defaultName(model, [column], 'key'),
		isUnique: true,
		columns: [sorted(column, found)],
		condition: conditionText(model, found),
		place: attribute.place,
	};
}

function tableIndex(model: PrismaModel, attribute: Attribute): PrismaIndex {
	const isUnique = attribute.name === 'unique';
	const found = argumentsOf(attribute, 'fields', ['name', 'map', 'type', 'clustered', 'where']);
	refuse(found, isUnique ? ['type', 'clustered'] : ['clustered'], `@@${attribute.name}`);
	wordArgument(found, 'type', ['BTree']);
	const fields = keyFields(model, attribute, found);
	// The name of a unique constraint is only for Prisma Client. For an index, `name` is the older word for `map`.
	const [name, map] = [textArgument(found, 'name'), textArgument(found, 'map')];
	if (!isUnique && name !== undefined && map !== undefined) throw prismaError(attribute.place, '@@index has both name and map', 'remove name');
	return {
		name:
			map ??
			(isUnique ? undefined : name) ??
			defaultName(
				model,
				fields.map(({column}) => column),
				isUnique ? 'key' : 'idx',
			),
		isUnique,
		columns: fields.map(({column, options}) => sorted(column, options)),
		condition: conditionText(model, found),
		place: attribute.place,
	};
}

function defaultName({table}: PrismaModel, columns: readonly PrismaColumn[], suffix: string): string {
	return `${table}_${columns.map(({name}) => name).join('_')}_${suffix}`;
}

function sorted({name}: PrismaColumn, found: Arguments): string {
	return `${identifier(name)}${wordArgument(found, 'sort', ['Asc', 'Desc']) === 'Desc' ? ' DESC' : ''}`;
}

interface KeyField {
	readonly column: PrismaColumn;
	readonly options: Arguments;
	readonly place: Place;
}

/** Returns the columns in `fields`. */
function keyFields(model: PrismaModel, {name, place}: Attribute, found: Arguments): readonly KeyField[] {
	const fields = found.get('fields');
	const items = fields === undefined ? [] : listItems(fields.value);
	if (items.length === 0) throw prismaError(place, `@@${name} needs fields`, `write @@${name}([a, b])`);
	const seen = new Set<PrismaColumn>();
	return items.map((item) => {
		const column = columnOf(model, item, `@@${name}`);
		if (seen.has(column)) throw prismaError(item.place, `@@${name} has the field ${column.field.name} twice`, 'remove one of them');
		seen.add(column);
		const options = item.kind === 'call' ? argumentsOf(item, 'sort', ['length', 'ops']) : new Map<string, never>();
		refuse(options, ['length'], `@@${name}`);
		return {column, options, place: item.place};
	});
}

function columnOf(model: PrismaModel, value: Value, what: string): PrismaColumn {
	if (value.kind !== 'name' && value.kind !== 'call') throw prismaError(value.place, `${what} must contain names of fields, not ${valueText(value)}`);
	return requireColumn(model, value.name, what, value.place);
}
