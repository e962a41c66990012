import {closingOf, cursorOver, isWord} from '../ddl/cursor.ts';
import {columnTokens, nameInExpression} from '../ddl/expression.ts';
import {type Token, tokenName} from '../ddl/lexer.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';

/**
 * Changes in the text of a CREATE TABLE statement that keep everything else as written, as ALTER TABLE does: the order of columns and keys, comments and
 * whitespace.
 */

interface Definition {
	readonly sql: string;
	readonly tokens: readonly Token[];
	/** Index of the opening parenthesis. */
	readonly opening: number;
	readonly closing: number;
	/** Each column, and the table constraints after them as one range: the index of the first token and the index after the last one. */
	readonly columns: readonly Range[];
	readonly constraints: Range | undefined;
}

interface Range {
	readonly from: number;
	readonly to: number;
}

function definitionOf(sql: string): Definition {
	const cursor = cursorOver(sql);
	const {tokens} = cursor;
	const opening = tokens.findIndex(({text}) => text === '(');
	const closing = closingOf(cursor, opening);
	const columns: Range[] = [];
	for (let from = opening + 1; from < closing; ) {
		if (columns.length > 0 && ['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'].some((word) => isWord(tokens[from], word))) {
			return {sql, tokens, opening, closing, columns, constraints: {from, to: closing}};
		}
		let to = from;
		for (; to < closing && tokens[to]?.text !== ','; to += 1) if (tokens[to]?.text === '(') to = closingOf(cursor, to);
		columns.push({from, to});
		from = to + 1;
	}
	return {sql, tokens, opening, closing, columns, constraints: undefined};
}

/** Returns the text with the tokens at some indexes replaced. */
function replaced({sql, tokens}: Definition, replacements: ReadonlyMap<number, string>): string {
	let text = '';
	let at = 0;
	for (const [index, replacement] of [...replacements].sort(([a], [b]) => a - b)) {
		const token = tokens[index] as Token;
		text += sql.slice(at, token.start) + replacement;
		at = token.end;
	}
	return text + sql.slice(at);
}

/** Renames a table in its own definition or in one that refers to it: its own name, REFERENCES, and qualifiers in expressions. */
export function renameTableIn(sql: string, table: string, to: string): string {
	const definition = definitionOf(sql);
	const {tokens, opening, closing} = definition;
	const isMeant = (index: number) => {
		const token = tokens[index];
		return (
			token !== undefined && (token.kind === 'word' || token.kind === 'quotedName' || token.kind === 'string') && sameName(tokenName(token), table)
		);
	};
	const found = new Map<number, string>();
	const isOwn = isMeant(opening - 1);
	if (isOwn) found.set(opening - 1, quoted(to));
	for (let index = opening + 1; index < closing; index += 1) {
		const isReference = isWord(tokens[index - 1], 'REFERENCES');
		const isQualifier = isOwn && tokens[index + 1]?.text === '.' && tokens[index]?.kind !== 'string';
		if ((isReference || isQualifier) && isMeant(index)) found.set(index, quoted(to));
	}
	return replaced(definition, found);
}

/** Renames one of the table's own columns in its definition. */
export function renameColumnInDefinition(sql: string, table: string, column: string, to: string): string {
	const definition = definitionOf(sql);
	const {tokens, columns, constraints} = definition;
	const found = new Set<number>();
	const isMeant = (index: number) => sameName(tokenName(tokens[index] as Token), column);
	for (const {from} of columns) if (isMeant(from)) found.add(from);
	for (const range of [...columns.map(({from, to: end}) => ({from: from + 1, to: end})), ...(constraints === undefined ? [] : [constraints])]) {
		for (const group of groupsIn(definition, range)) {
			if (group.kind === 'references' && !sameName(group.parent, table)) continue;
			const named = group.kind === 'expression' ? columnTokens(tokens, group.from, group.to, table) : namesInList(definition, group);
			for (const index of named) if (isMeant(index)) found.add(index);
		}
	}
	return replaced(definition, new Map([...found].map((index) => [index, renamedAs(tokens[index] as Token, to)])));
}

