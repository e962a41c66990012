import {readColumn, readTable} from '../../../ddl/read.ts';
import {MigrError} from '../../../errors.ts';
import {floatText} from '../../../models/python/literals.ts';
import {renderForeignKey} from '../../../models/python/render.ts';
import {pythonError} from '../../../models/python/text.ts';
import {describe, unsupportedValue} from '../../../models/python/unsupported-value.ts';
import type {Placed} from '../../../models/python/value.ts';
import {identifier, sameName} from '../../../schema/identifiers.ts';
import {type Arguments, listArgument, plainName, truth} from './arguments.ts';

/** A column as written in Python: `('age', 'INTEGER', {'nullable': False})`. */
export interface PythonColumn {
	readonly name: string;
	readonly type: string;
	readonly isNullable: boolean;
	readonly isKey?: boolean;
	readonly isAutoincrement?: boolean;
	readonly isUnique?: boolean;
	/** The SQL after DEFAULT. */
	readonly standard: string | undefined;
}

const options = ['primary_key', 'autoincrement', 'nullable', 'unique', 'default'];

/** Returns the columns of a create_table or rebuild_table call. */
export function columnsArgument(call: Arguments, parameter: string): readonly PythonColumn[] {
	const columns = listArgument(call, parameter, "a list of columns: [('id', 'INTEGER', {'primary_key': True})]").map((item) => columnOf(call, item));
	if (columns.length === 0) throw pythonError(call.file, call.from, `${call.label}: a table needs at least one column`);
	return columns;
}

function columnOf(call: Arguments, placed: Placed): PythonColumn {
	const {value} = placed;
	const hint = "write ('name', 'TEXT', {'nullable': False})";
	if ((value.kind !== 'tuple' && value.kind !== 'list') || value.items.length > 3) throw unsupportedValue(`${call.label}: a column`, placed, hint);
	const [named, typed, extra] = value.items;
	if (named === undefined) throw pythonError(placed.file, placed.from, `${call.label}: a column has no name`, hint);
	const name = plainName(`${call.label}: the name of a column`, named);
	const label = `${call.label}: ${name}`;
	if (typed !== undefined && typed.value.kind !== 'string') throw unsupportedValue(`${label}: its type`, typed, hint);
	const given = extra === undefined ? new Map<string, Placed>() : optionsOf(label, extra, hint);
	const is = (option: string, defaultValue: boolean) => {
		const set = given.get(option);
		return set === undefined ? defaultValue : truth(`${label}: ${option}`, set);
	};
	const standard = given.get('default');
	return {
		name,
		type: typed?.value.kind === 'string' ? typed.value.value.trim() : 'TEXT',
		isNullable: is('nullable', true),
		isKey: is('primary_key', false),
		isAutoincrement: is('autoincrement', false),
		isUnique: is('unique', false),
		standard: standard === undefined ? undefined : pythonDefault(`${label}: default`, standard),
	};
}

function optionsOf(label: string, placed: Placed, hint: string): ReadonlyMap<string, Placed> {
	if (placed.value.kind !== 'dict') throw unsupportedValue(`${label}: its options`, placed, hint);
	const given = new Map<string, Placed>();
	for (const {key, value} of placed.value.entries) {
		const name = key.value.kind === 'string' ? key.value.value : undefined;
		if (name === undefined || !options.includes(name)) {
			throw pythonError(key.file, key.from, `${label}: pylite-orm has no option ${describe(key.value)}`, `use one of ${options.join(', ')}`);
		}
		given.set(name, value);
	}
	return given;
}

