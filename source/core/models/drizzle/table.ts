import {nameInExpression} from '../../ddl/expression.ts';
import {MigrError} from '../../errors.ts';
import {identifier} from '../../schema/identifiers.ts';
import {drizzleDefault} from './default.ts';
import {expressionText} from './expression.ts';
import type {Orm, OrmColumn, OrmForeignKey, OrmSql, OrmTable} from './orm.ts';
import {isKind, kindsOf} from './recognize.ts';

/** The CREATE TABLE statement of a table, and its indexes. */
export interface TableStatements {
	readonly name: string;
	readonly create: string;
	/** Column names in the database, and as written in the model: the key or the explicit name. */
	readonly columns: readonly {readonly name: string; readonly written: string}[];
	readonly indexes: readonly {readonly name: string; readonly sql: string}[];
}

interface Key {
	readonly name: string | undefined;
	readonly columns: readonly string[];
}

/**
 * Returns a Drizzle table as CREATE TABLE and CREATE INDEX statements. The result matches the schema that the drizzle-kit of the same generation
 * creates, as long as that matches the table's definition.
 *
 * @throws MigrError `model` if a part does not belong in an SQLite table
 */
export function drizzleTableStatements(orm: Orm, table: object): TableStatements {
	checkExtras(table);
	const config = orm.tableConfig(table);
	if (config.columns.length === 0) throw new MigrError('model', 'the table has no columns');
	const foreign = config.columns.find((column) => !isKind(column, 'SQLiteColumn'));
	if (foreign !== undefined) throw foreignColumn(foreign);
	const unnamed = config.columns.findIndex(({name}) => typeof name !== 'string');
	if (unnamed >= 0) throw unnamedColumn(orm, Object.keys(columnsOf(table))[unnamed] ?? '');
	const primaryKey = primaryKeyOf(orm, config);
	const uniques = uniquesOf(orm, config);
	const inlineKey = primaryKey?.name === undefined && primaryKey?.columns.length === 1 ? primaryKey.columns[0] : undefined;
	const lines = [
		...config.columns.map((column) => columnDefinition(orm, column, inlineKey)),
		...(primaryKey === undefined || inlineKey !== undefined ? [] : [`${constraint(primaryKey.name)}PRIMARY KEY (${names(primaryKey.columns)})`]),
		...(orm.generation === 0 ? [] : uniques.map((unique) => `${constraint(unique.name)}UNIQUE (${names(unique.columns)})`)),
		...new Set(config.foreignKeys.map((key) => foreignKeyDefinition(orm, config.name, key))),
		...config.checks.map((check) => `${constraint(check.name)}CHECK (${expressionText(orm, check.value, true)})`),
	];
	return {
		name: config.name,
		create: `CREATE TABLE ${identifier(config.name)} (\n${lines.map((line) => `    ${line}`).join(',\n')}\n)`,
		columns: config.columns.map((column) => ({name: orm.columnName(column), written: column.name})),
		indexes: [...(orm.generation === 0 ? uniques.map((unique) => uniqueIndex(config.name, unique)) : []), ...indexesOf(orm, config)],
	};
}

function columnDefinition(orm: Orm, column: OrmColumn, inlineKey: string | undefined): string {
	const name = orm.columnName(column);
	const type = column.getSQLType();
	const isKey = name === inlineKey;
	const value = drizzleDefault(orm, column);
	const parts = [identifier(name), type];
	if (isKey) parts.push(column.autoIncrement === true ? 'PRIMARY KEY AUTOINCREMENT' : 'PRIMARY KEY');
	if (isNotNull(orm, column)) parts.push('NOT NULL');
	if (value !== undefined) parts.push(`DEFAULT ${value}`);
	if (column.generated !== undefined) parts.push(generatedClause(orm, column.generated));
	return parts.filter((part) => part !== '').join(' ');
}

/** True if the column is written with NOT NULL. Generation 1 omits it for `.primaryKey()`. */
function isNotNull(orm: Orm, column: OrmColumn): boolean {
	return column.notNull && (orm.generation === 0 || !column.primary);
}

function generatedClause(orm: Orm, generated: {readonly as: unknown; readonly mode?: 'stored' | 'virtual'}): string {
	const value = typeof generated.as === 'function' ? (generated.as as () => unknown)() : generated.as;
	const text = isKind(value, 'SQL') ? expressionText(orm, value as OrmSql, true) : String(value);
	return `GENERATED ALWAYS AS (${text}) ${generated.mode === 'stored' ? 'STORED' : 'VIRTUAL'}`;
}

function primaryKeyOf(orm: Orm, config: OrmTable): Key | undefined {
	const keys: Key[] = [
		...config.columns.filter((column) => column.primary).map((column) => ({name: undefined, columns: [orm.columnName(column)]})),
		...config.primaryKeys.map((key) => ({name: keyName(orm, config, key), columns: key.columns.map((column) => orm.columnName(column))})),
	];
	if (keys.length < 2) return keys[0];
	throw new MigrError('model', `the table has ${keys.length} primary keys: ${keys.map((key) => `(${key.columns.join(', ')})`).join(', ')}`, {
		hint: 'declare a key of several columns once, with primaryKey({columns: […]}), and remove .primaryKey() from the columns',
	});
}

/** Returns the key's name. Generation 0 never writes it. Generation 1 always does, unless the key is written on its column. */
function keyName(orm: Orm, config: OrmTable, key: OrmTable['primaryKeys'][number]): string | undefined {
	if (orm.generation === 0) return undefined;
	return key.name ?? (key.columns.length > 1 ? `${config.name}_pk` : undefined);
}

