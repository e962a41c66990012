import {columnsIn} from '../ddl/expression.ts';
import {type Expression, partsOf} from '../ddl/expression-tree.ts';
import type {Token} from '../ddl/lexer.ts';
import {readExpression} from '../ddl/read-expression.ts';
import {type Affinity, affinityOf, columnAffinity} from '../schema/affinity.ts';
import {quoted} from '../schema/identifiers.ts';
import {findColumn} from '../schema/lookup.ts';
import {normalCollation} from '../schema/normal-form.ts';
import type {Column, Table} from '../schema/schema.ts';
import {storedAs} from './conversion.ts';
import {substituteColumns} from './substitute.ts';
import type {TracedValue} from './traced-value.ts';

/** The value of a column of a row, as SQL over the row before the migration. */
export interface RowValue {
	readonly sql: string;
	/** The affinity of the column. */
	readonly affinity: Affinity;
	/** The collation of the column. */
	readonly collation: string;
	/** True if comparisons treat the SQL like the column: it is an old column with the same affinity and collation. */
	readonly comparesAlike: boolean;
}

/** A row of a table at some point of a migration. */
export interface ChangedRow {
	readonly table: Table;
	/** True if the SQL of a value may have a collation. */
	readonly mayCollate: boolean;
	/** Returns the value of a column by its name in lower case. Undefined if there is no such column, or if its value cannot be determined. */
	value(name: string): RowValue | undefined;
}

/** Returns the row of a table with the values of its columns. `origin` is the table before the migration. */
export function changedRow(table: Table, origin: Table, values: ReadonlyMap<string, TracedValue>): ChangedRow {
	return {
		table,
		mayCollate: origin.columns.some(({collate}) => collate !== undefined),
		value(name) {
			const [column, value] = [findColumn(table, name), values.get(name)];
			return column === undefined || value === undefined ? undefined : rowValue(value, column, table, origin);
		},
	};
}

function rowValue({sql, isPlain, origin: old}: TracedValue, column: Column, table: Table, origin: Table): RowValue {
	const affinity = columnAffinity(column.type, table.strict);
	const comparesAlike =
		isPlain &&
		old !== undefined &&
		columnAffinity(old.type, origin.strict) === affinity &&
		normalCollation(old.collate) === normalCollation(column.collate);
	return {sql, affinity, collation: column.collate ?? 'BINARY', comparesAlike};
}

/** An expression over the row before the migration. */
export interface OverOldRow {
	readonly sql: string;
	/** The collation that comparisons of the expression use, if it has one and `sql` may have another. */
	readonly collation: string | undefined;
}

/**
 * Translates an expression over a changed row (CHECK, index, generated column, fill) to the row before the migration, with the same result.
 *
 * SQLite compares a column with the affinity and the collation of its definition (https://www.sqlite.org/datatype3.html#comparison_expressions). The
 * SQL of a changed value has others. So comparisons of such values state both: by converting the values, and by COLLATE, which is only inherited by the
 * expressions that inherit the collation of a column.
 */
export function overOldRow(text: string, row: ChangedRow): OverOldRow {
	const tree = readExpression(text);
	if (tree === undefined || !isAffected(tree, row)) {
		const found = columnsIn(text, row.table.name).map((name) => [name, row.value(name)?.sql] as const);
		const texts = new Map(found.filter((pair): pair is [string, string] => pair[1] !== undefined));
		return {sql: substituteColumns(text, row.table.name, texts), collation: undefined};
	}
	const sql = print(tree, text, row);
	const collation = collationOf(tree, row) ?? 'BINARY';
	return {sql, collation: mayDiffer(sql, collation, row) ? collation : undefined};
}

/** True if the expression reads a value that comparisons do not treat like its column. */
function isAffected(expression: Expression, row: ChangedRow): boolean {
	if (expression.kind === 'column') return row.value(expression.name)?.comparesAlike === false;
	return partsOf(expression).some((part) => isAffected(part, row));
}

/** True if SQLite may compare the SQL with another collation than this one. */
function mayDiffer(sql: string, collation: string, {mayCollate}: ChangedRow): boolean {
	return mayCollate || normalCollation(collation) !== 'binary' || /collate/i.test(sql);
}

