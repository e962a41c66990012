import {nameKey} from '../../schema/identifiers.ts';
import {nearest} from '../../text/nearest.ts';
import {argumentsOf, textArgument} from './arguments.ts';
import {placeText, prismaError} from './prisma-error.ts';
import type {Attribute, EnumBlock, Field, ModelBlock, Place, PrismaFile} from './syntax.ts';
import {requireTypeText} from './verbatim.ts';

/** Prisma's scalar types, with the types of the columns that Prisma creates in SQLite. */
const columnTypes = {
	String: 'TEXT',
	Boolean: 'BOOLEAN',
	Int: 'INTEGER',
	BigInt: 'BIGINT',
	Float: 'REAL',
	Decimal: 'DECIMAL',
	DateTime: 'DATETIME',
	Json: 'JSONB',
	Bytes: 'BLOB',
} as const;

export type Scalar = keyof typeof columnTypes;

/** A model with its table. */
export interface PrismaModel {
	readonly block: ModelBlock;
	readonly table: string;
	readonly columns: readonly PrismaColumn[];
	readonly relations: readonly RelationField[];
}

export interface PrismaColumn {
	readonly field: Field;
	/** The name of the column. */
	readonly name: string;
	/** The declared type of the column. */
	readonly type: string;
	readonly of:
		| {readonly kind: 'scalar'; readonly scalar: Scalar}
		| {readonly kind: 'enum'; readonly enum: EnumBlock}
		| {readonly kind: 'unsupported'};
}

/** A field whose type is another model. It has no column. */
export interface RelationField {
	readonly field: Field;
	readonly model: ModelBlock;
	/** The name of the other model. */
	readonly target: string;
	readonly attribute: Attribute | undefined;
}

/** Returns the models and views of all files, with the columns and relations of each. */
export function resolveModels(files: readonly PrismaFile[]): readonly PrismaModel[] {
	const blocks = files.flatMap((file) => file.blocks);
	const named = new Map<string, ModelBlock | EnumBlock>();
	for (const block of blocks) {
		if (!('attributes' in block)) continue;
		const other = named.get(block.name);
		if (other !== undefined) {
			throw prismaError(
				block.place,
				`${block.kind} ${block.name} is defined twice: first defined at ${placeText(other.place)}`,
				'remove or rename one of them',
			);
		}
		if (Object.hasOwn(columnTypes, block.name)) {
			throw prismaError(
				block.place,
				`${block.name} is the name of a Prisma type`,
				`rename the ${block.kind}, and use @@map for the name of the table`,
			);
		}
		if (block.kind === 'type') {
			throw prismaError(
				block.place,
				`type ${block.name}: Prisma has composite types only for MongoDB`,
				'use a model with a relation, or a field of type Json',
			);
		}
		named.set(block.name, block);
	}
	for (const block of named.values()) if (block.kind === 'enum') checkEnum(block);
	return [...named.values()].flatMap((block) => (block.kind === 'enum' ? [] : [resolveModel(block, named)]));
}

function checkEnum({attributes, values, place, name}: EnumBlock): void {
	if (values.length === 0) throw prismaError(place, `enum ${name} has no values`, 'add a value, or remove the enum');
	for (const attribute of attributes) if (attribute.name !== 'map') throw unknownAttribute(attribute, '@@', ['map']);
	for (const value of values) for (const attribute of value.attributes) if (attribute.name !== 'map') throw unknownAttribute(attribute, '@', ['map']);
}

const modelAttributes = ['id', 'unique', 'index', 'map', 'ignore'];
const fieldAttributes = ['id', 'unique', 'default', 'map', 'relation', 'updatedAt', 'ignore'];

