import {columnAffinity} from '../schema/affinity.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {findColumn, findTable, parentColumnsOf, referrersOf} from '../schema/lookup.ts';
import {normalCollation} from '../schema/normal-form.ts';
import type {ForeignKey, Schema, Table} from '../schema/schema.ts';
import {storedAs} from './conversion.ts';
import type {OrphanHazard} from './hazard.ts';
import {type Lineage, type Lineages, plainLineage} from './lineage.ts';
import type {TracedValue} from './traced-value.ts';

/** The schemas before and after a whole migration, and the final lineage of its rows. */
export interface Migrated {
	readonly from: Schema;
	readonly to: Schema;
	readonly lineages: Lineages;
	/** The operation that last changed a table, by the table's final name in lower case. */
	readonly changedBy: ReadonlyMap<string, number>;
	/** The changed tables whose changes may affect a foreign key, by their final names in lower case. */
	readonly keysChangedIn: ReadonlySet<string>;
}

/**
 * Finds rows without a parent under foreign keys that are new or whose values change on either side. SQLite checks foreign keys at the end, so they are
 * evaluated for the final state of the migration.
 */
export function referenceHazards(migrated: Migrated): readonly OrphanHazard[] {
	const {keysChangedIn} = migrated;
	if (keysChangedIn.size === 0) return [];
	const only = keysChangedIn.size === 1 ? onlyConcerned(migrated) : undefined;
	if (only !== undefined) return only;
	const lengths = new Set([...keysChangedIn].map((name) => name.length));
	// Most tables can be told apart by the lengths of the names.
	const isAmong = (name: string) => lengths.has(name.length) && keysChangedIn.has(nameKey(name));
	return migrated.to.tables.flatMap((table): readonly OrphanHazard[] => {
		return table.foreignKeys.length > 0 && isChanged(table, isAmong) ? orphansOf(table, migrated) : [];
	});
}

/** Returns the hazards without reading all tables, if one table is changed and at most one is affected. Otherwise undefined. */
function onlyConcerned(migrated: Migrated): readonly OrphanHazard[] | undefined {
	const [name = ''] = migrated.keysChangedIn;
	const changed = findTable(migrated.to, name);
	const concerned = new Set(referrersOf(migrated.to, name));
	if (changed !== undefined && changed.foreignKeys.length > 0) concerned.add(changed);
	return concerned.size > 1 ? undefined : [...concerned].flatMap((table) => orphansOf(table, migrated));
}

function orphansOf(table: Table, migrated: Migrated): readonly OrphanHazard[] {
	const lineage = migrated.lineages.get(nameKey(table.name));
	return lineage === undefined ? [] : table.foreignKeys.flatMap((key) => orphans(key, table, lineage, migrated));
}

/** True if the migration changes the table or one of its parents. */
function isChanged({name, foreignKeys}: Table, isAmong: (table: string) => boolean): boolean {
	return isAmong(name) || foreignKeys.some(({parent}) => isAmong(parent));
}

interface Reference {
	readonly child: Lineage;
	readonly children: readonly TracedValue[];
	readonly parent: Table;
	readonly parentColumns: readonly string[];
	/** Undefined for a parent that the migration creates, because it has no rows. */
	readonly parents: {readonly lineage: Lineage; readonly values: readonly TracedValue[]} | undefined;
}

function orphans(key: ForeignKey, table: Table, child: Lineage, migrated: Migrated): readonly OrphanHazard[] {
	const operation = migrated.changedBy.get(nameKey(table.name)) ?? migrated.changedBy.get(nameKey(key.parent));
	const reference = operation === undefined ? undefined : referenceOf(key, table, child, migrated);
	if (operation === undefined || reference === undefined) return [];
	const before = referenceBefore(reference, migrated);
	if (before !== undefined && isUntouched(reference, before)) return [];
	// A NULL needs no parent.
	if (reference.children.some(({raw}) => raw === 'NULL')) return [];
	const {children, parentColumns} = reference;
	const given = children.map(({sql}) => `${sql} IS NOT NULL`).join(' AND ');
	// Rows that had no parent before are not reported.
	const wasWhole = before === undefined ? '' : ` AND (${[...before.children.map(({sql}) => `${sql} IS NULL`), existence(before)].join(' OR ')})`;
	return [
		{
			table: child.origin.name,
			operation,
			kind: 'orphan',
			columns: key.columns,
			...(key.columns.length === 1
				? {column: key.columns[0] as string, from: (children[0] as TracedValue).sql}
				: {valueTuple: children.map(({sql}) => sql)}),
			rule: `FOREIGN KEY (${key.columns.join(', ')}) REFERENCES ${key.parent}(${parentColumns.join(', ')})`,
			foreignKey: key,
			blocking: true,
			where: reference.parents === undefined ? given : `${given}${wasWhole} AND NOT ${existence(reference)}`,
			distinct: [],
			fillable: false,
		},
	];
}

