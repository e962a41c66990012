import {sameIndex, sameTable, sameTrigger, sameView, sameVirtualTable} from '../../schema/equality.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {Schema, SchemaObject} from '../../schema/schema.ts';

export interface SchemaDifference {
	readonly object: SchemaObject['kind'];
	readonly name: string;
	/** `missing` from the second schema, `unexpected` in it, or `changed`. */
	readonly kind: 'missing' | 'unexpected' | 'changed';
}

/** Returns the objects whose meaning differs between two schemas. Empty if the schemas are the same. */
export function schemaDifferences(expected: Schema, actual: Schema): readonly SchemaDifference[] {
	return [
		...compare(expected.tables, actual.tables, (a, b) => sameTable(a, b, expected, actual)),
		...compare(expected.virtualTables, actual.virtualTables, sameVirtualTable),
		...compare(expected.indexes, actual.indexes, (a, b) => sameIndex(a, b, expected, actual)),
		...compare(expected.views, actual.views, sameView),
		...compare(expected.triggers, actual.triggers, sameTrigger),
	];
}

function compare<T extends SchemaObject>(expected: readonly T[], actual: readonly T[], same: (a: T, b: T) => boolean): readonly SchemaDifference[] {
	const present = new Map(actual.map((object) => [nameKey(object.name), object]));
	const known = new Set(expected.map(({name}) => nameKey(name)));
	const wrong = expected.flatMap(({kind: object, name}, index): readonly SchemaDifference[] => {
		const other = present.get(nameKey(name));
		if (other === undefined) return [{object, name, kind: 'missing'}];
		return same(expected[index] as T, other) ? [] : [{object, name, kind: 'changed'}];
	});
	return [
		...wrong,
		...actual.filter(({name}) => !known.has(nameKey(name))).map(({kind: object, name}) => ({object, name, kind: 'unexpected' as const})),
	];
}
