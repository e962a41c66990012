import {readIndex, readStatement, readTrigger} from '../ddl/read.ts';
import {renderIndexed} from '../ddl/render.ts';
import {advance, isIdle} from '../operations/advance.ts';
import {type ChangeLine, describeDelta} from '../operations/describe.ts';
import {rebuiltBy} from '../operations/full-text.ts';
import type {Hazard} from '../operations/hazard.ts';
import type {Operation} from '../operations/operation.ts';
import {tableDelta} from '../operations/table-delta.ts';
import {sameTrigger, sameView} from '../schema/equality.ts';
import {nameKey} from '../schema/identifiers.ts';
import {findIndex, findTable, findTrigger, findView} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';
import type {Plan} from './plan.ts';
import type {Step} from './step.ts';
import {mostExpensive, type Strategy} from './strategy.ts';

/** One object that changes, with its changes, strategy and reasons. Pure data for any kind of output. */
export interface PreviewObject {
	readonly mark: '+' | '~' | '-';
	/** `user`, `view active_user`. */
	readonly label: string;
	/** The most expensive strategy of its steps. Undefined if no step is only for this object. */
	readonly strategy: Strategy | undefined;
	/** The table whose rows are read, copied or dropped, by its name before the migration. */
	readonly table: string | undefined;
	readonly isDestructive: boolean;
	readonly reasons: readonly string[];
	readonly changes: readonly PreviewChange[];
}

export interface PreviewChange extends ChangeLine {
	readonly isDestructive: boolean;
}

interface MutablePreview {
	mark: '+' | '~' | '-';
	label: string;
	table: string | undefined;
	reasons: string[];
	changes: PreviewChange[];
	operations: number[];
}

/** Returns the changes of a list of operations, grouped by object, in the order the objects are first named. */
export function preview(from: Schema, operations: readonly Operation[], plan: Pick<Plan, 'steps' | 'hazards'>): readonly PreviewObject[] {
	const drafts = new Map<string, MutablePreview>();
	const hazardsBy = Map.groupBy(plan.hazards, ({operation}) => operation);
	const origins = new Map<string, string>();
	let schema = from;
	for (const [index, operation] of operations.entries()) {
		const after = advance(schema, operation);
		if (isIdle(schema, operation)) continue;
		if (operation.kind === 'renameTable') moveDraft(drafts, origins, operation.table, operation.to);
		const {key, label, mark, lines, table} = described(operation, schema, after);
		const origin = table === undefined ? undefined : (origins.get(nameKey(table)) ?? table);
		const draft = drafts.get(key) ?? {mark, label, table: origin, reasons: [], changes: [], operations: []};
		// An object that is dropped and recreated counts as changed.
		if (draft.operations.length > 0 && draft.mark === '-' && mark === '+') Object.assign(draft, {mark: '~', label, changes: []});
		else if (draft.operations.length > 0 && mark === '-' && draft.mark !== '-') draft.mark = '-';
		draft.changes.push(...lines.map((line) => ({...line, isDestructive: loses(line, hazardsBy.get(index) ?? [])})));
		draft.operations.push(index);
		drafts.set(key, draft);
		schema = after;
	}
	const stepsBy = stepsByOperation(plan.steps);
	return [...drafts].filter(([key]) => !isAsBefore(key, from, schema)).map(([, draft]) => finished(draft, stepsBy, hazardsBy));
}

/** True for a view or trigger that is only dropped and recreated because of other changes. It has not changed. */
function isAsBefore(key: string, from: Schema, to: Schema): boolean {
	const [kind, name] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
	if (kind === 'view') return isSame(findView(from, name), findView(to, name), sameView);
	return kind === 'trigger' && isSame(findTrigger(from, name), findTrigger(to, name), sameTrigger);
}

function isSame<T>(before: T | undefined, after: T | undefined, same: (a: T, b: T) => boolean): boolean {
	return before !== undefined && after !== undefined && same(before, after);
}

function moveDraft(drafts: Map<string, MutablePreview>, origins: Map<string, string>, from: string, to: string): void {
	origins.set(nameKey(to), origins.get(nameKey(from)) ?? from);
	const draft = drafts.get(`table ${nameKey(from)}`);
	if (draft === undefined) return;
	drafts.delete(`table ${nameKey(from)}`);
	drafts.set(`table ${nameKey(to)}`, {...draft, label: to});
}

interface Described {
	readonly key: string;
	readonly label: string;
	readonly mark: '+' | '~' | '-';
	readonly lines: readonly ChangeLine[];
	readonly table: string | undefined;
}

