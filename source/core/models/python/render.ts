import {identifier} from '../../schema/identifiers.ts';
import type {Relation} from './field.ts';
import type {ModelIndex, PythonModel, PythonModelColumn} from './model.ts';

/** Returns the CREATE TABLE statement that pylite-orm creates from a model, including constraint names. */
export function renderModel({table, columns}: PythonModel): string {
	const keys = columns.filter(({isKey}) => isKey);
	const lines = columns.map((column) => renderColumn(column, keys.length === 1));
	if (keys.length > 1) lines.push(`PRIMARY KEY (${keys.map(({name}) => identifier(name)).join(', ')})`);
	for (const {name, relation} of columns) if (relation !== undefined) lines.push(renderRelation(table, name, relation));
	return `CREATE TABLE ${identifier(table)} (\n${lines.map((line) => `    ${line}`).join(',\n')}\n)`;
}

function renderColumn({name, type, isKey, isNullable}: PythonModelColumn, hasOwnKey: boolean): string {
	return `${identifier(name)} ${type}${isKey && hasOwnKey ? ' PRIMARY KEY' : ''}${isNullable ? '' : ' NOT NULL'}`;
}

function renderRelation(table: string, column: string, relation: Relation): string {
	return renderForeignKey(table, column, relation.table, relation.column, relation.onDelete);
}

/** Returns a foreign key with the name that pylite-orm chooses, which has the last part of the table's name. */
export function renderForeignKey(table: string, column: string, parent: string, parentColumn: string, onDelete: string): string {
	const name = `fk_${table.split('_').at(-1)}_${column}_${parent}_${parentColumn}`;
	return `CONSTRAINT ${identifier(name)} FOREIGN KEY (${identifier(column)}) REFERENCES ${identifier(parent)} (${identifier(parentColumn)}) ON DELETE ${onDelete}`;
}

export function renderModelIndex(table: string, {name, columns}: ModelIndex): string {
	return `CREATE INDEX ${identifier(name)} ON ${identifier(table)} (${columns.map(identifier).join(', ')})`;
}
