import {fixDoubleQuotedStrings} from '../ddl/quoted-strings.ts';
import {readStatement} from '../ddl/read.ts';
import {withName} from '../ddl/render.ts';
import {readSubqueries} from '../ddl/subqueries.ts';
import {isOverOneRow} from '../operations/alteration.ts';
import {describeDelta} from '../operations/describe.ts';
import {isForMissing} from '../operations/fill-meaning.ts';
import {columnLookup, sourceOf} from '../operations/fill-reads.ts';
import type {Operation} from '../operations/operation.ts';
import {rowidOf} from '../operations/rowid.ts';
import {renameQualifier, substituteColumns} from '../operations/substitute.ts';
import {nameKey, quoted, sameName} from '../schema/identifiers.ts';
import {isInPrimaryKey, isRowidAlias} from '../schema/key-columns.ts';
import {findColumn} from '../schema/lookup.ts';
import {normalCollation} from '../schema/normal-form.ts';
import type {Column, Index, KeyColumn, Schema, Table} from '../schema/schema.ts';
import type {TableItem} from './arrange.ts';
import {keptIndexes} from './kept-indexes.ts';
import type {Copy, RewriteStep} from './step.ts';
import type {TableWork} from './table-work.ts';

/**
 * Returns the step that copies the rows of a table into its new definition.
 *
 * @param indexes all indexes of the new table
 * @param unchanged the indexes that the old table also has
 */
export function rewriteStep(work: TableWork, reasons: readonly string[], indexes: readonly Index[], unchanged: readonly Index[]): RewriteStep {
	const {before, after, item} = work;
	const copy = copyOf(work);
	const names = after.columns.map(({name}) => name);
	const temporaryName = freeName(work.temporaryNames(), after.name);
	// A CHECK may name its own table, which has a temporary name during the copy.
	const definition = renameQualifier(fixDoubleQuotedStrings(after.sql, names), after.name, undefined);
	return {
		kind: 'rewrite',
		strategy: 'rewrite',
		object: after.name,
		table: before.name,
		temporaryName,
		summary: summaryOf(work),
		reason: reasons.join('; '),
		operations: item.operations,
		createSql: withName(definition, temporaryName),
		copy,
		carrySequence: before.primaryKey?.autoincrement === true && after.primaryKey?.autoincrement === true,
		indexes: indexes.map((index) => fixDoubleQuotedStrings(index.sql, names)),
		keptIndexes: keptIndexes(work, copy, unchanged),
		triggers: item.triggers.map(({sql}) => sql),
		...(item.renames === undefined ? {} : {renamesColumns: true}),
	};
}

/** Returns a summary such as `copy rows: zip TEXT → INTEGER, + age INTEGER`, shortened if it is long. */
function summaryOf({delta, after, before, item}: TableWork): string {
	const stored = item.renames?.stored.columns ?? [];
	const lines = [
		...stored.flatMap(({name}, index) => (before.columns[index]?.name === name ? [] : [`${name} → ${before.columns[index]?.name}`])),
		...describeDelta(delta, after).map(({mark, subject, text}) => (mark === '~' ? `${subject} ${text}`.trim() : `${mark} ${subject}`)),
	];
	const shown = lines.slice(0, 4).join(', ');
	return `copy rows: ${shown}${lines.length > 4 ? `, and ${lines.length - 4} more` : ''}`;
}

/** Returns the copy of the columns: by name, never by position. */
function copyOf({before, after, item}: TableWork): Copy {
	const stored = item.renames?.stored ?? before;
	const oldNames = new Map(before.columns.map(({name}, index) => [nameKey(name), quoted(stored.columns[index]?.name ?? name)]));
	const oldRowid = rowidOf(stored);
	const targets: string[] = [];
	const expressions: string[] = [];
	const put = (column: string, expression: string) => {
		targets.push(quoted(column));
		expressions.push(expression);
	};
	const newRowid = after.withoutRowid || after.primaryKey?.rowidAlias === true ? undefined : rowidOf(after);
	if (newRowid !== undefined && oldRowid !== undefined) {
		targets.push(newRowid);
		expressions.push(oldRowid);
	}
	for (const column of after.columns) {
		if (column.generated !== undefined) continue;
		const expression = valueFor(column, {before, after, oldNames, oldRowid}, item);
		if (expression !== undefined) put(column.name, expression);
	}
	if (targets.length === 0) {
		// No old value is kept, but each old row must remain a row.
		const stored = after.columns.filter(({generated}) => generated === undefined);
		const column = stored.find((one) => isRowidAlias(after, one)) ?? stored[0];
		put(column?.name ?? 'rowid', column?.default === undefined ? 'NULL' : `(${column.default.text})`);
	}
	const plain = new Set(targets.filter((target, index) => target === expressions[index]));
	return {columns: targets, expressions, ...(oldRowid === undefined ? keyRange(stored, after, plain) : {range: oldRowid})};
}

/**
 * Returns the key of a WITHOUT ROWID table if the new table has it too, so rows are copied in its order. Only if a comparison of row values can express
 * it: one direction, and the collations of the columns (https://www.sqlite.org/rowvalue.html).
 *
 * @param plain the quoted names of columns that are copied unchanged
 */
