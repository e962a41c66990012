import {identifier, sameName} from '../schema/identifiers.ts';
import type {
	Check,
	Column,
	ConflictClause,
	ForeignKey,
	Index,
	IndexColumn,
	KeyColumn,
	PrimaryKey,
	Sql,
	Table,
	Trigger,
	Unique,
} from '../schema/schema.ts';
import {asOperand, nameInExpression} from './expression.ts';
import {endsType, isLiteralWord} from './keywords.ts';
import {significantTokens} from './lexer.ts';
import {losesAlways} from './read-column.ts';

export {withName, withTable} from './replace-name.ts';

const indent = '    ';

/**
 * Returns a readable CREATE TABLE statement for a table: one column or constraint per line. Constraints on one column are written after it.
 * References to the table itself keep its own name, regardless of `name`.
 */
export function renderTable(table: Omit<Table, 'sql'>, name: string = table.name): string {
	const lines = [...table.columns.map((column) => renderColumn(column, table)), ...tableConstraints(table)];
	const options = [...(table.strict ? ['STRICT'] : []), ...(table.withoutRowid ? ['WITHOUT ROWID'] : [])].join(', ');
	return `CREATE TABLE ${identifier(name)} (\n${lines.map((line) => indent + line).join(',\n')}\n)${options === '' ? '' : ` ${options}`}`;
}

/** Returns a column definition with its constraints, as in CREATE TABLE. `table` has the keys, checks and references. */
export function renderColumn(column: Column, table: Pick<Table, 'primaryKey' | 'uniques' | 'checks' | 'foreignKeys'>): string {
	const {primaryKey} = table;
	const parts = [identifier(column.name)];
	if (column.generated !== undefined) {
		const {expression, stored} = column.generated;
		parts.push(`${beforeGenerated(column.type)}GENERATED ALWAYS AS (${expression.text}) ${stored ? 'STORED' : 'VIRTUAL'}`);
	} else if (column.type !== '') parts.push(renderType(column.type));

	if (primaryKey !== undefined && isInlineKey(primaryKey) && primaryKey.columns[0] !== undefined && sameColumn(primaryKey.columns[0].name, column)) {
		parts.push(renderInlineKey(primaryKey));
	}

	if (column.notNull !== undefined) parts.push(`${constraint(column.notNull.name)}NOT NULL${renderConflict(column.notNull.onConflict)}`);
	for (const unique of table.uniques) {
		if (isInlineUnique(unique) && sameColumn(unique.columns[0]?.name, column))
			parts.push(`${constraint(unique.name)}UNIQUE${renderConflict(unique.onConflict)}`);
	}

	if (column.default !== undefined) parts.push(`DEFAULT ${renderDefault(column.default)}`);
	if (column.collate !== undefined) parts.push(`COLLATE ${identifier(column.collate)}`);
	for (const check of table.checks) if (check.column !== undefined && sameColumn(check.column, column)) parts.push(renderCheck(check));
	for (const foreignKey of table.foreignKeys) {
		if (foreignKey.columns.length === 1 && sameColumn(foreignKey.columns[0], column)) {
			parts.push(constraint(foreignKey.name) + renderReferences(foreignKey));
		}
	}

	return parts.join(' ');
}

