import {sameName} from '../../../source/core/schema/identifiers.ts';
import {chance, type Die, dice, pick, pickSome} from './dice.ts';
import {
	columnOf,
	type Model,
	type ModelColumn,
	type ModelIndex,
	type ModelTable,
	type ModelTrigger,
	type ModelView,
	named,
	tableOf,
} from './model.ts';
import {nameFor} from './names.ts';

/** The random numbers for an index, a view, a trigger or a virtual table. */
export type ObjectDice = Readonly<Record<'name' | 'on' | 'kind' | 'columns' | 'other' | 'options', Die>>;
export const objectDice = dice('name', 'on', 'kind', 'columns', 'other', 'options');

export function addIndex(model: Model, numbers: ObjectDice, taken: readonly string[]): void {
	const table = pick(model.tables, numbers.on);
	model.indexes.push({id: model.next++, name: nameFor(numbers.name, taken), table: table.id, ...indexParts(table, numbers)});
}

/** Returns the parts of an index, for a new or a changed one. */
export function indexParts(table: ModelTable, numbers: ObjectDice): Pick<ModelIndex, 'columns' | 'unique' | 'where'> {
	const columns = pickSome(table.columns, numbers.columns, 1 + (numbers.columns % 2)).map(({id}, index) => {
		const name = `{c${id}}`;
		const number = numbers.kind + index * 317;
		return {
			expression: pick(
				[name, name, name, `lower(${name})`, `length(${name}) + 1`, `coalesce(${name}, 'end')`, `(${name} > '2')`, `+${name}`],
				number,
			),
			suffix: pick(['', '', '', ' DESC', ' COLLATE NOCASE', ' COLLATE NOCASE DESC', ' ASC'], number + 700),
		};
	});
	const where = `{c${pick(table.columns, numbers.other).id}}`;
	return {
		columns,
		unique: chance(numbers.options, 15),
		...(chance(numbers.kind, 25)
			? {
					where: pick(
						[
							`${where} IS NOT NULL`,
							`${where} > 0`,
							`${where} IN ('a', 'b')`,
							`{t${table.id}}.${where} <> ''`,
							`${where} IN ('1', 'A')`,
							`${where} < '5'`,
						],
						numbers.options,
					),
				}
			: {}),
	};
}

export function addView(model: Model, numbers: ObjectDice, taken: readonly string[]): void {
	const view = {id: model.next++, name: nameFor(numbers.name, taken), ...viewParts(model, model.views, numbers)};
	model.views.push(view);
}

/** Returns the parts of a view. It may read from the views before it. */
export function viewParts(model: Model, before: readonly ModelView[], numbers: ObjectDice): Pick<ModelView, 'columns' | 'gives' | 'select'> {
	const table = pick(model.tables, numbers.on);
	const other = pick(model.tables, numbers.other);
	const [a, b] = [pick(table.columns, numbers.columns), pick(table.columns, numbers.columns * 3)];
	const c = pick(other.columns, numbers.other * 3);
	const [ta, tb] = [`{t${table.id}}`, `{t${other.id}}`];
	const [ca, cb, cc] = [`{c${a.id}}`, `{c${b.id}}`, `{c${c.id}}`];
	const readable = before.filter(({gives}) => gives.length > 0);
	const two = {columns: [], gives: ['x0', 'x1']};
	const one = {columns: [], gives: ['x0']};
	const kinds = [
		() => ({...two, select: `SELECT ${ca} AS "x0", ${cb} AS "x1" FROM ${ta}`}),
		() => ({columns: ['x0', 'x 1'], gives: ['x0', 'x 1'], select: `SELECT ${ca}, ${cb} FROM ${ta} WHERE ${ca} IS NOT NULL`}),
		() => ({...two, select: `SELECT "l".${ca} AS "x0", "r".${cc} AS "x1" FROM ${ta} AS "l" LEFT JOIN ${tb} AS "r" ON "l".${ca} = "r".${cc}`}),
		() => ({columns: [], gives: [], select: `SELECT * FROM ${ta}`}),
		() => ({...one, select: `WITH "w" AS (SELECT ${ta}.${ca} AS "x0" FROM ${ta}) SELECT "x0" FROM "w"`}),
		() => ({...two, select: `SELECT count(*) AS "x0", max(${cb}) AS "x1" FROM ${ta} GROUP BY ${ca} HAVING count(*) > 0`}),
		() => ({...one, select: `SELECT "o".${ca} AS "x0" FROM ${ta} AS "o" WHERE EXISTS (SELECT 1 FROM ${tb} AS "i" WHERE "i".${cc} = "o".${cb})`}),
		() => ({...one, select: `SELECT CASE WHEN ${ca} IS NULL THEN 'end;' ELSE ${cb} END AS "x0" FROM ${ta} ORDER BY ${ca} DESC LIMIT 10`}),
		...(readable.length === 0
			? []
			: [
					() => overView(pick(readable, numbers.kind * 7)),
					() => {
						const view = pick(readable, numbers.kind * 7);
						const [given] = view.gives as [string];
						return {...one, select: `SELECT ${ca} AS "x0" FROM ${ta} UNION ALL SELECT "${given}" FROM {v${view.id}}`};
					},
				]),
	];
	return pick(kinds, numbers.kind)();
}

