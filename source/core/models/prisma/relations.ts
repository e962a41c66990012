import {type Arguments, argumentsOf, namesArgument, refuse, textArgument, wordArgument} from './arguments.ts';
import {placeText, prismaError} from './prisma-error.ts';
import {requireColumn} from './require-column.ts';
import type {PrismaColumn, PrismaModel, RelationField} from './resolve.ts';

/** A foreign key that Prisma creates for a relation. */
export interface PrismaForeignKey {
	readonly columns: readonly PrismaColumn[];
	readonly parent: PrismaModel;
	readonly parentColumns: readonly PrismaColumn[];
	readonly onDelete: string;
	readonly onUpdate: string;
}

/** A many-to-many relation without its own model. Prisma creates a table with the columns A and B. */
export interface JoinTable {
	readonly name: string;
	/** Its name before a model was renamed, if the model declares that. */
	readonly renamedFrom: string | undefined;
	/** The models in alphabetical order. */
	readonly models: readonly [PrismaModel, PrismaModel];
	readonly field: RelationField;
}

export interface Relations {
	readonly foreignKeys: ReadonlyMap<PrismaModel, readonly PrismaForeignKey[]>;
	readonly joinTables: readonly JoinTable[];
}

interface Side {
	readonly model: PrismaModel;
	readonly relation: RelationField;
	readonly found: Arguments;
	readonly name: string | undefined;
}

/** Pairs the relation fields of all models. @throws MigrError `model` for a relation that is incomplete or ambiguous */
export function relationsOf(models: readonly PrismaModel[]): Relations {
	const byName = new Map(models.map((model) => [model.block.name, model]));
	const foreignKeys = new Map<PrismaModel, PrismaForeignKey[]>();
	const joinTables: JoinTable[] = [];
	for (const sides of Map.groupBy(models.flatMap(sidesOf), pairKey).values()) {
		const [first, second] = pairOf(sides);
		if ([first, second].some(({model}) => model.block.kind === 'view')) continue;
		const lists = [first, second].filter(({relation}) => relation.field.arity === 'list');
		if (lists.length === 2) joinTables.push(joinTable(first, second));
		else {
			const owner = ownerOf(first, second);
			const parent = byName.get(owner.relation.target);
			if (parent === undefined) throw new TypeError(`no model ${owner.relation.target}`);
			const key = foreignKey(owner, parent);
			foreignKeys.set(owner.model, [...(foreignKeys.get(owner.model) ?? []), key]);
		}
	}
	return {foreignKeys, joinTables};
}

function sidesOf(model: PrismaModel): readonly Side[] {
	return model.relations.map((relation) => {
		const found =
			relation.attribute === undefined
				? new Map<string, never>()
				: argumentsOf(relation.attribute, 'name', ['fields', 'references', 'onDelete', 'onUpdate', 'map']);
		refuse(found, ['map'], '@relation');
		return {model, relation, found, name: textArgument(found, 'name')};
	});
}

/** The two fields of a relation have the same key: the models in alphabetical order, and the name of the relation. */
function pairKey({relation, name}: Side): string {
	return JSON.stringify([...[relation.model.name, relation.target].toSorted(byCode), name ?? null]);
}