function print(expression: Expression, text: string, row: ChangedRow): string {
	if (expression.kind === 'column') return row.value(expression.name)?.sql ?? text.slice(expression.start, expression.end);
	if (!isAffected(expression, row)) return printed(expression, text, row);
	switch (expression.kind) {
		case 'comparison':
			return comparison(expression.left, expression.operator, expression.right, text, row);
		case 'between': {
			const {value, low, high, isNot} = expression;
			const both = `(${comparison(value, '>=', low, text, row)} AND ${comparison(value, '<=', high, text, row)})`;
			return isNot ? `(NOT ${both})` : both;
		}
		case 'in':
			return membership(expression, text, row);
		case 'case': {
			const {base, branches, otherwise} = expression;
			if (base === undefined) return printed(expression, text, row);
			const lines = branches.map(({when, result}) => `WHEN ${comparison(base, '=', when, text, row)} THEN ${print(result, text, row)}`);
			return `CASE ${lines.join(' ')}${otherwise === undefined ? '' : ` ELSE ${print(otherwise, text, row)}`} END`;
		}
		case 'call':
			return /^(min|max|nullif)$/.test(expression.name) ? comparingCall(expression, text, row) : printed(expression, text, row);
		default:
			return printed(expression, text, row);
	}
}

/** Prints an expression as it is written, with its parts replaced. */
function printed(expression: Expression, text: string, row: ChangedRow): string {
	let result = '';
	let at = expression.start;
	for (const part of partsOf(expression)) {
		result += text.slice(at, part.start) + print(part, text, row);
		at = part.end;
	}
	return result + text.slice(at, expression.end);
}

function comparison(left: Expression, operator: string, right: Expression, text: string, row: ChangedRow): string {
	const [lefts, rights] = [vectorOf(left), vectorOf(right)];
	if (lefts !== undefined && rights !== undefined && lefts.length === rights.length) {
		const sides = lefts.map((part, index) => compared(part, rights[index] as Expression, text, row));
		return `(${sides.map(([one]) => one).join(', ')}) ${operator} (${sides.map(([, other]) => other).join(', ')})`;
	}
	const [one, other] = compared(left, right, text, row);
	return `${one} ${operator} ${other}`;
}

function vectorOf(expression: Expression): readonly Expression[] | undefined {
	if (expression.kind === 'group') return vectorOf(expression.of);
	return expression.kind === 'vector' ? expression.parts : undefined;
}

/** Returns both sides of a comparison, with the affinity and the collation of the columns. */
function compared(left: Expression, right: Expression, text: string, row: ChangedRow): readonly [string, string] {
	const affinity = comparisonAffinity(affinityIn(left, row), affinityIn(right, row));
	const collation = comparisonCollation(left, right, row);
	const [one, other] = [converted(left, affinity, text, row), converted(right, affinity, text, row)];
	return mayDiffer(one + other, collation, row) ? [withCollation(one, collation), other] : [one, other];
}

/** SQLite compares with the affinity and collation of the value on the left. */
function membership({value, list, isNot}: Expression & {readonly kind: 'in'}, text: string, row: ChangedRow): string {
	const own = affinityIn(value, row);
	const affinity = own === 'INTEGER' || own === 'REAL' ? 'NUMERIC' : own;
	const collation = collationOf(value, row) ?? 'BINARY';
	const left = converted(value, affinity, text, row);
	const items = list.map((item) => converted(item, affinity, text, row));
	const shown = mayDiffer(left, collation, row) ? withCollation(left, collation) : left;
	return `${shown} ${isNot ? 'NOT ' : ''}IN (${items.join(', ')})`;
}

/** `min`, `max` and `nullif` compare with the collation of the first argument that has one. */
function comparingCall({name, parts}: Expression & {readonly kind: 'call'}, text: string, row: ChangedRow): string {
	const collation = parts.map((part) => collationOf(part, row)).find((found) => found !== undefined) ?? 'BINARY';
	const [first = '', ...others] = parts.map((part) => print(part, text, row));
	return `${name}(${[mayDiffer([first, ...others].join(), collation, row) ? withCollation(first, collation) : first, ...others].join(', ')})`;
}

function withCollation(sql: string, collation: string): string {
	return `${operandOf(sql)} COLLATE ${quoted(collation)}`;
}

/** Returns SQL that an operator can follow or precede. */
function operandOf(sql: string): string {
	return isOperand(sql) ? sql : `(${sql})`;
}

/** True for SQL that certainly is one operand: a name, a literal, or a simple CAST. */
function isOperand(sql: string): boolean {
	return /^("([^"]|"")*"(\."([^"]|"")*")?|\d+|'([^']|'')*'|[a-z_]\w*|[a-z_]+\([^()']*\))$/i.test(sql);
}

