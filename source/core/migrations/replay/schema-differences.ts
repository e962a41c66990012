import {sameIndex, sameTable, sameTrigger, sameView, sameVirtualTable} from '../../schema/equality.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {Schema, SchemaObject} from '../../schema/schema.ts';

export interface SchemaDifference {
	readonly object: SchemaObject['kind'];
	readonly name: string;
	/** As seen from the first schema: the second lacks it, has it in addition, or has it otherwise. */
	readonly kind: 'missing' | 'unexpected' | 'changed';
}

/** Which objects of two schemas differ in meaning; none when they are the same. */
export function schemaDifferences(wanted: Schema, actual: Schema): readonly SchemaDifference[] {
	return [
		...compare(wanted.tables, actual.tables, (a, b) => sameTable(a, b, wanted, actual)),
		...compare(wanted.virtualTables, actual.virtualTables, sameVirtualTable),
		...compare(wanted.indexes, actual.indexes, (a, b) => sameIndex(a, b, wanted, actual)),
		...compare(wanted.views, actual.views, sameView),
		...compare(wanted.triggers, actual.triggers, sameTrigger),
	];
}

function compare<T extends SchemaObject>(wanted: readonly T[], actual: readonly T[], same: (a: T, b: T) => boolean): readonly SchemaDifference[] {
	const there = new Map(actual.map((object) => [nameKey(object.name), object]));
	const known = new Set(wanted.map(({name}) => nameKey(name)));
	const wrong = wanted.flatMap(({kind: object, name}, index): readonly SchemaDifference[] => {
		const other = there.get(nameKey(name));
		if (other === undefined) return [{object, name, kind: 'missing'}];
		return same(wanted[index] as T, other) ? [] : [{object, name, kind: 'changed'}];
	});
	return [
		...wrong,
		...actual.filter(({name}) => !known.has(nameKey(name))).map(({kind: object, name}) => ({object, name, kind: 'unexpected' as const})),
	];
}
