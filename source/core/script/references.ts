import {quoted, sameName} from '../schema/identifiers.ts';
import {findColumn, findTable, indexesOf, parentColumnsOf} from '../schema/lookup.ts';
import {normalCollation} from '../schema/normal-form.ts';
import type {ForeignKey, Schema, Table} from '../schema/schema.ts';

/** A table with foreign keys that refer to a parent table. */
export interface Child {
	readonly table: Table;
	readonly keys: readonly ForeignKey[];
}

/** Returns the tables that refer to a parent, including the parent itself if it does. */
export function childrenOf({tables}: Pick<Schema, 'tables'>, parent: string): readonly Child[] {
	return tables.flatMap((table) => {
		const keys = table.foreignKeys.filter((key) => sameName(key.parent, parent));
		return keys.length === 0 ? [] : [{table, keys}];
	});
}

/**
 * Returns the columns of an index that SQLite needs to find the children of a row without reading the whole table, as a SELECT of
 * https://www.sqlite.org/foreignkeys.html#fk_indexes. Undefined if an existing index serves.
 */
export function missingSearchIndex(schema: Schema, child: Table, key: ForeignKey, parent: Table | undefined): readonly string[] | undefined {
	const parents = parentColumnsOf(key, parent);
	const required = key.columns.map((name, index) => ({
		name,
		collate: normalCollation(parent === undefined ? undefined : findColumn(parent, parents[index] ?? '')?.collate),
	}));
	const serves = (columns: readonly {readonly name?: string | undefined; readonly collate?: string | undefined}[]) => {
		const leading = columns.slice(0, required.length);
		return required.every(({name, collate}) =>
			leading.some(
				(column) =>
					column.name !== undefined && sameName(column.name, name) && normalCollation(column.collate ?? findColumn(child, name)?.collate) === collate,
			),
		);
	};
	const keys = [child.primaryKey?.columns ?? [], ...child.uniques.map(({columns}) => columns)];
	const indexes = indexesOf(schema, child).filter(({where}) => where === undefined);
	const hasOne =
		keys.some((columns) => serves(columns)) || indexes.some(({columns}) => serves(columns.map(({column, collate}) => ({name: column, collate}))));
	return hasOne ? undefined : required.map(({name, collate}) => `${quoted(name)} COLLATE ${quoted(collate)}`);
}

export type ActionKind = 'onDelete' | 'onUpdate';

/** True if removing or changing a parent row sets columns of the child. */
export function changesChild(key: ForeignKey, kind: ActionKind): boolean {
	return isAction(key[kind]) && !(kind === 'onDelete' && key.onDelete === 'CASCADE');
}

/** True if a change of a parent row changes or deletes rows of a child. */
export function acts({keys}: Child, on: ActionKind): boolean {
	return keys.some((key) => isAction(key[on]));
}

/** True for an action that changes or deletes rows of the child. RESTRICT and NO ACTION only refuse. */
export function isAction(action: ForeignKey['onDelete']): boolean {
	return action !== undefined && action !== 'RESTRICT';
}

/** True if a foreign key may refer to these columns: they are the primary key, or unique with the columns' own collations (https://www.sqlite.org/foreignkeys.html#fk_indexes). */
export function isParentKey(schema: Schema, table: Table, columns: readonly string[]): boolean {
	const isSame = (parts: readonly {readonly name?: string | undefined; readonly collate?: string | undefined}[]) =>
		parts.length === columns.length &&
		columns.every((column) =>
			parts.some(({name, collate}) => {
				const found = findColumn(table, column);
				return (
					found !== undefined &&
					name !== undefined &&
					sameName(name, column) &&
					normalCollation(collate ?? found.collate) === normalCollation(found.collate)
				);
			}),
		);
	const unique = indexesOf(schema, table).filter(({unique, where}) => unique && where === undefined);
	return (
		isSame(table.primaryKey?.columns ?? []) ||
		table.uniques.some((one) => isSame(one.columns)) ||
		unique.some((index) => isSame(index.columns.map(({column, collate}) => ({name: column, collate}))))
	);
}

/** True if the columns that a key refers to are not a key of an existing parent, which SQLite reports as an error (foreign key mismatch). */
export function isMismatch(schema: Schema, key: ForeignKey): boolean {
	const parent = findTable(schema, key.parent);
	if (parent === undefined) return false;
	const columns = parentColumnsOf(key, parent);
	return columns.length !== key.columns.length || !isParentKey(schema, parent, columns);
}