function described(operation: Operation, before: Schema, after: Schema): Described {
	const ofTable = (table: string, lines: readonly ChangeLine[], mark: Described['mark'] = '~'): Described => ({
		key: `table ${nameKey(table)}`,
		label: table,
		mark,
		lines,
		table,
	});
	const ofObject = (kind: string, name: string, mark: Described['mark']): Described => ({
		key: `${kind} ${nameKey(name)}`,
		label: `${kind} ${name}`,
		mark,
		lines: [],
		table: undefined,
	});
	switch (operation.kind) {
		case 'createTable': {
			const object = readStatement(operation.sql);
			if (object?.kind !== 'table') return {...ofTable(object?.name ?? '', [], '+'), label: `virtual table ${object?.name ?? ''}`};
			return ofTable(
				object.name,
				[
					{
						mark: '+',
						subject: `${object.columns.length} ${object.columns.length === 1 ? 'column' : 'columns'}`,
						text: object.columns.map(({name}) => name).join(', '),
					},
				],
				'+',
			);
		}
		case 'dropTable':
			return ofTable(operation.table, [], '-');
		case 'renameTable':
			return ofTable(operation.to, [{mark: '~', subject: `${operation.table} → ${operation.to}`, text: 'rename table'}]);
		case 'renameColumn':
			return ofTable(operation.table, [{mark: '~', subject: `${operation.column} → ${operation.to}`, text: 'rename'}]);
		case 'addColumn':
		case 'dropColumn':
		case 'changeTable': {
			const [was, is] = [findTable(before, operation.table), findTable(after, operation.table)];
			if (was === undefined || is === undefined) return ofTable(operation.table, []);
			return ofTable(is.name, describeDelta(tableDelta({table: was, schema: before}, {table: is, schema: after}), is));
		}
		case 'createIndex': {
			const index = readIndex(operation.sql);
			return ofTable(index.table, [{mark: '+', subject: `${index.unique ? 'unique ' : ''}index ${index.name}`, text: renderIndexed(index)}]);
		}
		case 'dropIndex':
			return ofTable(findIndex(before, operation.index)?.table ?? operation.index, [{mark: '-', subject: `index ${operation.index}`, text: ''}]);
		case 'createView':
			return ofObject('view', readStatement(operation.sql)?.name ?? '', '+');
		case 'dropView':
			return ofObject('view', operation.view, '-');
		case 'createTrigger':
			return ofObject('trigger', readTrigger(operation.sql).name, '+');
		case 'dropTrigger':
			return ofObject('trigger', operation.trigger, '-');
		case 'execute': {
			const filled = rebuiltBy(operation);
			if (filled !== undefined) return ofTable(filled, [{mark: '+', subject: 'index', text: 'of the existing rows'}]);
			return {...ofObject('execute', startOf(operation.sql), '~'), key: `execute ${operation.sql}`};
		}
		case 'run':
			return ofObject('op.run', 'code of the migration', '~');
	}
}

/** The most characters of a statement in a preview. */
const mostStatement = 60;

function startOf(sql: string): string {
	const text = sql.trim().replace(/\s+/g, ' ');
	return text.length <= mostStatement ? text : `${text.slice(0, mostStatement - 1).trimEnd()}…`;
}

interface PlacedStep {
	readonly step: Step;
	/** Its place in the plan. */
	readonly at: number;
}

function stepsByOperation(steps: readonly Step[]): ReadonlyMap<number, readonly PlacedStep[]> {
	const found = new Map<number, PlacedStep[]>();
	for (const [at, step] of steps.entries()) {
		const placed = {step, at};
		for (const index of step.operations) {
			const known = found.get(index);
			if (known === undefined) found.set(index, [placed]);
			else known.push(placed);
		}
	}
	return found;
}

function loses(line: ChangeLine, hazards: readonly Hazard[]): boolean {
	return hazards.some((hazard) => {
		if (hazard.kind === 'dropColumn') return line.mark === '-' && line.text === 'drop column';
		return (hazard.kind === 'convert' || hazard.kind === 'incompatible') && line.mark === '~' && line.subject === hazard.column;
	});
}

/** Returns the steps of an object, in the order of the plan. */
function stepsOf({operations}: MutablePreview, stepsBy: ReadonlyMap<number, readonly PlacedStep[]>): readonly Step[] {
	const [first, ...others] = operations;
	if (first !== undefined && others.length === 0) return (stepsBy.get(first) ?? []).map(({step}) => step);
	const placed = [...new Set(operations.flatMap((index) => stepsBy.get(index) ?? []))];
	return placed.sort((a, b) => a.at - b.at).map(({step}) => step);
}

function finished(
	draft: MutablePreview,
	stepsBy: ReadonlyMap<number, readonly PlacedStep[]>,
	hazardsBy: ReadonlyMap<number, readonly Hazard[]>,
): PreviewObject {
	const steps = stepsOf(draft, stepsBy);
	return {
		mark: draft.mark,
		label: draft.label,
		strategy: mostExpensive(steps, ({strategy}) => strategy)?.strategy,
		table: draft.table,
		isDestructive:
			draft.changes.some(({isDestructive}) => isDestructive) ||
			draft.operations.some((index) => hazardsBy.get(index)?.some(({kind}) => kind === 'dropTable') === true),
		reasons: [...new Set(steps.filter(({strategy}) => strategy === 'rewrite' || strategy === 'scan').map(({reason}) => reason))],
		changes: draft.changes,
	};
}