/** Renames a column of a parent table in the definition of a table that refers to it. */
export function renameParentColumnIn(sql: string, parent: string, column: string, to: string): string {
	const definition = definitionOf(sql);
	const {tokens, opening, closing} = definition;
	const lists = groupsIn(definition, {from: opening + 1, to: closing}).filter(
		(group) => group.kind === 'references' && sameName(group.parent, parent),
	);
	const found = lists.flatMap((list) => namesInList(definition, list)).filter((index) => sameName(tokenName(tokens[index] as Token), column));
	return replaced(definition, new Map(found.map((index) => [index, renamedAs(tokens[index] as Token, to)])));
}

/** Returns the new name, quoted if the old one was. A bare `true` in an expression would be a value. */
function renamedAs(token: Token, to: string): string {
	return token.kind === 'word' ? nameInExpression(to) : quoted(to);
}

type Group = Range & ({readonly kind: 'expression' | 'list'} | {readonly kind: 'references'; readonly parent: string});

/** Returns the parentheses that name columns: expressions over the row, lists of own columns, lists of a parent's columns. */
function groupsIn({tokens, sql}: Definition, range: Range): readonly Group[] {
	const cursor = {...cursorOver(sql), tokens};
	const groups: Group[] = [];
	for (let index = range.from; index < range.to; index += 1) {
		if (tokens[index]?.text !== '(') continue;
		const inside = {from: index + 1, to: closingOf(cursor, index)};
		const before = tokens[index - 1];
		if (isWord(before, 'CHECK') || isWord(before, 'AS')) groups.push({kind: 'expression', ...inside});
		else if (isWord(tokens[index - 2], 'REFERENCES') && before !== undefined) groups.push({kind: 'references', parent: tokenName(before), ...inside});
		else if (isWord(before, 'KEY') || isWord(before, 'UNIQUE')) groups.push({kind: 'list', ...inside});
		index = inside.to;
	}
	return groups;
}

/** Returns the tokens of the names in a list: `a` and `"b"` in `(a, "b" COLLATE NOCASE DESC)`. */
function namesInList({tokens}: Definition, {from, to}: Range): readonly number[] {
	const found: number[] = [];
	for (let index = from; index < to; index += 1) {
		const before = tokens[index - 1]?.text;
		if ((before === '(' || before === ',') && tokens[index]?.text !== '(') found.push(index);
	}
	return found;
}

/**
 * Returns the definition with one more column after the last one, exactly as ADD COLUMN stores it: before the comma of the first table constraint or the
 * closing parenthesis, and so after comments and whitespace that follow the last column.
 */
export function withColumn(sql: string, definition: string): string {
	const {tokens, columns} = definitionOf(sql);
	const at = tokens[columns.at(-1)?.to ?? 0]?.start ?? sql.length;
	return `${sql.slice(0, at)}, ${definition}${sql.slice(at)}`;
}

/** Returns the definition without one of its columns and the column constraints after its name. */
export function withoutColumn(sql: string, column: string): string {
	const {tokens, columns} = definitionOf(sql);
	const at = columns.findIndex(({from}) => sameName(tokenName(tokens[from] as Token), column));
	const range = columns[at];
	if (range === undefined) return sql;
	const next = columns[at + 1];
	// The first column is removed with the comma after it, any other with the comma before it.
	if (at === 0 && next !== undefined) return sql.slice(0, tokens[range.from]?.start) + sql.slice(tokens[next.from]?.start);
	return sql.slice(0, tokens[(columns[at - 1]?.to ?? 1) - 1]?.end) + sql.slice(tokens[range.to - 1]?.end);
}

/** True if a table constraint after the columns names the column. */
export function isNamedBehindColumns(sql: string, column: string): boolean {
	const {tokens, constraints} = definitionOf(sql);
	if (constraints === undefined) return false;
	return tokens.slice(constraints.from, constraints.to).some((token) => token.kind !== 'operator' && sameName(tokenName(token), column));
}

/** Returns the definition with its columns reordered. `names` contains all of them. */
export function withColumnOrder(sql: string, names: readonly string[]): string {
	const {tokens, columns} = definitionOf(sql);
	const textOf = ({from, to}: Range) => sql.slice(tokens[from]?.start, tokens[to - 1]?.end);
	let text = '';
	let at = 0;
	const byName = new Map(columns.toReversed().map((range) => [nameKey(tokenName(tokens[range.from] as Token)), range]));
	for (const [index, range] of columns.entries()) {
		const column = byName.get(nameKey(names[index] ?? '')) ?? range;
		text += sql.slice(at, tokens[range.from]?.start) + textOf(column);
		at = tokens[range.to - 1]?.end ?? at;
	}
	return text + sql.slice(at);
}
