import {sameColumn, sameIndex, sameTable, sameTrigger, sameView, sameVirtualTable} from '../../schema/equality.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {findColumn} from '../../schema/lookup.ts';
import type {Schema, SchemaObject, Table} from '../../schema/schema.ts';

export interface SchemaDifference {
	readonly object: SchemaObject['kind'];
	readonly name: string;
	/** `missing` from the second schema, `unexpected` in it, or `changed`. */
	readonly kind: 'missing' | 'unexpected' | 'changed';
	/** For a changed table, how it differs: `+ size, ~ age`. */
	readonly detail?: string;
}

/** Returns the objects whose meaning differs between two schemas. Empty if the schemas are the same. */
export function schemaDifferences(expected: Schema, actual: Schema): readonly SchemaDifference[] {
	return [
		...compare(expected.tables, actual.tables, (a, b) => sameTable(a, b, expected, actual), tableDifference),
		...compare(expected.virtualTables, actual.virtualTables, sameVirtualTable),
		...compare(expected.indexes, actual.indexes, (a, b) => sameIndex(a, b, expected, actual)),
		...compare(expected.views, actual.views, sameView),
		...compare(expected.triggers, actual.triggers, sameTrigger),
	];
}

function compare<T extends SchemaObject>(
	expected: readonly T[],
	actual: readonly T[],
	same: (a: T, b: T) => boolean,
	detailOf?: (a: T, b: T) => string,
): readonly SchemaDifference[] {
	const present = new Map(actual.map((object) => [nameKey(object.name), object]));
	const known = new Set(expected.map(({name}) => nameKey(name)));
	const wrong = expected.flatMap(({kind: object, name}, index): readonly SchemaDifference[] => {
		const other = present.get(nameKey(name));
		if (other === undefined) return [{object, name, kind: 'missing'}];
		const wanted = expected[index] as T;
		if (same(wanted, other)) return [];
		return [{object, name, kind: 'changed', ...(detailOf === undefined ? {} : {detail: detailOf(wanted, other)})}];
	});
	return [
		...wrong,
		...actual.filter(({name}) => !known.has(nameKey(name))).map(({kind: object, name}) => ({object, name, kind: 'unexpected' as const})),
	];
}

/** Lists the columns that were added, dropped or changed. */
function tableDifference(expected: Table, actual: Table): string {
	const added = actual.columns.filter(({name}) => findColumn(expected, name) === undefined);
	const marks = [
		...expected.columns.flatMap((column) => {
			const now = findColumn(actual, column.name);
			if (now === undefined) return [`- ${column.name}`];
			return sameColumn(column, now, expected, actual) ? [] : [`~ ${column.name}`];
		}),
		...added.map(({name}) => `+ ${name}`),
	];
	return marks.length === 0 ? 'its constraints or options' : marks.join(', ');
}
