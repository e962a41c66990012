import {type Decisions, type FillDecision, noDecisions, type RenameDecision, type Target} from '../../../source/core/diff/question.ts';
import {quoted, sameName} from '../../../source/core/schema/identifiers.ts';
import {typeFor} from './columns.ts';
import {chance, type Die, pick} from './dice.ts';
import {columnOf, type Model, type ModelColumn, type ModelTable, tableOf} from './model.ts';

/** Returns the answers that follow from the numbers of objects in both models. */
export function decisionsFor(from: Model, to: Model, die: Die): Decisions {
	const renames: RenameDecision[] = [];
	const drops: Target[] = [];
	const fills: FillDecision[] = [];
	for (const before of from.tables) {
		const after = tableOf(to, before.id);
		if (after === undefined) {
			drops.push({table: before.name});
			continue;
		}
		if (before.name !== after.name) renames.push({table: before.name, to: after.name});
		for (const column of before.columns) {
			const kept = columnOf(after, column.id);
			if (kept === undefined) drops.push({table: before.name, column: column.name});
			else if (kept.generated !== undefined && column.generated === undefined) drops.push({table: before.name, column: column.name});
			if (kept !== undefined && kept.name !== column.name) renames.push({table: before.name, column: column.name, to: kept.name});
		}
		for (const column of after.columns) {
			const reading = readingFill({from, to, before, after}, column, die * 7 + column.id);
			fills.push(...(reading === undefined ? fillFor(before, after, column, die + column.id) : [reading]));
		}
	}
	for (const kind of ['indexes', 'views', 'triggers', 'virtuals'] as const) {
		for (const {name} of from[kind]) if (!to[kind].some((one) => one.name === name)) drops.push({table: name});
	}
	// A changed virtual table is dropped with its rows.
	for (const {name, id, module} of from.virtuals) {
		const kept = to.virtuals.find((one) => one.id === id);
		if (kept !== undefined && (kept.module !== module || namesDiffer(from, to, kept.content))) drops.push({table: name});
	}
	return {...noDecisions, renames, drops, fills};
}

function namesDiffer(from: Model, to: Model, content: number | undefined): boolean {
	return content !== undefined && JSON.stringify(tableOf(from, content)) !== JSON.stringify(tableOf(to, content));
}

interface Place {
	readonly from: Model;
	readonly to: Model;
	readonly before: ModelTable;
	readonly after: ModelTable;
}

/** Sometimes fills a new column from another table, which may lose the column, be renamed or be dropped. */
function readingFill({from, to, before, after}: Place, column: ModelColumn, die: Die): FillDecision | undefined {
	if (column.generated !== undefined || columnOf(before, column.id) !== undefined || !isFree(to, after, column)) return undefined;
	const source = from.tables.find((table) => column.takesFrom !== undefined && columnOf(table, column.takesFrom) !== undefined);
	if (source === undefined && !chance(die, 40)) return undefined;
	const other = source ?? pick(from.tables, die * 3);
	const read = quoted((source && columnOf(source, column.takesFrom ?? 0))?.name ?? pick(other.columns, die * 5).name);
	const own = quoted(pick(before.columns, die * 11).name);
	const [name, alias] = [quoted(other.name), chance(die * 13, 50) ? 'other' : undefined];
	const where = chance(die * 17, 50) ? ` WHERE ${alias ?? name}.${read} IS NOT ${quoted(before.name)}.${own}` : '';
	const tables = `${name}${alias === undefined ? '' : ` AS ${alias}`}`;
	const count = `(SELECT count(${read}) FROM ${tables}${before.id === other.id && alias === undefined ? '' : where})`;
	const text = `(SELECT coalesce(max(quote(${read})), '-') FROM ${tables})`;
	const expressions: Readonly<Record<string, string>> = {
		INTEGER: count,
		INT: count,
		TEXT: text,
		REAL: `${count} / 2.0`,
		BLOB: `CAST(${text} AS BLOB)`,
		ANY: text,
	};
	return {table: before.name, column: column.name, expression: expressions[typeFor(true, column.type)] as string};
}

/** True if no constraint names the column. Rows can be checked against a constraint only in tables that do not change. */
function isFree(to: Model, table: ModelTable, {id}: ModelColumn): boolean {
	const named = JSON.stringify([table.checks, table.columns.map(({generated}) => generated), to.indexes.filter((index) => index.table === table.id)]);
	const keys = [table.key, ...table.uniques].flatMap((key) => key?.columns.map((part) => part.column) ?? []);
	const foreign = to.tables.flatMap(({foreignKeys}) => foreignKeys.flatMap(({columns, parentColumns}) => [...columns, ...parentColumns]));
	return !named.includes(`{c${id}}`) && ![...keys, ...foreign].includes(id);
}

/** Returns a fill for a column that needs a value, and sometimes for a column that does not. */
function fillFor(before: ModelTable, after: ModelTable, column: ModelColumn, die: Die): FillDecision[] {
	if (column.generated !== undefined) return [];
	const old = columnOf(before, column.id);
	const isKey = after.key?.columns.some((part) => part.column === column.id) ?? false;
	const isAlias =
		isKey && after.key?.columns.length === 1 && column.type === 'INTEGER' && !after.withoutRowid && after.key.columns[0]?.descending !== true;
	const hasDefault = column.default !== undefined && column.default.toUpperCase() !== 'NULL';
	const isNeeded = old === undefined && !isAlias && !hasDefault && (column.notNull !== undefined || (isKey && (after.withoutRowid || after.strict)));
	const isTightened =
		old !== undefined && ((old.notNull === undefined && column.notNull !== undefined) || old.type.toUpperCase() !== column.type.toUpperCase());
	if (!isNeeded && !((isTightened || old === undefined) && chance(die, 25))) return [];
	const sources = before.columns.filter((one) => !isAmbiguous(one, before, after));
	const name = sources.length === 0 ? 'NULL' : quoted(pick(sources, die).name);
	const expressions: Readonly<Record<string, readonly string[]>> = {
		INTEGER: ['0', `coalesce(length(${name}), 0)`, `1 + length(typeof(${name}))`, `coalesce(${name} > '2', 0)`],
		INT: ['0', `coalesce(length(${name}), 0)`],
		TEXT: ["'x'", `coalesce(${name}, '') || '@example.com'`, `quote(${name})`, `CASE ${name} WHEN '007' THEN 'agent' WHEN 'A' THEN 'a' ELSE 'x' END`],
		REAL: ['0.5', `coalesce(length(${name}), 0) / 2.0`],
		BLOB: ["x'ab'", `CAST(coalesce(${name}, 'z') AS BLOB)`],
		ANY: ['1', `coalesce(${name}, 'nothing')`],
	};
	return [{table: before.name, column: column.name, expression: pick(expressions[typeFor(true, column.type)] as readonly string[], die * 3)}];
}

/** True if the name refers to another column after the change. */
function isAmbiguous(column: ModelColumn, before: ModelTable, after: ModelTable): boolean {
	return after.columns.some((one) => one.id !== column.id && sameName(one.name, column.name) && columnOf(before, one.id) !== undefined);
}
