import {type Decisions, type FillDecision, noDecisions, type RenameDecision, type Target} from '../../../source/core/diff/question.ts';
import {quoted, sameName} from '../../../source/core/schema/identifiers.ts';
import {typeFor} from './columns.ts';
import {chance, type Die, pick} from './dice.ts';
import {columnOf, type Model, type ModelColumn, type ModelTable, tableOf} from './model.ts';

/** The answers that tell the differ what the two models know by their numbers. */
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
		for (const column of after.columns) fills.push(...fillFor(before, after, column, die + column.id));
	}
	for (const kind of ['indexes', 'views', 'triggers', 'virtuals'] as const) {
		for (const {name} of from[kind]) if (!to[kind].some((one) => one.name === name)) drops.push({table: name});
	}
	// A virtual table that changes is dropped with what it holds.
	for (const {name, id, module} of from.virtuals) {
		const kept = to.virtuals.find((one) => one.id === id);
		if (kept !== undefined && (kept.module !== module || namesDiffer(from, to, kept.content))) drops.push({table: name});
	}
	return {...noDecisions, renames, drops, fills};
}

function namesDiffer(from: Model, to: Model, content: number | undefined): boolean {
	return content !== undefined && JSON.stringify(tableOf(from, content)) !== JSON.stringify(tableOf(to, content));
}

/** A new column that cannot go without a value, and now and then another that may have one. */
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
		INTEGER: ['0', `coalesce(length(${name}), 0)`, `1 + coalesce(length(quote(${name})), 1)`],
		INT: ['0', `coalesce(length(${name}), 0)`],
		TEXT: ["'x'", `coalesce(${name}, '') || '@example.com'`, `quote(${name})`],
		REAL: ['0.5', `coalesce(length(${name}), 0) / 2.0`],
		BLOB: ["x'ab'", `CAST(coalesce(${name}, 'z') AS BLOB)`],
		ANY: ['1', `coalesce(${name}, 'nothing')`],
	};
	return [{table: before.name, column: column.name, expression: pick(expressions[typeFor(true, column.type)] as readonly string[], die * 3)}];
}

/** True for a name that means one column before the change and another after it. */
function isAmbiguous(column: ModelColumn, before: ModelTable, after: ModelTable): boolean {
	return after.columns.some((one) => one.id !== column.id && sameName(one.name, column.name) && columnOf(before, one.id) !== undefined);
}
