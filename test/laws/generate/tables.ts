import fc from 'fast-check';
import {addColumn, type ColumnDice, collations, columnDice, conflicts, typeFor} from './columns.ts';
import {chance, type Die, dice, die, pick, pickSome} from './dice.ts';
import {columnOf, type Model, type ModelColumn, type ModelKey, type ModelTable, tableOf} from './model.ts';
import {nameFor} from './names.ts';

export interface TableDice {
	readonly name: Die;
	readonly key: Die;
	readonly strict: Die;
	readonly columns: readonly ColumnDice[];
	readonly uniques: readonly Die[];
	readonly foreignKeys: readonly ForeignKeyDice[];
	/** One number per row and column. */
	readonly rows: readonly (readonly Die[])[];
	/** Decides which rows are deleted, and how far the AUTOINCREMENT counter is ahead. */
	readonly holes: Die;
}

export type ForeignKeyDice = Readonly<Record<'parent' | 'kind' | 'actions', Die>>;
export const foreignKeyDice = dice('parent', 'kind', 'actions');

export const tableDice: fc.Arbitrary<TableDice> = fc.record({
	name: die,
	key: die,
	strict: die,
	columns: fc.array(columnDice, {minLength: 1, maxLength: 6}),
	uniques: fc.array(die, {maxLength: 1}),
	foreignKeys: fc.array(foreignKeyDice, {maxLength: 2}),
	rows: fc.array(fc.array(die, {minLength: 4, maxLength: 8}), {maxLength: 8}),
	holes: die,
});

/** Adds a table without foreign keys, which are added when all tables exist. */
export function addTable(model: Model, numbers: TableDice, taken: readonly string[]): ModelTable {
	const table: ModelTable = {
		id: model.next++,
		name: nameFor(numbers.name, taken),
		columns: [],
		uniques: [],
		checks: [],
		foreignKeys: [],
		strict: chance(numbers.strict, 20),
		withoutRowid: false,
	};
	model.tables.push(table);
	for (const column of numbers.columns) addColumn(model, table, column);
	if (table.columns.every(({generated}) => generated !== undefined)) delete (table.columns[0] as ModelColumn).generated;
	setKey(table, numbers.key);
	for (const unique of numbers.uniques) addUnique(table, unique);
	dropRepeatedKeys(table);
	return table;
}

const keyKinds = [
	'none',
	'rowid',
	'rowid',
	'autoincrement',
	'rowid constraint',
	'text',
	'composite',
	'int',
	'descending',
	'without rowid',
	'composite without rowid',
] as const;

/** Replaces the primary key of a table. */
export function setKey(table: ModelTable, number: Die): void {
	const kind = pick(keyKinds, number);
	const able = table.columns.filter(({generated}) => generated === undefined);
	const first = able[number % able.length] as ModelColumn;
	table.key = undefined;
	table.withoutRowid = kind === 'without rowid' || kind === 'composite without rowid';
	if (kind === 'none') return;
	const conflict = chance(number + 3, 20) ? {onConflict: pick(conflicts, number + 7)} : {};
	const name = chance(number + 9, 30) ? {name: nameFor(number + 2, [])} : {};
	const key = (columns: ModelKey['columns'], isInline: boolean, autoincrement = false): ModelKey => ({
		columns,
		isInline,
		autoincrement,
		...conflict,
		...name,
	});
	if (kind === 'rowid' || kind === 'autoincrement' || kind === 'rowid constraint' || kind === 'descending') {
		first.type = 'INTEGER';
		if (table.strict && first.default !== undefined) first.default = '1';
	}
	if (kind === 'int') {
		first.type = 'INT';
		if (table.strict && first.default !== undefined) first.default = '1';
	}
	switch (kind) {
		case 'rowid':
		case 'text':
		case 'int':
		case 'without rowid':
			table.key = key([{column: first.id}], true);
			break;
		case 'autoincrement':
			table.key = key([{column: first.id}], true, true);
			break;
		case 'descending':
			table.key = key([{column: first.id, descending: true}], true);
			break;
		case 'rowid constraint':
			table.key = key([{column: first.id}], false);
			break;
		default: {
			const columns = pickSome(able, number, 2).map(({id}, index) => ({
				column: id,
				...(chance(number + 21 + index, 30) ? {collate: pick(collations, number)} : {}),
				...(chance(number + 23 + index, 30) ? {descending: true} : {}),
			}));
			table.key = key(columns, false);
		}
	}
}

