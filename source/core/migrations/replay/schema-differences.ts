import {sameColumn, sameIndex, sameTable, sameTrigger, sameView, sameVirtualTable} from '../../schema/equality.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
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
	if (expected === actual) return [];
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
	// Most objects are at the same place in both lists. Only the others are looked up by name.
	const isAtPlace = (index: number) => index < Math.min(expected.length, actual.length) && sameName(at(expected, index).name, at(actual, index).name);
	const others = new Map(actual.flatMap((object, index) => (isAtPlace(index) ? [] : [[nameKey(object.name), object] as const])));
	const wrong: SchemaDifference[] = [];
	for (const [index, one] of expected.entries()) {
		const other = isAtPlace(index) ? at(actual, index) : others.get(nameKey(one.name));
		if (!isAtPlace(index)) others.delete(nameKey(one.name));
		if (other === undefined) wrong.push({object: one.kind, name: one.name, kind: 'missing'});
		else if (!same(one, other)) {
			wrong.push({object: one.kind, name: one.name, kind: 'changed', ...(detailOf === undefined ? {} : {detail: detailOf(one, other)})});
		}
	}
	return [...wrong, ...[...others.values()].map(({kind: object, name}) => ({object, name, kind: 'unexpected' as const}))];
}

function at<T>(list: readonly T[], index: number): T {
	return list[index] as T;
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
