import fc from 'fast-check';
import {nameKey} from '../../../source/core/schema/identifiers.ts';
import {
	addColumn,
	type ColumnDice,
	checkOn,
	collations,
	columnDice,
	generatedExpression,
	pickDefault,
	pickNotNull,
	pickType,
	typeFor,
} from './columns.ts';
import {chance, type Die, die, pick} from './dice.ts';
import type {Model, ModelColumn, ModelTable} from './model.ts';
import {nameFor} from './names.ts';
import {
	addIndex,
	addTrigger,
	addView,
	addVirtual,
	dropLooseObjects,
	indexParts,
	type ObjectDice,
	objectDice,
	triggerParts,
	viewParts,
} from './objects.ts';
import {
	addForeignKey,
	addTable,
	addUnique,
	dropLooseForeignKeys,
	dropRepeatedKeys,
	type ForeignKeyDice,
	foreignKeyDice,
	setKey,
	type TableDice,
	tableDice,
} from './tables.ts';

/** The random numbers for one change of a model. Each kind of change uses the ones it needs. */
export interface EditDice {
	readonly kind: Die;
	readonly table: Die;
	readonly column: Die;
	readonly name: Die;
	readonly newColumn: ColumnDice;
	readonly newKey: ForeignKeyDice;
	readonly object: ObjectDice;
	readonly newTable: TableDice;
}

export const editDice: fc.Arbitrary<EditDice> = fc.record({
	kind: die,
	table: die,
	column: die,
	name: die,
	newColumn: columnDice,
	newKey: foreignKeyDice,
	object: objectDice,
	newTable: tableDice,
});

interface Place {
	readonly model: Model;
	/** The model before the change. Its names must not be reused for other objects. */
	readonly from: Model;
	readonly table: ModelTable;
	readonly column: ModelColumn;
	readonly dice: EditDice;
}

/** Changes the model once, and removes everything that has become invalid. */
export function edit(model: Model, from: Model, dice: EditDice): void {
	if (model.tables.length === 0) return;
	const table = pick(model.tables, dice.table);
	const column = pick(table.columns, dice.column);
	pick(edits, dice.kind)({model, from, table, column, dice});
	for (const one of model.tables) normalise(one);
	dropLooseObjects(model);
	dropLooseForeignKeys(model);
	dropLooseObjects(model);
}

/** Makes a table valid for SQLite after a change. */
function normalise(table: ModelTable): void {
	if (table.columns.every(({generated}) => generated !== undefined)) delete (table.columns[0] as ModelColumn).generated;
	const isKey = (id: number) => table.key?.columns.some(({column}) => column === id) ?? false;
	for (const column of table.columns) {
		if (isKey(column.id)) delete column.generated;
		if (column.generated !== undefined) delete column.default;
		if (table.strict) {
			const type = typeFor(true, column.type);
			if (type !== column.type) delete column.default;
			column.type = type;
		}
	}
	const [only, another] = table.key?.columns ?? [];
	const isAlias =
		only !== undefined && another === undefined && table.columns.find(({id}) => id === only.column)?.type === 'INTEGER' && !table.withoutRowid;
	if (table.key?.autoincrement === true && !(isAlias && only.descending !== true)) table.key.autoincrement = false;
	if (table.key === undefined) table.withoutRowid = false;
	dropRepeatedKeys(table);
}

/** Returns the names that a new or renamed column must not use, because they already refer to something else. */
function takenColumns({table, from, model}: Place): string[] {
	const before = from.tables.find(({id}) => id === table.id);
	const rowids = model.virtuals.some(({content}) => content === table.id)
		? ['rowid', '_rowid_', 'oid', 'rank', ...model.virtuals.map(({name}) => name)]
		: [];
	return [...table.columns.map(({name}) => name), ...(before?.columns.map(({name}) => name) ?? []), ...rowids];
}

export function takenNames(...models: readonly Model[]): string[] {
	return models.flatMap(({tables, indexes, views, virtuals}) => [...tables, ...indexes, ...views, ...virtuals].map(({name}) => name));
}

