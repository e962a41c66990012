import {cursorOver, isWord} from '../ddl/cursor.ts';
import {type Token, tokenName} from '../ddl/lexer.ts';
import {identifier, nameKey, sameName} from '../schema/identifiers.ts';
import {isRowidName} from '../schema/key-columns.ts';
import {findColumn, findTable, findView} from '../schema/lookup.ts';
import type {Schema, Table, Trigger, VirtualTable} from '../schema/schema.ts';
import type {Execute, Operation} from './operation.ts';

/**
 * Returns the statement that fills a full-text index over the rows of another table. A recreated index is empty, and the triggers that keep it up to
 * date would later delete entries that it does not contain (https://www.sqlite.org/fts5.html#external_content_tables).
 *
 * @param rows the schema with the existing rows
 * @returns undefined for any other virtual table, and if no existing table or view can fill it
 */
export function rebuildOf(table: VirtualTable, rows: Schema): Execute | undefined {
	const external = externalContent(table);
	if (external === undefined) return undefined;
	const source = findTable(rows, external.content);
	const canFill = source === undefined ? findView(rows, external.content) !== undefined : missingColumn(external, source) === undefined;
	const name = identifier(table.name);
	return canFill ? {kind: 'execute', sql: `INSERT INTO ${name} (${name}) VALUES ('rebuild')`, parameters: []} : undefined;
}

/**
 * True for a full-text index over the rows of another table, and for a virtual table that only shows other tables. Dropping it loses nothing, because it
 * can be built from these rows again.
 *
 * @param rows the schema with the existing rows
 */
export function hasNoOwnRows(table: VirtualTable, rows: Schema): boolean {
	return showsOtherTables(table) || rebuildOf(table, rows) !== undefined;
}

/** Modules that only show the contents of other tables. */
const showing = new Set(['fts5vocab', 'fts4aux', 'fts3tokenize', 'dbstat']);

/** True for a virtual table that only shows the contents of other tables, such as the words of a full-text index. */
export function showsOtherTables({module}: VirtualTable): boolean {
	return showing.has(nameKey(module));
}

/**
 * Returns a trigger that adds only some new rows to a full-text index, with WHEN or WHERE, or that removes rows from it under a condition. An index that
 * is built again has all rows. A condition under which an UPDATE replaces an entry only avoids work.
 */
export function selectiveTrigger(table: VirtualTable, {triggers}: Schema): Trigger | undefined {
	const feeding = triggers
		.filter(({mentions}) => mentions.includes(nameKey(table.name)))
		.map((trigger) => ({trigger, adds: additionsIn(trigger, table.name)}));
	const found = feeding.find(({trigger: {event, when}, adds}) => {
		if (event === 'INSERT') return adds.some((statement) => when !== undefined || isConditional(statement));
		const isReplaced = feeding.some(
			(other) => other.trigger.event === 'UPDATE' && other.trigger.when?.normal === when?.normal && other.adds.length > 0,
		);
		return event === 'UPDATE' && when !== undefined && !isReplaced;
	});
	return found?.trigger;
}

/** Returns the statements of a trigger that add an entry to a full-text index, in normal form. */
function additionsIn({body}: Trigger, index: string): readonly string[] {
	return body.normal
		.split(/\s*;\s*/)
		.filter((statement) => /^(?:insert|replace)\b/i.test(statement) && statement.includes(nameKey(index)) && !statement.includes("'delete'"));
}

/** True for a statement with WHERE outside parentheses. */
function isConditional(statement: string): boolean {
	const outer = statement.replaceAll(/\([^()]*\)/g, '');
	return outer === statement ? /\bwhere\b/i.test(outer) : isConditional(outer);
}

/** The table whose rows a full-text index reads instead of storing them, and the columns it reads. */
export interface ExternalContent {
	/** A table or view. */
	readonly content: string;
	/** Columns that are in both. */
	readonly columns: readonly string[];
	/** The column of `content` that is its rowid, if it is named. */
	readonly rowid?: string | undefined;
}

/** Returns undefined for a virtual table that stores its own content, or none. */
export function externalContent({module, arguments: parts}: VirtualTable): ExternalContent | undefined {
	if (!['fts4', 'fts5'].includes(nameKey(module))) return undefined;
	const tokens = parts.filter(({normal}) => normal !== '').map(({text}) => cursorOver(text).tokens);
	const option = (name: string) => {
		const value = tokens.find((part) => isOption(part) && sameName(tokenName(part[0] as Token), name))?.[2];
		return value === undefined ? undefined : tokenName(value);
	};
	const [content, rowid] = [option('content'), option('content_rowid')];
	if (content === undefined || content === '') return undefined;
	const columns = tokens.flatMap((part) => (part[0] === undefined || isOption(part) || isWord(part[0], 'TOKENIZE') ? [] : [tokenName(part[0])]));
	return {content, columns, rowid};
}

/** Returns the column that a full-text index reads and its content table does not have: `rowid` in a table WITHOUT ROWID. */
export function missingColumn({columns, rowid = 'rowid'}: ExternalContent, source: Table): string | undefined {
	const isKnown = (column: string) => findColumn(source, column) !== undefined;
	return columns.find((column) => !isKnown(column)) ?? (isKnown(rowid) || (!source.withoutRowid && isRowidName(rowid)) ? undefined : rowid);
}

/** Returns the full-text index that a statement from `rebuildOf` fills. This changes no user data. Undefined for any other operation. */
export function rebuiltBy(operation: Operation): string | undefined {
	if (operation.kind !== 'execute' || !/'rebuild'/i.test(operation.sql)) return undefined;
	const [insert, into, table, open, column, ...rest] = cursorOver(operation.sql).tokens;
	const end = rest.map(({text}) => nameKey(text)).join(' ');
	if (!isWord(insert, 'INSERT') || !isWord(into, 'INTO') || open?.text !== '(' || end.replace(/ ;$/, '') !== ") values ( 'rebuild' )")
		return undefined;
	return table !== undefined && column !== undefined && sameName(tokenName(table), tokenName(column)) ? tokenName(table) : undefined;
}

function isOption(tokens: readonly Token[]): boolean {
	return tokens[1]?.text === '=';
}
