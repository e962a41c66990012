import {bindArguments} from '../../../models/python/arguments.ts';
import {type PythonText, pythonError} from '../../../models/python/text.ts';
import type {Placed, PlacedArgument} from '../../../models/python/value.ts';
import type {Operation} from '../../../operations/operation.ts';
import {identifier} from '../../../schema/identifiers.ts';
import {nearest} from '../../../text/nearest.ts';
import {type Arguments, flagArgument, listArgument, nameArgument, namesArgument, parametersOf, statementArgument, textArgument} from './arguments.ts';
import {addedColumn, columnsArgument, createTableText, pythonDefault} from './definition.ts';

interface Method {
	readonly parameters: readonly string[];
	readonly required: number;
	readonly read: (given: Arguments) => Operation;
}

/** The methods of pylite-orm's `Op`, with their parameters in order. */
const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
	['create_table', {parameters: ['table_name', 'columns', 'relation', 'if_not_exists'], required: 2, read: createTable}],
	['drop_table', {parameters: ['table_name', 'if_exists'], required: 1, read: dropTable}],
	['add_column', {parameters: ['table_name', 'column_name', 'col_type', 'nullable', 'default'], required: 3, read: addColumn}],
	['rename_column', {parameters: ['table_name', 'old_name', 'new_name'], required: 3, read: renameColumn}],
	['create_index', {parameters: ['index_name', 'table_name', 'columns', 'unique'], required: 3, read: createIndex}],
	['drop_index', {parameters: ['index_name'], required: 1, read: dropIndex}],
	['rebuild_table', {parameters: ['table_name', 'new_columns_def', 'copy_columns', 'relation'], required: 3, read: rebuildTable}],
	['execute', {parameters: ['sql', 'params'], required: 1, read: execute}],
]);

/**
 * Returns the operation of one call `op.method(…)`.
 *
 * @throws MigrError for a method that pylite-orm does not have, and for arguments that are not literals
 */
export function operationOf(file: PythonText, from: number, op: string, name: string, list: readonly PlacedArgument[]): Operation {
	const label = `${op}.${name}`;
	const method = methods.get(name);
	if (method === undefined) {
		const suggestion = nearest(name, methods.keys());
		const hint = suggestion === undefined ? `use one of ${[...methods.keys()].join(', ')}` : `did you mean ${suggestion}?`;
		throw pythonError(file, from, `pylite-orm has no ${label}`, hint);
	}
	const given: ReadonlyMap<string, Placed> = bindArguments(label, method.parameters, list);
	const missing = method.parameters.slice(0, method.required).find((parameter) => !given.has(parameter));
	if (missing !== undefined) throw pythonError(file, from, `${label} needs ${missing}`, `use the parameters ${method.parameters.join(', ')}`);
	return method.read({label, file, from, given});
}

function createTable(call: Arguments): Operation {
	const table = nameArgument(call, 'table_name');
	const condition = flagArgument(call, 'if_not_exists', true) ? 'IF NOT EXISTS ' : '';
	return {kind: 'createTable', sql: createTableText(call, table, columnsArgument(call, 'columns'), condition)};
}

function dropTable(call: Arguments): Operation {
	return {kind: 'dropTable', table: nameArgument(call, 'table_name'), ...(flagArgument(call, 'if_exists', true) ? {ifExists: true} : {})};
}

function addColumn(call: Arguments): Operation {
	const isNullable = flagArgument(call, 'nullable', true);
	const value = call.given.get('default');
	const standard = value === undefined || value.value.kind === 'none' ? undefined : pythonDefault(`${call.label}: default`, value);
	const definition = addedColumn(call, {name: nameArgument(call, 'column_name'), type: textArgument(call, 'col_type'), isNullable, standard});
	return {kind: 'addColumn', table: nameArgument(call, 'table_name'), definition};
}

function renameColumn(call: Arguments): Operation {
	return {kind: 'renameColumn', table: nameArgument(call, 'table_name'), column: nameArgument(call, 'old_name'), to: nameArgument(call, 'new_name')};
}

function createIndex(call: Arguments): Operation {
	const [index, table] = [nameArgument(call, 'index_name'), nameArgument(call, 'table_name')];
	const columns = namesArgument(call, 'columns');
	if (columns.length === 0) throw pythonError(call.file, call.from, `${call.label}: columns is empty`, "name a column: ['name']");
	const unique = flagArgument(call, 'unique', false) ? 'UNIQUE ' : '';
	const sql = `CREATE ${unique}INDEX IF NOT EXISTS ${identifier(index)} ON ${identifier(table)} (${columns.map(identifier).join(', ')})`;
	return {kind: 'createIndex', sql};
}

function dropIndex(call: Arguments): Operation {
	return {kind: 'dropIndex', index: nameArgument(call, 'index_name'), ifExists: true};
}

/**
 * Reads `rebuild_table`. pylite-orm copies the listed columns into a new table, and drops the old table with its indexes. Later calls recreate the
 * indexes. Unlike pylite-orm, this also keeps triggers, and the values of unlisted columns that are in both tables.
 */
function rebuildTable(call: Arguments): Operation {
	const table = nameArgument(call, 'table_name');
	const columns = columnsArgument(call, 'new_columns_def');
	for (const {value, file, from} of listArgument(call, 'copy_columns', 'a list of names')) {
		const copied = value.kind === 'string' ? value.value : undefined;
		if (copied !== undefined && columns.some(({name}) => name === copied)) continue;
		const hint = `list only columns of the new table: ${columns.map(({name}) => name).join(', ')}`;
		throw pythonError(file, from, `${call.label}: copy_columns contains a column that is not in the new table`, hint);
	}
	return {kind: 'changeTable', table, sql: createTableText(call, table, columns, ''), fill: {}, dropsIndexes: true};
}

function execute(call: Arguments): Operation {
	return {kind: 'execute', sql: statementArgument(call, 'sql'), parameters: parametersOf(call, 'params')};
}
