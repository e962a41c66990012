import {readTable} from '../../ddl/read.ts';
import {renderTable} from '../../ddl/render.ts';
import {findColumn, findTable} from '../../schema/lookup.ts';
import type {Schema, Table} from '../../schema/schema.ts';

/**
 * Returns the models with TEXT for columns whose type comes from a Python annotation, if the database has them as TEXT: pylite-orm 0.1.4 created every
 * such column as TEXT. A new column gets the type of its annotation.
 */
export function withSettledTypes(models: Schema, from: Schema): Schema {
	const tables = models.tables.map((table) => settled(table, findTable(from, table.renamedFrom ?? table.name) ?? findTable(from, table.name)));
	return tables.every((table, index) => table === models.tables[index]) ? models : {...models, tables};
}

function settled(table: Table, before: Table | undefined): Table {
	if (before === undefined || !table.columns.some(({hasInferredType}) => hasInferredType)) return table;
	let isChanged = false;
	const columns = table.columns.map((column) => {
		const stored = column.hasInferredType === true ? findColumn(before, column.renamedFrom ?? column.name)?.type : undefined;
		if (stored === undefined || stored.toUpperCase() !== 'TEXT' || column.type.toUpperCase() === 'TEXT') return column;
		isChanged = true;
		return {...column, type: stored};
	});
	return isChanged ? {...table, columns, sql: readTable(renderTable({...table, columns})).sql} : table;
}
