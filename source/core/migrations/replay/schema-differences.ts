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
	const changed = changedTables(expected.tables, actual.tables);
	return [
		...compare(expected.tables, actual.tables, (a, b) => (a === b && !refersTo(a, changed)) || sameTable(a, b, expected, actual), tableDifference),
		...compare(expected.virtualTables, actual.virtualTables, sameVirtualTable),
		...compare(expected.indexes, actual.indexes, (a, b) => (a === b && !changed.has(nameKey(a.table))) || sameIndex(a, b, expected, actual)),
		...compare(expected.views, actual.views, sameView),
		...compare(expected.triggers, actual.triggers, sameTrigger),
	];
}

/** Returns the names of the tables, in lower case, that are not the same object at the same place in both lists. */
function changedTables(expected: readonly Table[], actual: readonly Table[]): ReadonlySet<string> {
	const names = new Set<string>();
	for (let index = 0; index < Math.max(expected.length, actual.length); index++) {
		const [one, other] = [expected[index], actual[index]];
		if (one === other) continue;
		if (one !== undefined) names.add(nameKey(one.name));
		if (other !== undefined) names.add(nameKey(other.name));
	}
	return names;
}

/** True if a foreign key means the primary key of one of these tables. */
function refersTo({foreignKeys}: Table, tables: ReadonlySet<string>): boolean {
	return tables.size > 0 && foreignKeys.some(({parent, parentColumns}) => parentColumns.length === 0 && tables.has(nameKey(parent)));
}

function compare<T extends SchemaObject>(
	expected: readonly T[],
	actual: readonly T[],
	same: (a: T, b: T) => boolean,
	detailOf?: (a: T, b: T) => string,
): readonly SchemaDifference[] {
	// Most objects are at the same place in both lists. Only the others are looked up by name.
	const places: (T | undefined)[] = [];
	const others = new Map<string, T>();
	for (let index = 0; index < Math.max(expected.length, actual.length); index++) {
		const one: T | undefined = expected[index];
		const other: T | undefined = actual[index];
		if (one !== undefined && other !== undefined && sameName(one.name, other.name)) places[index] = other;
		else if (other !== undefined) others.set(nameKey(other.name), other);
	}
	const wrong: SchemaDifference[] = [];
	for (const [index, one] of expected.entries()) {
		const other = places[index] ?? others.get(nameKey(one.name));
		if (places[index] === undefined) others.delete(nameKey(one.name));
		if (other === undefined) wrong.push({object: one.kind, name: one.name, kind: 'missing'});
		else if (!same(one, other)) {
			wrong.push({object: one.kind, name: one.name, kind: 'changed', ...(detailOf === undefined ? {} : {detail: detailOf(one, other)})});
		}
	}
	return [...wrong, ...[...others.values()].map(({kind: object, name}) => ({object, name, kind: 'unexpected' as const}))];
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