/** Returns the value as a comparison with this affinity sees it. The result has no affinity that would change the other side. */
function converted(expression: Expression, affinity: Affinity | undefined, text: string, row: ChangedRow): string {
	const sql = print(expression, text, row);
	const own = affinityIn(expression, row);
	const literal = literalOf(expression);
	if (literal !== undefined) {
		const isNumber = literal.kind === 'number' || /^(true|false)$/i.test(literal.text);
		if (affinity === 'TEXT' && isNumber) return `CAST(${sql} AS TEXT)`;
		return isNumeric(affinity) && isNumberAsText(literal) ? `CAST(${sql} AS NUMERIC)` : sql;
	}
	const isConverted = isNumeric(affinity) ? isNumeric(own) : affinity === 'TEXT' ? own === 'TEXT' : true;
	if (!isConverted) return storedAs(`+${operandOf(sql)}`, isNumeric(affinity) ? 'NUMERIC' : 'TEXT');
	// The unary plus removes the affinity of the SQL. An expression that is converted has none.
	return own !== undefined && mayHaveAffinity(sql) ? `+${operandOf(sql)}` : sql;
}

/** True for text that numeric affinity converts. */
function isNumberAsText({kind, text}: Token): boolean {
	return kind === 'string' && /^'[\t-\r ]*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?[\t-\r ]*'$/i.test(text);
}

function mayHaveAffinity(sql: string): boolean {
	return !/^(\((SELECT )?CASE |\(*[-+]?\d)/.test(sql);
}

function isNumeric(affinity: Affinity | undefined): boolean {
	return affinity === 'NUMERIC' || affinity === 'INTEGER' || affinity === 'REAL';
}

/** Returns the token of a literal. A number may have a sign. */
function literalOf(expression: Expression): Token | undefined {
	if (expression.kind === 'value') return expression.token.kind === 'quotedName' ? undefined : expression.token;
	if (expression.kind === 'group' || expression.kind === 'collate') return literalOf(expression.of);
	const [only, another] = expression.kind === 'operator' ? expression.parts : [];
	const of = only === undefined || another !== undefined ? undefined : literalOf(only);
	return of?.kind === 'number' ? of : undefined;
}

/** Returns the affinity that an expression has in a comparison (https://www.sqlite.org/datatype3.html#affinity_of_expressions). */
function affinityIn(expression: Expression, row: ChangedRow): Affinity | undefined {
	switch (expression.kind) {
		case 'column': {
			const value = row.value(expression.name);
			// Another name is the rowid, or a string in double quotes.
			return value?.affinity ?? (expression.isQuoted ? undefined : 'INTEGER');
		}
		case 'group':
		case 'collate':
			return affinityIn(expression.of, row);
		case 'vector':
			return affinityIn(expression.parts[0] as Expression, row);
		case 'cast':
			return affinityOf(expression.type);
		default:
			return undefined;
	}
}

/** https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison */
function comparisonAffinity(left: Affinity | undefined, right: Affinity | undefined): Affinity | undefined {
	if (left === undefined || right === undefined) {
		const only = left ?? right;
		return isNumeric(only) ? 'NUMERIC' : only;
	}
	return isNumeric(left) || isNumeric(right) ? 'NUMERIC' : undefined;
}

/** https://www.sqlite.org/datatype3.html#assigning_collating_sequences_from_sql */
function comparisonCollation(left: Expression, right: Expression, row: ChangedRow): string {
	const found = hasCollate(left) ? collationOf(left, row) : hasCollate(right) ? collationOf(right, row) : undefined;
	return found ?? collationOf(left, row) ?? collationOf(right, row) ?? 'BINARY';
}

function hasCollate(expression: Expression): boolean {
	return expression.kind === 'collate' || partsOf(expression).some(hasCollate);
}

/** Returns the collation of an expression. That of a column is not inherited by operators and functions, but one by COLLATE is. */
function collationOf(expression: Expression, row: ChangedRow): string | undefined {
	switch (expression.kind) {
		case 'column': {
			const value = row.value(expression.name);
			return value?.collation ?? (expression.isQuoted ? undefined : 'BINARY');
		}
		case 'group':
		case 'cast':
		case 'plus':
			return collationOf(expression.of, row);
		case 'vector':
			return collationOf(expression.parts[0] as Expression, row);
		case 'collate':
			return expression.collation;
		default: {
			const part = partsOf(expression).find(hasCollate);
			return part === undefined ? undefined : collationOf(part, row);
		}
	}
}