function overView(view: ModelView): Pick<ModelView, 'columns' | 'gives' | 'select'> {
	const list = view.gives.map((name, index) => `"v"."${name}" AS "y${index}"`).join(', ');
	return {columns: [], gives: view.gives.map((_, index) => `y${index}`), select: `SELECT ${list} FROM {v${view.id}} AS "v"`};
}

export function addTrigger(model: Model, numbers: ObjectDice): void {
	const taken = model.triggers.map(({name}) => name);
	const name = nameFor(numbers.name, taken);
	const view = chance(numbers.on, 25) && model.views.length > 0 ? pick(model.views, numbers.on * 3) : undefined;
	const trigger: ModelTrigger = {
		id: model.next++,
		name,
		on: view === undefined ? `{t${pick(model.tables, numbers.on).id}}` : `{v${view.id}}`,
		timing: 'AFTER',
		event: 'INSERT',
		updateOf: [],
		body: '',
	};
	model.triggers.push({...trigger, ...triggerParts(model, trigger, numbers)});
}

type TriggerParts = Pick<ModelTrigger, 'timing' | 'event' | 'updateOf' | 'when' | 'body'>;

/** Returns the parts of a trigger, for a new or a changed one. Its table does not change. */
export function triggerParts(model: Model, {on}: Pick<ModelTrigger, 'on'>, numbers: ObjectDice): TriggerParts {
	const target = pick(model.tables, numbers.other);
	const settable = target.columns.filter(({generated}) => generated === undefined);
	const set = pick(settable, numbers.columns);
	const [tt, ct] = [`{t${target.id}}`, `{c${set.id}}`];
	const event = pick(['INSERT', 'UPDATE', 'DELETE'], numbers.kind * 3);
	const harmless = [
		`UPDATE ${tt} SET ${ct} = ${ct} WHERE 0;`,
		`INSERT INTO ${tt} (${ct}) SELECT ${ct} FROM ${tt} WHERE 0; DELETE FROM ${tt} WHERE 0;`,
		`UPDATE ${tt} SET ${ct} = CASE ${ct} WHEN 1 THEN 2 ELSE ${ct} END WHERE 0; SELECT 1;`,
	];
	const table = on.startsWith('{t') ? (tableOf(model, Number(on.slice(2, -1))) as ModelTable) : undefined;
	if (table === undefined) return {timing: 'INSTEAD OF', event, updateOf: [], when: undefined, body: pick(harmless, numbers.options)};
	const own = pick(table.columns, numbers.options * 3);
	const row = event === 'DELETE' ? 'OLD' : 'NEW';
	const value = `${row}.{c${own.id}}`;
	const body = [
		...harmless,
		`SELECT CASE WHEN ${value} = 'bad' THEN RAISE(ABORT, 'no; END') END;`,
		// If these run by mistake, the rows show it.
		`DELETE FROM ${tt};`,
		`UPDATE OR IGNORE ${tt} SET ${ct} = NULL;`,
	];
	return {
		timing: pick(['AFTER', 'BEFORE'], numbers.options),
		event,
		updateOf: event === 'UPDATE' && chance(numbers.options, 50) ? pickSome(table.columns, numbers.options, 1).map(({id}) => id) : [],
		when: chance(numbers.kind, 30) ? `${value} IS NOT NULL AND CASE WHEN 1 THEN 1 ELSE 0 END` : undefined,
		body: pick(body, numbers.options * 7),
	};
}