function byCode(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

function pairOf(sides: readonly Side[]): readonly [Side, Side] {
	const [first, second] = sides;
	if (first === undefined) throw new TypeError('no relation');
	const isSelf = first.relation.model === second?.relation.model && first.relation.target === first.relation.model.name;
	const ambiguous = sides.find((side, at) => at > (isSelf ? 1 : 0) && (isSelf || sides.slice(0, at).some(({model}) => model === side.model)));
	if (ambiguous !== undefined) {
		throw prismaError(
			ambiguous.relation.field.place,
			`${nameOf(ambiguous)} and ${nameOf(sides.find(({model}) => model === ambiguous.model) ?? first)} are both relations to ${ambiguous.relation.target}`,
			'give each relation a different name on both sides: @relation("name")',
		);
	}
	if (second === undefined) {
		const {target, model} = first.relation;
		throw prismaError(
			first.relation.field.place,
			`${nameOf(first)} has no field on the other side, in ${target}`,
			`add a field of type ${model.name} or ${model.name}[] to ${target}, or run prisma format`,
		);
	}
	if (isSelf && first.name === undefined) {
		throw prismaError(
			second.relation.field.place,
			`${nameOf(first)} and ${nameOf(second)} are relations to the same model`,
			'give the relation a name on both sides: @relation("name")',
		);
	}
	return [first, second];
}

function nameOf({model, relation}: Side): string {
	return `${model.block.name}.${relation.field.name}`;
}

/** Returns the side that stores the key. */
function ownerOf(first: Side, second: Side): Side {
	const [owner, other] = [first, second].filter(({found}) => found.has('fields'));
	if (owner === undefined) {
		const side = [first, second].find(({relation}) => relation.field.arity !== 'list') ?? first;
		throw prismaError(
			side.relation.field.place,
			`${nameOf(side)} does not say which fields store the key`,
			'add @relation(fields: [otherId], references: [id])',
		);
	}
	if (other !== undefined) {
		throw prismaError(
			other.relation.field.place,
			`${nameOf(owner)} and ${nameOf(other)} both store the key`,
			'remove fields and references from one of them',
		);
	}
	if (owner.relation.field.arity === 'list') {
		throw prismaError(
			owner.relation.field.place,
			`${nameOf(owner)} is a list, so it cannot store the key`,
			'move fields and references to the other side',
		);
	}
	return owner;
}

const actions = {Cascade: 'CASCADE', Restrict: 'RESTRICT', NoAction: 'NO ACTION', SetNull: 'SET NULL', SetDefault: 'SET DEFAULT'} as const;

function foreignKey(side: Side, parent: PrismaModel): PrismaForeignKey {
	const {found, model, relation} = side;
	const {place} = relation.attribute ?? relation.field;
	const columns = (namesArgument(found, 'fields') ?? []).map((each) => requireColumn(model, each.name, nameOf(side), each.place));
	const parentColumns = (namesArgument(found, 'references') ?? []).map((each) => requireColumn(parent, each.name, nameOf(side), each.place));
	if (columns.length === 0 || columns.length !== parentColumns.length) {
		throw prismaError(
			place,
			`fields and references of ${nameOf(side)} have different lengths, or are empty`,
			'write the same number of fields in both',
		);
	}
	// A key is never NULL if one of its fields is required.
	const isRequired = relation.field.arity === 'required' || columns.some(({field}) => field.arity === 'required');
	const names = Object.keys(actions) as (keyof typeof actions)[];
	return {
		columns,
		parent,
		parentColumns,
		onDelete: actions[wordArgument(found, 'onDelete', names) ?? (isRequired ? 'Restrict' : 'SetNull')],
		onUpdate: actions[wordArgument(found, 'onUpdate', names) ?? 'Cascade'],
	};
}

function joinTable(first: Side, second: Side): JoinTable {
	for (const side of [first, second]) {
		const extra = ['fields', 'references', 'onDelete', 'onUpdate'].find((name) => side.found.has(name));
		if (extra !== undefined) {
			const message = `${nameOf(side)} is a many-to-many relation, which has no ${extra}`;
			throw prismaError(side.relation.field.place, message, `remove ${extra}, or write a model for the join table`);
		}
	}
	const [a, b] = [first, second].toSorted((left, right) => byCode(left.model.block.name, right.model.block.name));
	if (a === undefined || b === undefined) throw new TypeError('no models');
	return {
		name: `_${a.name ?? joined(a.model.block.name, b.model.block.name)}`,
		renamedFrom: a.name === undefined ? oldJoinName(a.model, b.model) : undefined,
		models: [a.model, b.model],
		field: a.relation,
	};
}

function joined(a: string, b: string): string {
	return [a, b].toSorted(byCode).join('To');
}

/** Returns the name of the table before its models were renamed. Without `@@map`, the old name of a table is that of its model. */
function oldJoinName(a: PrismaModel, b: PrismaModel): string | undefined {
	const [oldA, oldB] = [a, b].map(({block, table}) => (table === block.name ? (block.renamedFrom ?? block.name) : block.name));
	return oldA === undefined || oldB === undefined || (oldA === a.block.name && oldB === b.block.name) ? undefined : `_${joined(oldA, oldB)}`;
}

/** Returns a text for a message: `Post.tags, prisma/schema.prisma:12`. */
export function relationPlace({model, field}: RelationField): string {
	return `${model.name}.${field.name}, ${placeText(field.place)}`;
}
