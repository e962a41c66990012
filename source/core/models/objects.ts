import {readStatement} from '../ddl/read.ts';
import {renderTable} from '../ddl/render.ts';
import {MigrError} from '../errors.ts';
import type {SchemaObject, Source, Table} from '../schema/schema.ts';
import type {Model, ModelStatement} from './language/model.ts';
import {plainPath} from './modules/url.ts';

/** The parts of a schema that a model of the table language stands for, read back from the DDL that it renders to. */
export function objectsOf(model: Model): readonly SchemaObject[] {
	if (model.protocol > 1) {
		throw new MigrError('model', `${model.name} was made by a newer lite-migr than this one`, {
			...(model.source === undefined ? {} : {location: located(model.source)}),
			hint: "install the same version, or run the project's own: npx lite-migr",
		});
	}
	return model.statements().map(objectOf);
}

/** One statement that a loader rendered, with the places and renames of the model; a table's text in its canonical form. */
export function objectOf(statement: ModelStatement): SchemaObject {
	const source = statement.source === undefined ? undefined : located(statement.source);
	let object: SchemaObject | undefined;
	try {
		object = readStatement(statement.sql);
	} catch (error) {
		throw error instanceof MigrError ? unreadable(error, source) : error;
	}
	if (object === undefined) throw new TypeError(`no definition: ${statement.sql}`);
	const placed = {...object, ...(source === undefined ? {} : {source})};
	return placed.kind === 'table' ? canonicalTable(placed, statement) : placed;
}

/** Where the text is made by a machine, the place in it says nothing; the line of the model does. */
function unreadable(error: MigrError, source: Source | undefined): MigrError {
	return new MigrError('model', error.message, {
		...(error.hint === undefined ? {} : {hint: error.hint}),
		...(source === undefined ? {} : {location: source}),
		cause: error,
	});
}

function canonicalTable(table: Table, statement: ModelStatement): Table {
	const columns = table.columns.map((column) => {
		const {source, renamedFrom} = statement.columns?.[column.name] ?? {};
		return {...column, ...(source === undefined ? {} : {source: located(source)}), ...(renamedFrom === undefined ? {} : {renamedFrom})};
	});
	const renamedFrom = statement.renamedFrom === undefined ? {} : {renamedFrom: statement.renamedFrom};
	return {...table, columns, ...renamedFrom, sql: renderTable(table)};
}

function located(source: Source): Source {
	return {...source, file: plainPath(source.file)};
}