/** Returns undefined if a value cannot be determined, or if the key refers to columns that cannot be looked up. */
function referenceOf(key: ForeignKey, table: Table, child: Lineage, {to, lineages}: Pick<Migrated, 'to' | 'lineages'>): Reference | undefined {
	const parent = sameName(key.parent, table.name) ? table : findTable(to, key.parent);
	if (parent === undefined) return undefined;
	const parentColumns = parentColumnsOf(key, parent);
	const children = valuesOf(child, key.columns);
	if (children === undefined || parentColumns.length !== key.columns.length || parentColumns.some((name) => findColumn(parent, name) === undefined))
		return undefined;
	const lineage = lineages.get(nameKey(parent.name));
	const shared = {child, children, parent, parentColumns};
	if (lineage === undefined) return {...shared, parents: undefined};
	const values = valuesOf(lineage, parentColumns);
	return values === undefined ? undefined : {...shared, parents: {lineage, values}};
}

function valuesOf({values}: Lineage, columns: readonly string[]): readonly TracedValue[] | undefined {
	const found = columns.map((name) => values.get(nameKey(name)));
	return found.some((value) => value === undefined) ? undefined : (found as readonly TracedValue[]);
}

/** Returns the same foreign key before the migration, if it exists. */
function referenceBefore({child, children, parents}: Reference, {from}: Migrated): Reference | undefined {
	if (parents === undefined) return undefined;
	const {origin} = parents.lineage;
	for (const key of child.origin.foreignKeys) {
		if (!sameName(key.parent, origin.name)) continue;
		const before = referenceOf(key, child.origin, plainLineage(child.origin), {
			to: from,
			lineages: new Map([[nameKey(key.parent), plainLineage(origin)]]),
		});
		if (before?.parents === undefined) continue;
		if (origins(before.children) === origins(children) && origins(before.parents.values) === origins(parents.values)) return before;
	}
	return undefined;
}

function origins(values: readonly TracedValue[]): string {
	return values.map(({origin}) => nameKey(origin?.name ?? '')).join('\0');
}

function isUntouched(reference: Reference, before: Reference): boolean {
	const isPlain = [...reference.children, ...(reference.parents?.values ?? [])].every((value) => value.isPlain);
	return isPlain && comparison(reference) === comparison(before);
}

/** Returns what SQLite compares with: the affinity and collation of the parent's columns. */
function comparison({parent, parentColumns}: Reference): string {
	return parentColumns
		.map((name) => {
			const column = findColumn(parent, name);
			return `${columnAffinity(column?.type ?? '', parent.strict)} ${normalCollation(column?.collate)}`;
		})
		.join();
}

/**
 * Returns a condition that looks up the child's values in the parent. A child's value is compared with the affinity and collation of the parent column
 * (https://www.sqlite.org/foreignkeys.html#fk_indexes).
 */
function existence({children, parent, parentColumns, parents}: Reference): string {
	if (parents === undefined) return 'EXISTS (SELECT 1 WHERE 0)';
	const alias = quoted('_parent');
	const own = `${quoted(parents.lineage.origin.name)}.`;
	const matches = parents.values.map((value, index) => {
		const column = findColumn(parent, parentColumns[index] as string);
		const declared = columnAffinity(column?.type ?? '', parent.strict);
		// An integer is looked up exactly, not as the nearest REAL.
		const affinity = declared === 'REAL' ? 'NUMERIC' : declared;
		const child = (children[index] as TracedValue).sql;
		const left = value.sql.replaceAll(own, `${alias}.`);
		const stored = columnAffinity(value.origin?.type ?? '', parents.lineage.origin.strict);
		const isAsStored = value.isPlain && stored === declared && normalCollation(value.origin?.collate) === normalCollation(column?.collate);
		// The unary plus removes the child's own affinity, so only the parent's applies.
		if (isAsStored) return `${left} = +${child}`;
		return `+(${left}) COLLATE ${quoted(column?.collate ?? 'BINARY')} = ${storedAs(`+${child}`, affinity)}`;
	});
	return `EXISTS (SELECT 1 FROM ${quoted(parents.lineage.origin.name)} AS ${alias} WHERE ${matches.join(' AND ')})`;
}