export function addVirtual(model: Model, numbers: ObjectDice, taken: readonly string[]): void {
	const id = model.next++;
	const name = nameFor(numbers.name - (numbers.name % 3), taken);
	const contents = model.tables.filter((table) => !table.withoutRowid && indexable(table, name).length > 0 && rowidName(table) !== undefined);
	const kinds = ['plain', ...(contents.length > 0 ? ['external', 'external'] : []), 'rtree'];
	const kind = pick(kinds, numbers.kind);
	const self = `{v${id}}`;
	if (kind === 'plain') {
		const rows = [`INSERT INTO ${self} VALUES ('one two', 'three')`, `INSERT INTO ${self} (rowid, t1) VALUES (77, 'four')`];
		model.virtuals.push({id, name, module: `fts5(t1, t2, tokenize = 'porter ascii')`, rows});
	} else if (kind === 'rtree') {
		model.virtuals.push({id, name, module: `rtree(id, minX, maxX)`, rows: [`INSERT INTO ${self} VALUES (5, 1.5, 2.5)`]});
	} else {
		const table = pick(contents, numbers.on);
		const columns = pickSome(indexable(table, name), numbers.columns, 2);
		const list = columns.map((column) => `{c${column.id}}`).join(', ');
		const module = `fts5(${list}, content='{f${table.id}}', content_rowid='${rowidName(table)}')`;
		model.virtuals.push({id, name, module, content: table.id, rows: []});
		addSyncTrigger(model, table, id, columns, numbers);
	}
}

/** Returns the columns that an FTS5 table can index. It reserves some names for its own columns. */
function indexable(table: ModelTable, virtual: string): readonly ModelColumn[] {
	return table.columns.filter(({name}) => !/^(rowid|rank)$/i.test(name) && !sameName(name, virtual));
}

/** Returns the rowid name that an external-content index uses to find a row. */
function rowidName(table: ModelTable): string | undefined {
	return ['rowid', '_rowid_', 'oid'].find((name) => !table.columns.some((column) => sameName(column.name, name)));
}

function addSyncTrigger(model: Model, table: ModelTable, virtual: number, columns: readonly ModelColumn[], numbers: ObjectDice): void {
	const list = columns.map(({id}) => `{c${id}}`);
	model.triggers.push({
		id: model.next++,
		name: nameFor(
			numbers.name + 5,
			model.triggers.map(({name}) => name),
		),
		on: `{t${table.id}}`,
		timing: 'AFTER',
		event: 'INSERT',
		updateOf: [],
		body: `INSERT INTO {v${virtual}} (rowid, ${list.join(', ')}) VALUES (NEW.${rowidName(table)}, ${list.map((name) => `NEW.${name}`).join(', ')});`,
	});
}

/** Removes everything that refers to objects that no longer exist. */
export function dropLooseObjects(model: Model): void {
	for (let before = -1; before !== size(model); ) {
		before = size(model);
		for (const table of model.tables) dropLooseParts(table);
		const known = new Set([
			...model.tables.flatMap(({id, columns}) => [id, ...columns.map((column) => column.id)]),
			...model.views.map(({id}) => id),
			...model.virtuals.map(({id}) => id),
		]);
		const isValid = (...templates: readonly (string | undefined)[]) =>
			templates.every((text) => text === undefined || named(text).every((id) => known.has(id)));
		keep(model.indexes, ({table, columns, where}) => known.has(table) && isValid(...columns.map(({expression}) => expression), where));
		keep(model.views, ({select}) => isValid(select));
		keep(model.virtuals, ({module, content, name}) => isValid(module) && (content === undefined || isContent(model, content, module, name)));
		keep(model.triggers, ({on, when, body, updateOf}) => isValid(on, when, body) && updateOf.every((id) => known.has(id)));
	}
}

/** True if the index can find the rows of the table. */
function isContent(model: Model, id: number, module: string, name: string): boolean {
	const table = tableOf(model, id);
	if (table === undefined || table.withoutRowid) return false;
	const able = new Set([table.id, ...indexable(table, name).map((column) => column.id)]);
	return named(module).every((one) => able.has(one)) && module.includes(`content_rowid='${rowidName(table)}'`);
}

function size(model: Model): number {
	const parts = model.tables.reduce((sum, table) => sum + table.columns.length + table.uniques.length + table.checks.length, 0);
	return parts + model.indexes.length + model.views.length + model.virtuals.length + model.triggers.length;
}

function dropLooseParts(table: ModelTable): void {
	const exists = (id: number) => columnOf(table, id) !== undefined;
	const isValid = (template: string) => named(template).every((id) => id === table.id || exists(id));
	table.columns = table.columns.filter(({generated}) => generated === undefined || isValid(generated.expression));
	table.uniques = table.uniques.filter(({columns}) => columns.every(({column}) => exists(column)));
	table.checks = table.checks.filter(({expression, column}) => isValid(expression) && (column === undefined || exists(column)));
	if (table.key?.columns.some(({column}) => !exists(column)) === true) {
		table.key = undefined;
		table.withoutRowid = false;
	}
}

function keep<T>(list: T[], isKept: (item: T) => boolean): void {
	list.splice(0, list.length, ...list.filter(isKept));
}