/** Returns what pylite-orm writes after DEFAULT: a string unchanged, because it is SQL, any other value as Python prints it. */
export function pythonDefault(label: string, placed: Placed): string {
	const {value, file, from} = placed;
	switch (value.kind) {
		case 'string':
			if (value.value.trim() === '') throw pythonError(file, from, `${label} is empty`, `for an empty string, write "''"`);
			return value.value.trim();
		case 'integer':
			return String(value.value);
		case 'float':
			return floatText(value.value);
		case 'boolean':
			return value.value ? 'True' : 'False';
		case 'none':
			throw pythonError(file, from, `${label} is None, which would become the string 'None'`, 'remove it');
		default:
			throw unsupportedValue(label, placed, 'write a number or SQL in quotes: "0", "\'none\'", "CURRENT_TIMESTAMP"');
	}
}

function columnText({name, type, isKey, isAutoincrement, isNullable, isUnique, standard}: PythonColumn): string {
	return [
		identifier(name),
		...(type === '' ? [] : [type]),
		...(isKey === true ? ['PRIMARY KEY'] : []),
		...(isAutoincrement === true ? ['AUTOINCREMENT'] : []),
		...(isNullable ? [] : ['NOT NULL']),
		...(isUnique === true ? ['UNIQUE'] : []),
		...(standard === undefined ? [] : [`DEFAULT ${standard}`]),
	].join(' ');
}

/** Returns the CREATE TABLE statement of a create_table or rebuild_table call, with the foreign keys in `relation`. */
export function createTableText(call: Arguments, table: string, columns: readonly PythonColumn[], condition: string): string {
	const relation = call.given.get('relation');
	const relations =
		relation === undefined || relation.value.kind === 'none' ? [] : listArgument(call, 'relation', "a list: [('user_id', 'user', 'id', 'CASCADE')]");
	const lines = [...columns.map(columnText), ...relations.map((item) => foreignKeyText(call, table, columns, item))];
	const sql = `CREATE TABLE ${condition}${identifier(table)} (\n${lines.map((line) => `    ${line}`).join(',\n')}\n)`;
	checkDefinition(call, columns.length, () => readTable(sql).columns.length);
	return sql;
}

/** Returns the definition of a column for ADD COLUMN. */
export function addedColumn(call: Arguments, column: PythonColumn): string {
	const definition = columnText(column);
	checkDefinition(call, 1, () => (readColumn(definition).column.name === column.name ? 1 : 0));
	return definition;
}

/** Checks that types and defaults, which are SQL, define exactly the listed columns. */
function checkDefinition({label, file, from}: Arguments, expected: number, count: () => number): void {
	let found: number;
	try {
		found = count();
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		throw pythonError(file, from, `${label}: ${error.message}`, error.hint ?? 'check the types and defaults of its columns: they must be valid SQL');
	}
	if (found !== expected) throw pythonError(file, from, `${label}: a type or a default contains another column`, 'list each column separately');
}

const actions = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION'];

function foreignKeyText(call: Arguments, table: string, columns: readonly PythonColumn[], placed: Placed): string {
	const {value, file, from} = placed;
	const hint = "write ('user_id', 'user', 'id', 'CASCADE')";
	const items = value.kind === 'tuple' || value.kind === 'list' ? value.items : [];
	const [own, parent, parentColumn, action] = items;
	if (own === undefined || parent === undefined || parentColumn === undefined || items.length > 4)
		throw unsupportedValue(`${call.label}: a relation`, placed, hint);
	const label = `${call.label}: a part of relation`;
	const column = plainName(label, own);
	const onDelete = action === undefined ? 'NO ACTION' : action.value.kind === 'string' ? action.value.value : undefined;
	if (onDelete === undefined || !actions.includes(onDelete))
		throw unsupportedValue(`${call.label}: ON DELETE`, action ?? placed, `use one of ${actions.join(', ')}`);
	if (onDelete === 'SET NULL' && columns.some(({name, isNullable}) => sameName(name, column) && !isNullable)) {
		throw pythonError(file, from, `${call.label}: ${column} is NOT NULL, so ON DELETE SET NULL would always fail`, "remove 'nullable': False");
	}
	return renderForeignKey(table, column, plainName(label, parent), plainName(label, parentColumn), onDelete);
}
