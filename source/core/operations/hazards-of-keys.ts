import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import type {Index, KeyColumn, Table} from '../schema/schema.ts';
import type {ValueHazard} from './hazard.ts';
import {substituteColumns} from './substitute.ts';

/** What a hazard says of its place. */
export interface HazardPlace {
	readonly operation: number;
	/** The table's name before the migration. */
	readonly table: string;
}

/** Rows that agree under a key. Columns whose value cannot be told make it untellable. */
export function keyHazards(
	columns: readonly KeyColumn[],
	rule: string,
	table: Table,
	values: ReadonlyMap<string, string>,
	place: HazardPlace,
): readonly ValueHazard[] {
	const found = columns.map(({name}) => values.get(nameKey(name)));
	if (found.some((value) => value === undefined)) return [];
	const collated = columns.map((column, index) => {
		const collate = column.collate ?? table.columns.find(({name}) => sameName(name, column.name))?.collate;
		return `${found[index]}${collate === undefined ? '' : ` COLLATE ${quoted(collate)}`}`;
	});
	return [
		duplicates(
			place,
			columns.map(({name}) => name),
			rule,
			collated,
			'',
		),
	];
}

/** Rows that agree under a unique index. */
export function indexHazards(index: Index, table: Table, values: ReadonlyMap<string, string>, place: HazardPlace): readonly ValueHazard[] {
	if (!index.unique) return [];
	const expressions = index.columns.map(({expression, column, collate}) => {
		const own = table.columns.find(({name}) => column !== undefined && sameName(name, column));
		const collation = collate ?? own?.collate;
		return `${substituteColumns(expression.text, table.name, values)}${collation === undefined ? '' : ` COLLATE ${quoted(collation)}`}`;
	});
	const where = index.where === undefined ? '' : substituteColumns(index.where.text, table.name, values);
	const columns = index.columns.flatMap(({column}) => (column === undefined ? [] : [column]));
	const rule = `UNIQUE (${index.columns.map(({expression}) => expression.text).join(', ')})`;
	return [duplicates(place, columns, rule, expressions, where)];
}

function duplicates(place: HazardPlace, columns: readonly string[], rule: string, distinct: readonly string[], where: string): ValueHazard {
	return {
		...place,
		kind: 'duplicate',
		columns,
		...(columns.length === 1 ? {column: columns[0] as string} : {}),
		rule,
		fails: true,
		where,
		distinct,
		fillable: false,
	};
}
