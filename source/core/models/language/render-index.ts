import {asOperand, nameInExpression} from '../../ddl/expression.ts';
import {identifier} from '../../schema/identifiers.ts';
import {type CallSite, modelError} from './call-site.ts';
import {tableSymbol} from './column.ts';
import type {IndexedPart} from './indexes.ts';
import {type ModelStatement, statementAt} from './model.ts';
import {isNamed, isSql, type KeyPart, type Named, nameSymbol, type SqlExpression, sqlText} from './sql.ts';

/** The parts of a table that its indexes need. */
interface Owner {
	readonly name: string;
	readonly site: CallSite;
}

interface IndexToRender {
	readonly name: string | undefined;
	readonly unique: boolean;
	readonly columns: readonly IndexedPart[];
	readonly condition?: SqlExpression | undefined;
	readonly site: CallSite;
}

/** Returns the CREATE INDEX statement for an index or a `unique()` in a table's third argument. */
export function indexStatement(table: Owner, index: IndexToRender): ModelStatement {
	const name = index.name ?? defaultName(table, index);
	const columns = keyColumns(table, index.columns, `index ${name}`, index.site).join(', ');
	const where = index.condition === undefined ? '' : ` WHERE ${sqlText(index.condition, index.site)}`;
	return statementAt(index.site, {sql: `${createIndex(index.unique)} ${identifier(name)} ON ${identifier(table.name)} (${columns})${where}`});
}

/** Returns the CREATE UNIQUE INDEX statement for `.unique()` on a column. The default name is the same as in Drizzle. */
export function uniqueIndexStatement(table: Owner, columns: readonly string[], name: string | undefined, site: CallSite): ModelStatement {
	const index = identifier(name ?? `${table.name}_${columns.join('_')}_unique`);
	return statementAt(site, {sql: `${createIndex(true)} ${index} ON ${identifier(table.name)} (${columns.map(nameInExpression).join(', ')})`});
}

function createIndex(unique: boolean): string {
	return unique ? 'CREATE UNIQUE INDEX' : 'CREATE INDEX';
}

function defaultName(table: Owner, index: IndexToRender): string {
	const names = index.columns.map((column) => {
		const {part} = partsOf(column, `an index of ${table.name}`, index.site);
		if (isSql(part)) throw modelError(`an index of ${table.name} on an expression has no name`, index.site, "write index('a_name').on(…)");
		return part[nameSymbol];
	});
	return [table.name, ...names, index.unique ? 'unique' : 'index'].join('_');
}

/** Returns each column or expression of a key with its collation and order. */
export function keyColumns(table: Owner, columns: readonly IndexedPart[], what: string, site: CallSite): string[] {
	if (!Array.isArray(columns) || columns.length === 0) throw modelError(`${what} has no columns`, site);
	return columns.map((column, at) => {
		const {part, collation, descending} = partsOf(column, what, site, at);
		if (isNamed(part) && (part as Partial<Record<typeof tableSymbol, string>>)[tableSymbol] !== table.name) {
			throw modelError(`${what} names ${part[nameSymbol]}, which is not a column of ${table.name}`, site);
		}
		const expression = isSql(part) ? sqlText(part, site) : undefined;
		const text =
			expression === undefined ? nameInExpression((part as Named)[nameSymbol]) : collation === undefined ? expression : asOperand(expression);
		return `${text}${collation === undefined ? '' : ` COLLATE ${identifier(collation)}`}${descending ? ' DESC' : ''}`;
	});
}

function partsOf(column: IndexedPart, what: string, site: CallSite, at = 0): Pick<KeyPart, 'part' | 'descending' | 'collation'> {
	if (isSql(column) || isNamed(column)) {
		return {part: column as Named | SqlExpression, descending: false};
	}
	if (typeof column === 'object' && column !== null && 'part' in column && (isSql(column.part) || isNamed(column.part))) return column;
	throw modelError(
		`entry ${at + 1} of ${what} is ${column === undefined ? 'undefined' : 'not a column'}`,
		site,
		'check the spelling of the column name',
	);
}