export function addUnique(table: ModelTable, number: Die): void {
	const chosen = pickSome(table.columns, number, 1 + (number % 2));
	const isRepeated = [table.key, ...table.uniques].some((key) => String(key?.columns.map(({column}) => column)) === String(chosen.map(({id}) => id)));
	const columns = chosen.map(({id}, index) => ({
		column: id,
		...(chance(number + 7 + index, 25) ? {collate: pick(collations, number)} : {}),
		...(chance(number + 11 + index, 15) ? {descending: true} : {}),
	}));
	table.uniques.push({
		columns,
		isInline: false,
		...(chance(number + 13, 30) ? {name: nameFor(number + 5, [])} : {}),
		// SQLite needs the same ON CONFLICT for constraints over the same columns, because they share an index.
		...(!isRepeated && chance(number + 17, 30) ? {onConflict: pick(conflicts, number)} : {}),
	});
}

/** Drops repeated constraints with ON CONFLICT, because constraints over the same columns share an index and need the same ON CONFLICT. */
export function dropRepeatedKeys(table: ModelTable): void {
	const seen = new Set(table.key === undefined ? [] : [String(table.key.columns.map(({column}) => column))]);
	table.uniques = table.uniques.filter(({columns, onConflict}) => {
		const text = String(columns.map(({column}) => column));
		const isRepeated = seen.has(text) && onConflict !== undefined;
		seen.add(text);
		return !isRepeated;
	});
}

const actions = ['', 'ON DELETE CASCADE', 'ON DELETE SET NULL', 'ON UPDATE CASCADE ON DELETE RESTRICT', 'ON DELETE SET DEFAULT', 'MATCH FULL'];
const deferrals = ['', '', 'DEFERRABLE INITIALLY DEFERRED', 'NOT DEFERRABLE', 'DEFERRABLE'];

/** Returns the columns a foreign key can refer to: the primary key, explicitly or implicitly, and unique columns. */
export function parentKeys(table: ModelTable): readonly {readonly columns: readonly number[]; readonly isImplicit: boolean}[] {
	const {key} = table;
	const isPlain = (parts: ModelKey['columns']) =>
		parts.every(({column, collate}) => collate === undefined || collate === (columnOf(table, column)?.collate ?? 'BINARY'));
	const ofKey = key === undefined || !isPlain(key.columns) ? [] : [key.columns.map(({column}) => column)];
	const ofUniques = table.uniques.filter(({columns}) => isPlain(columns)).map(({columns}) => columns.map(({column}) => column));
	return [...ofKey.map((columns) => ({columns, isImplicit: true})), ...[...ofKey, ...ofUniques].map((columns) => ({columns, isImplicit: false}))];
}

/** Adds a foreign key with new columns to any table, including the table itself. */
export function addForeignKey(model: Model, table: ModelTable, numbers: ForeignKeyDice, taken: readonly string[] = []): void {
	const able = model.tables.filter((parent) => parentKeys(parent).length > 0);
	if (able.length === 0) return;
	const parent = pick(able, numbers.parent);
	const target = pick(parentKeys(parent), numbers.kind);
	const columns = target.columns.map((id): ModelColumn => {
		const {type, collate} = columnOf(parent, id) as ModelColumn;
		return {
			id: model.next++,
			name: nameFor(numbers.parent + id, [...table.columns.map(({name}) => name), ...taken]),
			type: typeFor(table.strict, type),
			...(collate === undefined ? {} : {collate}),
		};
	});
	// Each column must differ from the ones before it.
	columns.forEach((column, index) => {
		column.name = nameFor(numbers.parent + column.id, [...table.columns, ...columns.slice(0, index)].map(({name}) => name).concat(taken));
	});
	table.columns.push(...columns);
	table.foreignKeys.push({
		columns: columns.map(({id}) => id),
		parent: parent.id,
		parentColumns: target.isImplicit ? [] : [...target.columns],
		actions: `${pick(actions, numbers.actions)} ${pick(deferrals, numbers.actions * 7)}`.trim(),
		...(chance(numbers.actions + 3, 30) ? {name: nameFor(numbers.actions, [])} : {}),
	});
}

/** Removes foreign keys whose parent, or the parent's key, no longer exists. */
export function dropLooseForeignKeys(model: Model): void {
	for (const table of model.tables) {
		table.foreignKeys = table.foreignKeys.filter(({columns, parent, parentColumns}) => {
			const target = tableOf(model, parent);
			if (target === undefined || columns.some((id) => columnOf(table, id) === undefined)) return false;
			return parentKeys(target).some((key) =>
				parentColumns.length === 0 ? key.isImplicit && key.columns.length === columns.length : String(key.columns) === String(parentColumns),
			);
		});
	}
}