function resolveModel(block: ModelBlock, named: ReadonlyMap<string, ModelBlock | EnumBlock>): PrismaModel {
	for (const attribute of block.attributes) {
		if (!modelAttributes.includes(attribute.name)) throw unknownAttribute(attribute, '@@', modelAttributes);
	}
	const fields = new Set<string>();
	const columns = new Map<string, PrismaColumn>();
	const relations: RelationField[] = [];
	for (const field of block.fields) {
		if (fields.has(field.name)) throw prismaError(field.place, `${block.name} has two fields ${field.name}`, 'remove or rename one of them');
		fields.add(field.name);
		for (const attribute of field.attributes) {
			if (!fieldAttributes.includes(attribute.name)) throw unknownAttribute(attribute, '@', fieldAttributes);
		}
		const resolved = resolveField(block, field, named);
		if ('target' in resolved) {
			relations.push(resolved);
			continue;
		}
		const other = columns.get(nameKey(resolved.name));
		if (other !== undefined) {
			const message = `${block.name}.${other.field.name} and ${block.name}.${field.name} have the same column ${resolved.name}`;
			throw prismaError(field.place, message, 'rename one of them: SQLite ignores case in names');
		}
		columns.set(nameKey(resolved.name), resolved);
	}
	if (columns.size === 0 && block.kind === 'model')
		throw prismaError(block.place, `model ${block.name} has no columns`, 'add a field that is not a relation');
	return {block, table: mappedName(block.attributes) ?? block.name, columns: [...columns.values()], relations};
}

function resolveField(model: ModelBlock, field: Field, named: ReadonlyMap<string, ModelBlock | EnumBlock>): PrismaColumn | RelationField {
	const {type, place, attributes} = field;
	const what = `${model.name}.${field.name}`;
	const relation = attributes.find(({name}) => name === 'relation');
	const other = type.kind === 'named' && !Object.hasOwn(columnTypes, type.name) ? named.get(type.name) : undefined;
	if (other !== undefined && other.kind !== 'enum') {
		const misplaced = attributes.find(({name}) => name !== 'relation' && name !== 'ignore');
		if (misplaced !== undefined) {
			throw prismaError(misplaced.place, `${what} is a relation, so it cannot have @${misplaced.name}`, 'write it on the field that stores the key');
		}
		return {field, model, target: other.name, attribute: relation};
	}
	if (relation !== undefined) throw prismaError(relation.place, `${what} is not a relation: its type is not a model`);
	if (field.arity === 'list')
		throw prismaError(place, `Prisma does not support lists of values for SQLite: ${what}`, 'use a model with a relation, or a field of type Json');
	const name = mappedName(attributes) ?? field.name;
	if (type.kind === 'unsupported') return {field, name, type: requireTypeText(type.text, place), of: {kind: 'unsupported'}};
	if (other !== undefined) return {field, name, type: 'TEXT', of: {kind: 'enum', enum: other}};
	if (!isScalar(type.name)) throw unknownType(place, what, type.name, named);
	return {field, name, type: columnTypes[type.name], of: {kind: 'scalar', scalar: type.name}};
}

function isScalar(name: string): name is Scalar {
	return Object.hasOwn(columnTypes, name);
}

function unknownType(place: Place, what: string, type: string, named: ReadonlyMap<string, unknown>): Error {
	const near = nearest(type, [...Object.keys(columnTypes), ...named.keys()]);
	const hint =
		near === undefined ? `define it as a model or an enum; if it is in another file, add that file to models_dir` : `did you mean ${near}?`;
	return prismaError(place, `${what} has the unknown type ${type}`, hint);
}

/** Returns the name in `@map` or `@@map`. */
export function mappedName(attributes: readonly Attribute[]): string | undefined {
	const [map, second] = attributes.filter(({name}) => name === 'map');
	if (map === undefined) return undefined;
	if (second !== undefined) throw prismaError(second.place, 'there are two names in map', 'remove one of them');
	const name = textArgument(argumentsOf(map, 'name'), 'name');
	if (name === undefined) throw prismaError(map.place, 'map needs a name in double quotes');
	return name;
}

function unknownAttribute({name, place}: Attribute, at: '@' | '@@', known: readonly string[]): Error {
	const what = `${at}${name}`;
	if (name.includes('.'))
		return prismaError(place, `${what}: Prisma has no native types for SQLite`, 'remove it, or use Unsupported("TYPE") as the type of the field');
	if (name === 'schema') return prismaError(place, `${what} is not supported: SQLite has no schemas`, 'remove it');
	if (name === 'fulltext') {
		return prismaError(place, `Prisma does not support ${what} for SQLite`, 'remove it, and write a virtual table in a .sql file next to the schema');
	}
	const near = nearest(name, known);
	return prismaError(place, `unknown attribute ${what}`, near === undefined ? undefined : `did you mean ${at}${near}?`);
}
