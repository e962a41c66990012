import {readStatement} from '../ddl/read.ts';
import {renderTable} from '../ddl/render.ts';
import {MigrError, restated} from '../errors.ts';
import {plainPath} from '../modules/module-url.ts';
import type {Column, SchemaObject, Source, Table} from '../schema/schema.ts';
import type {Model, ModelColumn, ModelStatement} from './language/model.ts';

/** Returns the schema objects of a model in the table language, read back from the DDL it renders to. */
export function objectsOf(model: Model): readonly SchemaObject[] {
	if (model.protocol > 1) {
		throw new MigrError('model', `${model.name} was created by a newer version of lite-migr`, {
			location: model.source && located(model.source),
			hint: "install the same version, or run the project's version: npx lite-migr",
		});
	}
	return model.statements().map(objectOf);
}

/**
 * Reads one statement that a loader rendered, and adds the locations and renames of the model. A table's text is converted to its canonical form.
 * Line numbers are expensive to find and few errors need them, so they are computed on demand.
 */
export function objectOf(statement: ModelStatement): SchemaObject {
	const object = readRendered(statement);
	return withSource(object.kind === 'table' ? canonicalTable(object, statement) : object, statement);
}

function readRendered(statement: ModelStatement): SchemaObject {
	requireStorable(statement);
	let object: SchemaObject | undefined;
	try {
		object = readStatement(statement.sql);
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		// A location in generated text does not help the user, but the line of the model does.
		throw restated(error, {code: 'model', location: statement.source === undefined ? null : located(statement.source)});
	}
	if (object === undefined) throw new TypeError(`no definition: ${statement.sql}`);
	return object;
}

/** SQLite stores definitions as UTF-8 text that ends at a NUL character. A definition with other characters would differ from the stored one forever. */
function requireStorable({sql, source}: ModelStatement): void {
	const [lone] = sql.isWellFormed() ? [] : (/\p{Surrogate}/u.exec(sql) ?? []);
	if (lone === undefined && !sql.includes('\0')) return;
	const [message, hint] =
		lone === undefined
			? ['the model contains a NUL character', 'remove it from names and defaults: SQL text ends at a NUL character']
			: [
					`the model contains ${JSON.stringify(lone)}, which is half of a character`,
					'write the other half as well, or remove it from names and defaults',
				];
	throw new MigrError('model', message, {location: source && located(source), hint});
}

function canonicalTable(table: Table, statement: ModelStatement): Table {
	const columns = table.columns.map((column) => {
		const origin = statement.columns?.[column.name];
		return origin === undefined ? column : withSource({...column, renamedFrom: origin.renamedFrom ?? column.renamedFrom, ...marksOf(origin)}, origin);
	});
	return {
		...table,
		columns,
		...(statement.writtenIn === undefined ? {} : {writtenIn: statement.writtenIn}),
		renamedFrom: statement.renamedFrom ?? table.renamedFrom,
		sql: renderTable(table),
	};
}

/** Adds a location to a part. Its getter is enumerable, so a copy of the part has the location as well. */
function withSource<Part extends SchemaObject | Column>(part: Part, origin: {readonly source: Source | undefined}): Part {
	return {
		...part,
		get source() {
			return origin.source && located(origin.source);
		},
	};
}

/** Returns the properties of a column that the model does not decide. */
function marksOf({hasInferredType, hasUnstatedDefault}: ModelColumn): Pick<Column, 'hasInferredType' | 'hasUnstatedDefault'> {
	return {...(hasInferredType === true ? {hasInferredType} : {}), ...(hasUnstatedDefault === true ? {hasUnstatedDefault} : {})};
}

function located(source: Source): Source {
	return {...source, file: plainPath(source.file)};
}
