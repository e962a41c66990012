import {readTable} from '../../ddl/read.ts';
import {renderTable} from '../../ddl/render.ts';
import {findColumn, findTable} from '../../schema/lookup.ts';
import type {Column, Schema, Table} from '../../schema/schema.ts';

/**
 * Returns the models with defaults from the database, for defaults that change with each load of the models. A default that was written once stays, and
 * is not a difference. A new column gets the value of this load.
 */
export function withSettledDefaults(models: Schema, from: Schema): Schema {
	const tables = models.tables.map((table) => settled(table, findTable(from, table.renamedFrom ?? table.name) ?? findTable(from, table.name)));
	return tables.every((table, index) => table === models.tables[index]) ? models : {...models, tables};
}

/** Returns every column whose default changes with each load. */
export function movingDefaults(models: Schema): readonly {readonly table: Table; readonly column: Column}[] {
	return models.tables.flatMap((table) => table.columns.flatMap((column) => (column.hasMovingDefault ? [{table, column}] : [])));
}

function settled(table: Table, before: Table | undefined): Table {
	if (before === undefined || !table.columns.some(({hasMovingDefault}) => hasMovingDefault)) return table;
	const columns = table.columns.map((column) => {
		const stored = column.hasMovingDefault ? findColumn(before, column.renamedFrom ?? column.name)?.default : undefined;
		return stored === undefined ? column : {...column, default: stored};
	});
	const {sql} = readTable(renderTable({...table, columns}));
	return {...table, columns, sql};
}
