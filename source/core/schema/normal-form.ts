import {nameKey, quoted, sameName} from './identifiers.ts';
import {findColumn, findTable, parentColumnsOf} from './lookup.ts';
import type {Check, Column, ForeignKey, Index, KeyColumn, PrimaryKey, Schema, Table, Trigger, Unique, View, VirtualTable} from './schema.ts';

/** A column in its normal form for comparisons: everything that has a meaning, without differences in spelling. Equal texts mean equal parts. */
export interface NormalColumn {
	readonly name: string;
	readonly type: string;
	/** Empty if NULL is allowed or NOT NULL is implied. */
	readonly notNull: string;
	readonly default: string;
	readonly collate: string;
	readonly generated: string;
}

const none: readonly string[] = [];

/** Returns the normal form of a column. `table` determines whether NOT NULL is implied. */
export function normalColumn(column: Column, table: Pick<Table, 'primaryKey' | 'strict' | 'withoutRowid'>): NormalColumn {
	const {notNull, generated} = column;
	return {
		name: nameKey(column.name),
		type: normalType(column.type),
		notNull: notNull === undefined || impliesNotNull(column, table) ? '' : `not null ${notNull.onConflict ?? ''}`,
		// No default is the same as DEFAULT NULL.
		default: column.default === undefined || column.default.normal === 'null' ? '' : column.default.normal,
		collate: normalCollation(column.collate),
		generated: generated === undefined ? '' : `${generated.stored ? 'stored' : 'virtual'} ${generated.expression.normal}`,
	};
}

/** Normalizes the case and whitespace of a declared type: `decimal( 10 ,2 )` becomes `DECIMAL(10,2)`. */
export function normalType(type: string): string {
	const upper = type.toUpperCase();
	if (!/[\t-\r ]/.test(upper)) return upper;
	const folded = upper.replace(/[\t-\r ]+/g, ' ').replace(/ ?([(),]) ?/g, '$1');
	return folded.replace(/^ | $/g, '');
}

/** Normalizes the case of a collating sequence. Returns `binary` if there is none. */
export function normalCollation(collate: string | undefined): string {
	return collate === undefined ? 'binary' : nameKey(collate);
}

/**
 * True if the key already forbids NULL. A rowid is never NULL. In a WITHOUT ROWID or STRICT table, neither is any column of the primary key, unless an
 * explicit NOT NULL has a conflict clause other than ABORT
 * (https://www.sqlite.org/withoutrowid.html, https://www.sqlite.org/stricttables.html).
 */
export function impliesNotNull(column: Column, table: Pick<Table, 'primaryKey' | 'strict' | 'withoutRowid'>): boolean {
	const {primaryKey} = table;
	if (primaryKey === undefined || !primaryKey.columns.some((key) => sameName(key.name, column.name))) return false;
	return primaryKey.rowidAlias || ((table.withoutRowid || table.strict) && column.notNull?.onConflict === undefined);
}

/** Returns the normal form of a primary key of the table. */
export function normalPrimaryKey(key: PrimaryKey, table: Table): string {
	const columns = key.rowidAlias ? `rowid ${keyOf(key.columns[0]?.name ?? '')}` : keyColumns(key.columns, table);
	return part(key.name, [columns, key.autoincrement ? 'autoincrement' : '', key.onConflict ?? ''].join('|'));
}

/**
 * Returns the normal forms of the UNIQUE constraints. SQLite keeps one index for UNIQUE constraints with the same columns and collations, and none for
 * the columns of the primary key. Such duplicates count once, and a name or conflict clause of one of them applies to all.
 */
export function normalUniques(table: Table): readonly string[] {
	if (table.uniques.length === 0) return none;
	const primaryKey = table.primaryKey === undefined || table.primaryKey.rowidAlias ? undefined : keyColumns(table.primaryKey.columns, table);
	const groups = Map.groupBy(table.uniques, (unique) => keyColumns(unique.columns, table));
	const uniques: string[] = [];
	for (const [columns, group] of groups) {
		const onConflict = group.find((unique) => unique.onConflict !== undefined)?.onConflict ?? '';
		const names = group.flatMap((unique: Unique) => (unique.name === undefined ? [] : [unique.name]));
		if (names.length > 0) uniques.push(...names.map((name) => part(name, `${columns}|${onConflict}`)));
		else if (columns !== primaryKey) uniques.push(part(undefined, `${columns}|${onConflict}`));
	}

	return sorted(uniques);
}