/** Returns a CREATE INDEX statement for an index. */
export function renderIndex(index: Omit<Index, 'sql'>): string {
	return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${identifier(index.name)} ON ${identifier(index.table)} ${renderIndexed(index)}`;
}

/** Returns what an index contains: `(name COLLATE NOCASE DESC) WHERE active`. */
export function renderIndexed({columns, where}: Pick<Index, 'columns' | 'where'>): string {
	return `(${columns.map(renderIndexColumn).join(', ')})${where === undefined ? '' : ` WHERE ${where.text}`}`;
}

/** Returns a CREATE TRIGGER statement for a trigger. */
export function renderTrigger(trigger: Omit<Trigger, 'sql' | 'mentions'>): string {
	const columns = trigger.updateOf.length === 0 ? '' : ` OF ${trigger.updateOf.map(identifier).join(', ')}`;
	return [
		`CREATE TRIGGER ${identifier(trigger.name)}`,
		`${trigger.timing} ${trigger.event}${columns} ON ${identifier(trigger.table)}`,
		'FOR EACH ROW',
		...(trigger.when === undefined ? [] : [`WHEN ${trigger.when.text}`]),
		'BEGIN',
		indent + trigger.body.text,
		'END',
	].join('\n');
}

/** Returns a type as SQL. SQLite removes ALWAYS from the end of a long type, as if it were GENERATED ALWAYS, so such a type gets a second one. */
function renderType(type: string): string {
	if (losesAlways(type)) return `${type} ALWAYS`;
	return endsWithKeyword(type) ? `${beforeGenerated(type)}GENERATED ALWAYS` : type;
}

/** Returns a type as SQL before GENERATED ALWAYS. A type that ends with a keyword (from `int CREATEALWAYS`) is only read if letters follow. */
function beforeGenerated(type: string): string {
	return type === '' || endsWithKeyword(type) ? type : `${type} `;
}

function endsWithKeyword(type: string): boolean {
	const lastWord = /[\w$\x80-\uffff]+$/.exec(type)?.[0];
	return lastWord !== undefined && endsType(lastWord);
}

function sameColumn(name: string | undefined, column: Column): boolean {
	return name !== undefined && sameName(name, column.name);
}

/** True if the key is written on its column. `INTEGER PRIMARY KEY DESC` is not a rowid but `PRIMARY KEY (id DESC)` is, so DESC decides. */
function isInlineKey(key: PrimaryKey): boolean {
	const [only] = key.columns;
	return key.columns.length === 1 && only?.collate === undefined && !(key.rowidAlias && only?.descending === true);
}

function isInlineUnique(unique: Unique): boolean {
	const [only] = unique.columns;
	return unique.columns.length === 1 && only?.collate === undefined && only?.descending === false;
}

function renderInlineKey(key: PrimaryKey): string {
	const order = key.columns[0]?.descending === true ? ' DESC' : '';
	return `${constraint(key.name)}PRIMARY KEY${order}${renderConflict(key.onConflict)}${key.autoincrement ? ' AUTOINCREMENT' : ''}`;
}

function tableConstraints(table: Pick<Table, 'columns' | 'primaryKey' | 'uniques' | 'checks' | 'foreignKeys'>): string[] {
	const {primaryKey} = table;
	const lines: string[] = [];
	if (primaryKey !== undefined && !isInlineKey(primaryKey)) {
		const autoincrement = primaryKey.autoincrement ? ' AUTOINCREMENT' : '';
		lines.push(
			`${constraint(primaryKey.name)}PRIMARY KEY (${renderKeyColumns(primaryKey.columns)}${autoincrement})${renderConflict(primaryKey.onConflict)}`,
		);
	}

	for (const unique of table.uniques) {
		if (!isInlineUnique(unique)) lines.push(constraint(unique.name) + renderUnique(unique));
	}

	for (const check of table.checks) {
		if (!table.columns.some((column) => sameColumn(check.column, column))) lines.push(renderCheck(check));
	}

	for (const foreignKey of table.foreignKeys) {
		if (foreignKey.columns.length === 1) continue;
		lines.push(`${constraint(foreignKey.name)}FOREIGN KEY (${foreignKey.columns.map(identifier).join(', ')}) ${renderReferences(foreignKey)}`);
	}

	return lines;
}

function constraint(name: string | undefined): string {
	return name === undefined ? '' : `CONSTRAINT ${identifier(name)} `;
}

/** Returns a conflict clause with a space before it, or nothing. */
export function renderConflict(clause: ConflictClause | undefined): string {
	return clause === undefined ? '' : ` ON CONFLICT ${clause}`;
}

/** Returns a UNIQUE constraint without its name. */
export function renderUnique({columns, onConflict}: Pick<Unique, 'columns' | 'onConflict'>): string {
	return `UNIQUE (${renderKeyColumns(columns)})${renderConflict(onConflict)}`;
}

/** Returns the columns of a key: `name COLLATE NOCASE, age DESC`. */
export function renderKeyColumns(columns: readonly KeyColumn[]): string {
	return columns.map((column) => identifier(column.name) + suffix(column)).join(', ');
}

function suffix(column: KeyColumn | IndexColumn): string {
	return (column.collate === undefined ? '' : ` COLLATE ${identifier(column.collate)}`) + (column.descending ? ' DESC' : '');
}

function renderCheck(check: Check): string {
	return `${constraint(check.name)}CHECK (${check.expression.text})`;
}

function renderReferences(key: ForeignKey): string {
	return [
		`REFERENCES ${identifier(key.parent)}`,
		...(key.parentColumns.length === 0 ? [] : [`(${key.parentColumns.map(identifier).join(', ')})`]),
		...(key.onDelete === undefined ? [] : [`ON DELETE ${key.onDelete}`]),
		...(key.onUpdate === undefined ? [] : [`ON UPDATE ${key.onUpdate}`]),
		...(key.match === undefined ? [] : [`MATCH ${identifier(key.match)}`]),
		...(key.deferred ? ['DEFERRABLE INITIALLY DEFERRED'] : []),
	].join(' ');
}

/** Returns a default's SQL. SQLite accepts literals and signed numbers without parentheses. Everything else needs them. */
function renderDefault(value: Sql): string {
	const {tokens} = significantTokens(value.text);
	const last = tokens.at(-1);
	const isSigned = tokens.length === 2 && last?.kind === 'number' && /^[-+]$/.test(tokens[0]?.text ?? '');
	const isLiteral =
		last?.kind === 'word' ? last.text.toLowerCase() === 'null' || isLiteralWord(last.text) : /^(?:number|string|blob)$/.test(last?.kind ?? '');
	return isSigned || (tokens.length === 1 && isLiteral) ? value.text : `(${value.text})`;
}

function renderIndexColumn(column: IndexColumn): string {
	if (column.column !== undefined) return nameInExpression(column.column) + suffix(column);
	return asOperand(column.expression.text) + suffix(column);
}