function uniquesOf(orm: Orm, config: OrmTable): Key[] {
	const uniques = [
		...config.columns
			.filter((column) => column.isUnique && !hasUniqueIndex(orm, config, column))
			.map((column) => ({name: column.uniqueName, columns: [column]})),
		...config.uniqueConstraints.map(({name, isNameExplicit, columns}) => ({
			name: isNameExplicit === false && columns.length === 1 ? undefined : name,
			columns,
		})),
	];
	return uniques.map(({name, columns}) => {
		const columnNames = columns.map((column) => orm.columnName(column));
		const isNamed = orm.generation === 0 || columns.length > 1;
		return {name: name ?? (isNamed ? `${config.name}_${columnNames.join('_')}_unique` : undefined), columns: columnNames};
	});
}

/** True if generation 1 ignores `.unique()` because the column also has a unique index. */
function hasUniqueIndex(orm: Orm, config: OrmTable, column: OrmColumn): boolean {
	return orm.generation === 1 && config.indexes.some(({config: index}) => index.unique && index.columns.length === 1 && index.columns[0] === column);
}

function uniqueIndex(table: string, unique: Key): {name: string; sql: string} {
	const name = unique.name ?? '';
	return {name, sql: `CREATE UNIQUE INDEX ${identifier(name)} ON ${identifier(table)} (${names(unique.columns)})`};
}

function indexesOf(orm: Orm, config: OrmTable): {name: string; sql: string}[] {
	return config.indexes.map(({config: {name, columns, unique, where}}) => {
		if (name === undefined || name === '') throw new MigrError('model', 'an index has no name', {hint: "name it: index('user_name').on(…)"});
		const parts = columns.map((part) =>
			isKind(part, 'SQL') ? expressionText(orm, part as OrmSql, true) : nameInExpression(orm.columnName(part as OrmColumn)),
		);
		const condition = isKind(where, 'SQL') ? ` WHERE ${expressionText(orm, where as OrmSql, true)}` : '';
		return {name, sql: `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${identifier(name)} ON ${identifier(config.name)} (${parts.join(', ')})${condition}`};
	});
}

function foreignKeyDefinition(orm: Orm, table: string, key: OrmForeignKey): string {
	const {name, columns, foreignTable, foreignColumns} = key.reference();
	if (!isKind(foreignTable, 'SQLiteTable'))
		throw new MigrError('model', `a foreign key refers to ${kindsOf(foreignTable)[0] ?? 'nothing'}, which is not an SQLite table`);
	const parent = orm.tableConfig(foreignTable).name;
	const from = columns.map((column) => orm.columnName(column));
	const to = foreignColumns.map((column) => orm.columnName(column));
	const kitName = `fk_${[table, ...from, parent, ...to].join('_')}_fk`;
	const actions = [action('UPDATE', key.onUpdate), action('DELETE', key.onDelete)].join('');
	return `${constraint(orm.generation === 0 ? undefined : (name ?? kitName))}FOREIGN KEY (${names(from)}) REFERENCES ${identifier(parent)} (${names(to)})${actions}`;
}

function action(event: 'UPDATE' | 'DELETE', value: string | undefined): string {
	return value === undefined || value === 'no action' ? '' : ` ON ${event} ${value.toUpperCase()}`;
}

function constraint(name: string | undefined): string {
	return name === undefined ? '' : `CONSTRAINT ${identifier(name)} `;
}

/** Returns column names for a place where SQLite also accepts expressions. */
function names(columns: readonly string[]): string {
	return columns.map(nameInExpression).join(', ');
}

/** Checks the entries of a table's third argument. drizzle-orm silently ignores unknown ones, such as `index('a')` without `.on()`. */
function checkExtras(table: object): void {
	const parts = table as Readonly<Record<symbol, unknown>>;
	const build = parts[Symbol.for('drizzle:ExtraConfigBuilder')];
	if (typeof build !== 'function') return;
	const extras: unknown = build(parts[Symbol.for('drizzle:Columns')]);
	const values = Array.isArray(extras) ? extras.flat(1) : Object.values((extras ?? {}) as object);
	for (const value of values) {
		const kind = kindsOf(value)[0];
		if (kind !== undefined && knownExtras.has(kind)) continue;
		throw new MigrError('model', `${kind ?? typeof value} in the table's third argument is not an index or constraint`, {
			hint:
				kind?.endsWith('On') || kind?.includes('OnConstraint')
					? 'add its columns: .on(table.column)'
					: 'return a list of index(), uniqueIndex(), unique(), primaryKey(), foreignKey() and check()',
		});
	}
}

const knownExtras: ReadonlySet<string> = new Set([
	'SQLiteIndexBuilder',
	'SQLiteCheckBuilder',
	'SQLiteUniqueConstraintBuilder',
	'SQLitePrimaryKeyBuilder',
	'SQLiteForeignKeyBuilder',
]);

function columnsOf(table: object): object {
	return (table as Readonly<Record<symbol, object>>)[Symbol.for('drizzle:Columns')] ?? {};
}

/** drizzle-orm before 0.34 does not take the name from the key, and before 0.41 not for every column type. */
function unnamedColumn({version}: Orm, key: string): MigrError {
	return new MigrError('model', `column ${key} has no name, and drizzle-orm ${version} does not use its key`, {
		hint: `write the name as the first argument, such as '${key}', or update drizzle-orm`,
	});
}

function foreignColumn(column: OrmColumn): MigrError {
	return new MigrError('model', `column ${column.name} is a ${kindsOf(column)[0] ?? 'thing'}, which is not an SQLite column`, {
		hint: 'import the column types from drizzle-orm/sqlite-core',
	});
}