/** Returns the normal form of one UNIQUE constraint of the table. */
export function normalUnique(unique: Unique, table: Table): string {
	return part(unique.name, `${keyColumns(unique.columns, table)}|${unique.onConflict ?? ''}`);
}

export function normalCheck(check: Check): string {
	return part(check.name, withoutQualifiers(check.expression.normal));
}

/** Removes qualifiers. CHECK and the WHERE of an index contain no subquery, so a qualifier in them is always their own table: `user.age` is `age`. */
function withoutQualifiers(normal: string): string {
	if (!normal.includes('.')) return normal;
	return normal.replace(/'[^']*(?:''[^']*)*'|(?:"[^"]*(?:""[^"]*)*"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)(\.?)/g, (token, dot) =>
		dot === '.' ? '' : token,
	);
}

function keyColumns(columns: readonly KeyColumn[], table: Table): string {
	return columns.map((column) => keyColumn(keyOf(column.name), column, findColumn(table, column.name))).join(',');
}

/** Returns a column of a key or an index with its explicit collation, or that of the column. */
function keyColumn(normal: string, key: Pick<KeyColumn, 'collate' | 'descending'>, column: Column | undefined): string {
	return `${normal} ${normalCollation(key.collate ?? column?.collate)}${key.descending ? ' desc' : ''}`;
}

export function normalChecks(table: Table): readonly string[] {
	return table.checks.length === 0 ? none : sorted(table.checks.map(normalCheck));
}

export function normalForeignKeys(table: Table, schema: Schema): readonly string[] {
	return table.foreignKeys.length === 0 ? none : sorted(table.foreignKeys.map((foreignKey) => normalForeignKey(foreignKey, table, schema)));
}

/** Returns the normal form of a foreign key of the table. `schema` contains the parent, whose primary key is used if no columns are named. */
export function normalForeignKey(key: ForeignKey, table: Table, schema: Schema): string {
	const parent = sameName(key.parent, table.name) ? table : findTable(schema, key.parent);
	const parentColumns = parentColumnsOf(key, parent);
	const pairs = key.columns.map((column, index) => `${keyOf(column)}=${keyOf(parentColumns[index] ?? '')}`);
	const match = nameKey(key.match ?? '');
	return part(key.name, [sorted(pairs).join(','), keyOf(key.parent), key.onDelete, key.onUpdate, match, key.deferred ? 'deferred' : ''].join('|'));
}

/** Quotes a name, so its end is unambiguous for any characters. */
function keyOf(name: string): string {
	return quoted(nameKey(name));
}

/** Returns a constraint with its name, which is part of its meaning. */
function part(name: string | undefined, text: string): string {
	return name === undefined ? text : `${keyOf(name)}: ${text}`;
}

function sorted(texts: readonly string[]): string[] {
	return texts.length < 2 ? [...texts] : [...new Set(texts)].sort();
}

/** Returns the normal form of an index. `schema` contains the table, whose columns may have collations. */
export function normalIndex(index: Index, schema: Schema): string {
	const table = findTable(schema, index.table);
	const columns = index.columns.map((column) => {
		if (column.column === undefined) return keyColumn(column.expression.normal, column, undefined);
		return keyColumn(keyOf(column.column), column, table === undefined ? undefined : findColumn(table, column.column));
	});
	return [keyOf(index.name), keyOf(index.table), index.unique ? 'unique' : '', columns.join(','), withoutQualifiers(index.where?.normal ?? '')].join(
		'|',
	);
}

export function normalView(view: View): string {
	return [keyOf(view.name), view.columns.map(keyOf).join(','), view.select.normal].join('|');
}

export function normalTrigger(trigger: Trigger): string {
	const columns = sorted(trigger.updateOf.map(keyOf)).join(',');
	return [keyOf(trigger.name), keyOf(trigger.table), trigger.timing, trigger.event, columns, trigger.when?.normal ?? '', trigger.body.normal].join(
		'|',
	);
}

export function normalVirtualTable(virtualTable: VirtualTable): string {
	return [keyOf(virtualTable.name), keyOf(virtualTable.module), ...virtualTable.arguments.map((argument) => argument.normal)].join('|');
}
