import fc from 'fast-check';
import type {Decisions} from '../../../source/core/diff/question.ts';
import {sameName} from '../../../source/core/schema/identifiers.ts';
import {localSqliteVersion} from '../../../source/core/sqlite/driver/choose.ts';
import {decisionsFor} from './decisions.ts';
import {chance, type Die, die, pick} from './dice.ts';
import {type EditDice, edit, editDice, takenNames} from './edits.ts';
import {emptyModel, type Model} from './model.ts';
import {nameFor} from './names.ts';
import {addIndex, addTrigger, addView, addVirtual, dropLooseObjects, type ObjectDice, objectDice} from './objects.ts';
import type {RowsDice} from './rows.ts';
import {addForeignKey, addTable, dropLooseForeignKeys, type TableDice, tableDice} from './tables.ts';

/** Two schemas, the rows of the first, and the answers that describe the change. */
export interface Case {
	readonly from: Model;
	readonly to: Model;
	readonly rows: ReadonlyMap<number, RowsDice>;
	readonly decisions: Decisions;
	/** The SQLite version to plan for. The running version can do everything an older one can. */
	readonly sqliteVersion: string;
	/** The seed for another spelling of the same schema. */
	readonly spelling: Die;
}

export interface CaseDice {
	readonly tables: readonly TableDice[];
	readonly indexes: readonly ObjectDice[];
	readonly views: readonly ObjectDice[];
	readonly triggers: readonly ObjectDice[];
	readonly virtuals: readonly ObjectDice[];
	readonly edits: readonly EditDice[];
	readonly fills: Die;
	readonly version: Die;
	readonly spelling: Die;
}

export const caseDice: fc.Arbitrary<CaseDice> = fc.record({
	tables: fc.array(tableDice, {minLength: 1, maxLength: 4}),
	indexes: fc.array(objectDice, {maxLength: 3}),
	views: fc.array(objectDice, {maxLength: 3}),
	triggers: fc.array(objectDice, {maxLength: 3}),
	virtuals: fc.array(objectDice, {maxLength: 1}),
	edits: fc.array(editDice, {minLength: 1, maxLength: 6}),
	fills: die,
	version: die,
	spelling: die,
});

export function caseFrom(dice: CaseDice): Case {
	const {model: from, rows} = modelFrom(dice);
	const to = structuredClone(from);
	for (const one of dice.edits) edit(to, from, one);
	untangle(from, to);
	return {
		from,
		to,
		rows,
		decisions: decisionsFor(from, to, dice.fills),
		sqliteVersion: chance(dice.version, 40) ? pick(['3.40.0', '3.34.0'], dice.version) : localSqliteVersion(),
		spelling: dice.spelling,
	};
}

/** A second change, after the change of a case. */
export interface NextChange {
	readonly to: Model;
	readonly decisions: Decisions;
}

export interface NextDice {
	readonly edits: readonly EditDice[];
	readonly fills: Die;
}

export const nextDice: fc.Arbitrary<NextDice> = fc.record({edits: fc.array(editDice, {minLength: 1, maxLength: 4}), fills: die});

export function nextChange(before: Model, dice: NextDice): NextChange {
	const to = structuredClone(before);
	for (const one of dice.edits) edit(to, before, one);
	untangle(before, to);
	return {to, decisions: decisionsFor(before, to, dice.fills)};
}

function modelFrom(dice: CaseDice): {model: Model; rows: ReadonlyMap<number, RowsDice>} {
	const model = emptyModel();
	const rows = new Map<number, RowsDice>();
	for (const one of dice.tables) rows.set(addTable(model, one, takenNames(model)).id, one);
	model.tables.forEach((table, index) => {
		for (const key of dice.tables[index]?.foreignKeys ?? []) addForeignKey(model, table, key);
	});
	for (const one of dice.indexes) addIndex(model, one, takenNames(model));
	for (const one of dice.virtuals) addVirtual(model, one, takenNames(model));
	for (const one of dice.views) addView(model, one, takenNames(model));
	for (const one of dice.triggers) addTrigger(model, one);
	dropLooseForeignKeys(model);
	dropLooseObjects(model);
	return {model, rows};
}

/** Renames new tables and columns that have the name of dropped ones, because the diff would treat them as the same. */
function untangle(from: Model, to: Model): void {
	const isNew = (id: number, before: readonly {readonly id: number}[]) => !before.some((one) => one.id === id);
	const isDropped = (name: string, before: readonly Named[], after: readonly Named[]) =>
		before.some((one) => sameName(one.name, name) && isNew(one.id, after));
	for (const table of to.tables) {
		if (isNew(table.id, from.tables) && isDropped(table.name, from.tables, to.tables)) table.name = nameFor(0, takenNames(from, to));
		const before = from.tables.find(({id}) => id === table.id);
		if (before === undefined) continue;
		for (const column of table.columns) {
			if (!isNew(column.id, before.columns) || !isDropped(column.name, before.columns, table.columns)) continue;
			column.name = nameFor(
				0,
				[...before.columns, ...table.columns].map(({name}) => name),
			);
		}
		// A rowid that is newly assigned to a row cannot be predicted.
		const [key] = table.key?.columns ?? [];
		if (before.withoutRowid && !table.withoutRowid)
			table.foreignKeys = table.foreignKeys.filter(({columns}) => key === undefined || !columns.includes(key.column));
	}
}

interface Named {
	readonly id: number;
	readonly name: string;
}
