import {readStatement} from '../ddl/read.ts';
import {renderTable} from '../ddl/render.ts';
import {MigrError, restated} from '../errors.ts';
import type {Column, SchemaObject, Source, Table} from '../schema/schema.ts';
import type {Model, ModelColumn, ModelStatement} from './language/model.ts';
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

/**
 * One statement that a loader rendered, with the places and renames of the model; a table's text in its canonical form.
 * Its lines and those of its columns are needed for few errors and dear to find: they are looked up when they are read.
 */
export function objectOf(statement: ModelStatement): SchemaObject {
	const object = readRendered(statement);
	return withSource(object.kind === 'table' ? canonicalTable(object, statement) : object, statement);
}

function readRendered(statement: ModelStatement): SchemaObject {
	let object: SchemaObject | undefined;
	try {
		object = readStatement(statement.sql);
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		// Where the text is made by a machine, the place in it says nothing; the line of the model does.
		throw restated(error, {code: 'model', location: statement.source === undefined ? null : located(statement.source)});
	}
	if (object === undefined) throw new TypeError(`no definition: ${statement.sql}`);
	return object;
}

function canonicalTable(table: Table, statement: ModelStatement): Table {
	const columns = table.columns.map((column) => {
		const origin = statement.columns?.[column.name];
		return origin === undefined ? column : withSource({...column, ...renamed(origin)}, origin);
	});
	return {...table, columns, ...renamed(statement), sql: renderTable(table)};
}

function renamed({renamedFrom}: ModelColumn | ModelStatement): {readonly renamedFrom?: string} {
	return renamedFrom === undefined ? {} : {renamedFrom};
}

function withSource<Part extends SchemaObject | Column>(part: Part, origin: {readonly source: Source | undefined}): Part {
	return Object.defineProperty({...part}, 'source', {get: () => (origin.source === undefined ? undefined : located(origin.source))});
}

function located(source: Source): Source {
	return {...source, file: plainPath(source.file)};
}