function keyRange(before: Table, after: Table, plain: ReadonlySet<string>): Pick<Copy, 'key'> {
	const parts = before.withoutRowid && after.withoutRowid ? (before.primaryKey?.columns ?? []) : [];
	const kept = after.primaryKey?.columns ?? [];
	const descending = parts[0]?.descending === true;
	const isPlain = ({name, collate, descending: isDown}: KeyColumn, table: Table) =>
		isDown === descending && (collate === undefined || normalCollation(collate) === normalCollation(findColumn(table, name)?.collate));
	const isSame = (part: KeyColumn, index: number) => {
		const [other, was, is] = [kept[index], findColumn(before, part.name), findColumn(after, part.name)];
		if (other === undefined || other.name !== part.name || !plain.has(quoted(part.name)) || was === undefined || is === undefined) return false;
		const isAsBefore = was.type === is.type && normalCollation(was.collate) === normalCollation(is.collate);
		return isAsBefore && isPlain(part, before) && isPlain(other, after);
	};
	return parts.length > 0 && parts.length === kept.length && parts.every(isSame)
		? {key: {columns: parts.map(({name}) => quoted(name)), descending}}
		: {};
}

interface CopiedTable {
	readonly before: Table;
	readonly after: Table;
	/** The quoted stored names of the columns, by their names after renames in lower case. */
	readonly oldNames: ReadonlyMap<string, string>;
	readonly oldRowid: string | undefined;
}

/** Returns the SQL over the old row for a column. Undefined if the column gets its default or NULL. */
function valueFor(column: Column, table: CopiedTable, item: TableItem): string | undefined {
	const {before, after, oldNames, oldRowid} = table;
	const given = item.fills.get(nameKey(column.name));
	const fill = given === undefined ? undefined : storedFill(given, item, oldNames);
	const old = findColumn(before, column.name);
	const isRowid = isRowidAlias(after, column);
	if (old === undefined && fill === undefined) return isRowid ? oldRowid : undefined;
	const stored = old === undefined ? undefined : (oldNames.get(nameKey(old.name)) ?? quoted(old.name));
	const isKept = old !== undefined && (given === undefined || isForMissing(given, before.name, old, column));
	const values = [...(isKept && stored !== undefined ? [stored] : []), ...(fill === undefined ? [] : [`(${fill})`])];
	// SQLite would invent a rowid for NULL, but rejects text that is not a number.
	if (isRowid && !(isKept && isNeverNull(before, old))) values.push("'no key'");
	return values.length === 1 ? values[0] : `coalesce(${values.join(', ')})`;
}

function isNeverNull(table: Table, column: Column): boolean {
	return column.notNull !== undefined || isRowidAlias(table, column) || (table.withoutRowid && isInPrimaryKey(table, column));
}

/** Translates a fill, which uses the names after earlier renames, to the stored names. */
function storedFill(fill: string, {renames, table, before}: TableItem, oldNames: ReadonlyMap<string, string>): string {
	if (renames === undefined) return fill;
	const renamed = new Map([...oldNames].filter(([name, stored]) => nameKey(stored) !== quoted(name)));
	if (isOverOneRow(fill)) return substituteColumns(fill, table, renamed);
	// A column of another table can have the same name.
	const has = columnLookup(before);
	const edits = readSubqueries(fill).columns.flatMap((column) => {
		const stored = renamed.get(nameKey(column.name));
		const {tables, isOwn} = sourceOf(column, [table], has);
		if (stored === undefined) return [];
		if (tables.length === 0 && isOwn)
			return [{start: (column.qualifier ?? column.token).start, end: column.token.end, text: `${quoted(table)}.${stored}`}];
		const isInSubquery = !isOwn && tables.length === 1 && sameName(tables[0]?.name ?? '', table);
		return isInSubquery ? [{start: column.token.start, end: column.token.end, text: stored}] : [];
	});
	return edits.toReversed().reduce((text, {start, end, text: stored}) => text.slice(0, start) + stored + text.slice(end), fill);
}

/** The prefix of the temporary name of the new table during a rewrite. */
export const temporaryPrefix = '_lite_migr_new';

/**
 * Returns the names of a plan that look like temporary names, in lower case: names of existing objects, and of objects that an operation creates. The
 * planner moves operations, so any of them may exist during a rewrite.
 */
export function temporaryLookingNames(schema: Schema, operations: readonly Operation[]): ReadonlySet<string> {
	const {tables, virtualTables, indexes, views} = schema;
	const created = operations.map((operation) => {
		if (operation.kind === 'renameTable') return operation.to;
		// Reading every statement again would take time.
		const isCandidate = 'sql' in operation && nameKey(operation.sql).includes(temporaryPrefix);
		return isCandidate ? (readStatement(operation.sql)?.name ?? '') : '';
	});
	const names = [...[...tables, ...virtualTables, ...indexes, ...views].map(({name}) => name), ...created];
	return new Set(names.map(nameKey).filter((name) => name.startsWith(temporaryPrefix)));
}

/** Returns a temporary name for the new table that no other object has. */
function freeName(used: ReadonlySet<string>, table: string): string {
	let name = `${temporaryPrefix}_${table}`;
	for (let number = 2; used.has(nameKey(name)); number++) name = `${temporaryPrefix}${number}_${table}`;
	return name;
}