const edits: readonly ((place: Place) => void)[] = [
	function addsColumn(place) {
		const column = addColumn(place.model, place.table, place.dice.newColumn, takenColumns(place));
		if (chance(place.dice.column, 30)) moveColumn(place.table, column, place.dice.column);
	},
	function renamesColumn(place) {
		place.column.name = nameFor(place.dice.name, takenColumns(place));
	},
	function dropsColumn({table, column}) {
		if (table.columns.filter(({generated, id}) => generated === undefined && id !== column.id).length === 0) return;
		table.columns = table.columns.filter(({id}) => id !== column.id);
	},
	function movesColumnToAnotherTable(place) {
		const {model, table, column, dice} = place;
		const other = pick(model.tables, dice.name);
		if (other === table || column.generated !== undefined) return;
		const taken = addColumn(model, other, {...dice.newColumn, generated: 0, unique: 0, check: 0}, takenColumns({...place, table: other}));
		taken.takesFrom = column.id;
		if (table.columns.some(({generated, id}) => generated === undefined && id !== column.id))
			table.columns = table.columns.filter(({id}) => id !== column.id);
	},
	function exchangesColumns(place) {
		exchange(place);
	},
	// The new columns are filled while both tables still have their old definitions.
	function exchangesColumnsAndChangesStrict(place) {
		for (const {table, taken} of exchange(place)) {
			table.strict = !table.strict;
			if (table.strict) taken.type = chance(place.dice.column, 70) ? 'ANY' : taken.type;
		}
	},
	function makesReal({table, column}) {
		column.type = 'REAL';
		if (table.strict) delete column.default;
	},
	function movesColumn({table, column, dice}) {
		moveColumn(table, column, dice.name);
	},
	function changesType({table, column, dice}) {
		column.type = pickType(table.strict, dice.newColumn.type);
		if (table.strict) delete column.default;
	},
	function changesDefault({table, column, dice}) {
		if (column.generated !== undefined) return;
		column.default = chance(dice.name, 35) ? undefined : pickDefault(table.strict, column.type, dice.newColumn.default);
	},
	function changesNotNull({column, dice}) {
		column.notNull = column.notNull === undefined || chance(dice.name, 20) ? pickNotNull(dice.name) : undefined;
	},
	function changesCollation({column, dice}) {
		column.collate = column.collate === undefined ? pick(collations, dice.name) : undefined;
	},
	function changesGeneration({table, column, dice}) {
		const others = table.columns.filter(({generated, id}) => generated === undefined && id !== column.id);
		if (column.generated !== undefined && chance(dice.name, 40)) column.generated = undefined;
		else if (others.length > 0 && (column.generated !== undefined || chance(dice.name, 30))) {
			const expression = generatedExpression(column.type, table.strict, pick(others, dice.name), dice.column);
			column.generated = {expression, stored: chance(dice.column, 50)};
		}
	},
	function addsCheck({table, column, dice}) {
		table.checks.push(checkOn(table, column, dice.name));
	},
	function dropsCheck({table, dice}) {
		if (table.checks.length > 0) table.checks.splice(dice.name % table.checks.length, 1);
	},
	function addsUnique({table, dice}) {
		addUnique(table, dice.name);
	},
	function dropsUnique({table, dice}) {
		if (table.uniques.length > 0) table.uniques.splice(dice.name % table.uniques.length, 1);
	},
	function addsForeignKey(place) {
		addForeignKey(place.model, place.table, place.dice.newKey, takenColumns(place));
	},
	function addsForeignKeyToColumn({model, table, column, dice}) {
		const parent = pick(model.tables, dice.newKey.parent);
		const [only, another] = parent.key?.columns ?? [];
		if (only === undefined || another !== undefined || only.collate !== undefined || column.generated !== undefined) return;
		table.foreignKeys.push({columns: [column.id], parent: parent.id, parentColumns: [only.column], actions: 'ON DELETE CASCADE'});
	},
	function changesForeignKey({table, dice}) {
		if (table.foreignKeys.length === 0) return;
		const at = dice.name % table.foreignKeys.length;
		const key = table.foreignKeys[at] as ModelTable['foreignKeys'][number];
		if (chance(dice.name, 50)) table.foreignKeys.splice(at, 1);
		else key.actions = pick(['', 'ON DELETE CASCADE', 'ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED', 'ON UPDATE SET DEFAULT'], dice.column);
	},
	function changesKey({table, dice}) {
		setKey(table, dice.name);
	},
	function changesStrict({table}) {
		table.strict = !table.strict;
	},
	function changesWithoutRowid({table, dice}) {
		if (table.key !== undefined) table.withoutRowid = !table.withoutRowid;
		else setKey(table, dice.name);
	},
	function changesAutoincrement({table}) {
		if (table.key !== undefined) table.key.autoincrement = !table.key.autoincrement;
	},
	function addsTable({model, from, dice}) {
		const table = addTable(model, dice.newTable, takenNames(model, from));
		for (const key of dice.newTable.foreignKeys) addForeignKey(model, table, key);
	},
	function dropsTable({model, table}) {
		if (model.tables.length > 1) model.tables.splice(model.tables.indexOf(table), 1);
	},
	function renamesTable({model, from, table, dice}) {
		table.name = nameFor(dice.name, takenNames(model, from));
	},
	function changesCase({table, column, dice}) {
		const swapped = (name: string) =>
			name.replace(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));
		if (chance(dice.name, 50)) table.name = swapped(table.name);
		else column.name = swapped(column.name);
	},
	function swapsNames({model, table, column, dice}) {
		const other = pick(table.columns, dice.name);
		const otherTable = pick(model.tables, dice.name);
		if (chance(dice.name, 30)) [table.name, otherTable.name] = [otherTable.name, table.name];
		else [column.name, other.name] = [other.name, column.name];
	},
	function takesNameOfDropped({model, from, table, column, dice}) {
		const droppedTable = from.tables.find(
			({id, name}) => !model.tables.some((one) => one.id === id) && !takenNames(model).some((other) => nameKey(other) === nameKey(name)),
		);
		if (droppedTable !== undefined && from.tables.some(({id}) => id === table.id) && chance(dice.name, 50)) {
			table.name = droppedTable.name;
			return;
		}
		const before = from.tables.find(({id}) => id === table.id);
		const dropped = before?.columns.find(({id, name}) => !table.columns.some((one) => one.id === id || nameKey(one.name) === nameKey(name)));
		if (dropped !== undefined && before?.columns.some(({id}) => id === column.id)) column.name = dropped.name;
	},
	function addsIndex({model, from, dice}) {
		addIndex(model, dice.object, takenNames(model, from));
	},
	function changesIndex({model, from, dice}) {
		if (model.indexes.length === 0) return;
		const index = pick(model.indexes, dice.name);
		const table = model.tables.find(({id}) => id === index.table) as ModelTable;
		if (chance(dice.column, 30)) model.indexes.splice(model.indexes.indexOf(index), 1);
		else if (chance(dice.column, 50)) index.name = nameFor(dice.object.name, takenNames(model, from));
		else Object.assign(index, {where: undefined, ...indexParts(table, dice.object)});
	},
	function addsView({model, from, dice}) {
		addView(model, dice.object, takenNames(model, from));
	},
	function changesView({model, from, dice}) {
		if (model.views.length === 0) return;
		const view = pick(model.views, dice.name);
		const before = model.views.slice(0, model.views.indexOf(view));
		const parts = viewParts(model, before, dice.object);
		if (chance(dice.column, 30)) model.views.splice(model.views.indexOf(view), 1);
		else if (chance(dice.column, 50)) view.name = nameFor(dice.object.name, takenNames(model, from));
		// Views that read from this one name its columns.
		else if (view.gives.every((name) => parts.gives.includes(name))) Object.assign(view, parts);
	},
	function addsTrigger({model, dice}) {
		addTrigger(model, dice.object);
	},
	function changesTrigger({model, dice}) {
		if (model.triggers.length === 0) return;
		const trigger = pick(model.triggers, dice.name);
		if (chance(dice.column, 50)) model.triggers.splice(model.triggers.indexOf(trigger), 1);
		else Object.assign(trigger, triggerParts(model, trigger, dice.object));
	},
	function addsVirtual({model, from, dice}) {
		addVirtual(model, dice.object, takenNames(model, from));
	},
	function dropsVirtual({model, dice}) {
		if (model.virtuals.length > 0) model.virtuals.splice(dice.name % model.virtuals.length, 1);
	},
];

/** Gives two tables a column of each other. Returns the tables with their new columns. */
function exchange(place: Place): readonly {readonly table: ModelTable; readonly taken: ModelColumn}[] {
	const exchanged: {readonly table: ModelTable; readonly taken: ModelColumn}[] = [];
	const second = pick(place.model.tables, place.dice.name);
	for (const [table, other] of [
		[place.table, second],
		[second, place.table],
	] as const) {
		const column = pick(table.columns, place.dice.column);
		if (other === table || column.generated !== undefined || column.takesFrom !== undefined) return exchanged;
		const taken = addColumn(place.model, other, {...place.dice.newColumn, generated: 0, unique: 0, check: 0}, takenColumns({...place, table: other}));
		taken.takesFrom = column.id;
		exchanged.push({table: other, taken});
		if (table.columns.some(({generated, id}) => generated === undefined && id !== column.id && id !== taken.id))
			table.columns = table.columns.filter(({id}) => id !== column.id);
	}
	return exchanged;
}

function moveColumn(table: ModelTable, column: ModelColumn, to: Die): void {
	table.columns = table.columns.filter((one) => one !== column);
	table.columns.splice(to % (table.columns.length + 1), 0, column);
}
