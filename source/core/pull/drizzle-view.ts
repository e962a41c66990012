import {nameKey} from '../schema/identifiers.ts';
import type {Schema, View} from '../schema/schema.ts';
import {memoryCopy} from '../sqlite/memory-copy.ts';
import {objectKey, textLiteral} from '../text/typescript.ts';
import {columnKeys} from './drizzle-names.ts';
import {columnSource, exportOf, sqlSource, type Writing} from './drizzle-writing.ts';

export interface ViewColumn {
	readonly name: string;
	/** '' for an expression. */
	readonly type: string;
}

/** Returns a view as `export const adult = sqliteView(…)`. */
export function viewSource(writing: Writing, view: View, columns: readonly ViewColumn[]): string {
	writing.core.add('sqliteView');
	const keys = columnKeys(columns.map(({name}) => name));
	const properties = columns.map((column) => `\t${objectKey(keys.get(nameKey(column.name)) ?? '')}: ${columnSource(writing, column)},\n`);
	const shape = properties.length === 0 ? '{}' : `{\n${properties.join('')}}`;
	return `export const ${exportOf(writing, view.name)} = sqliteView(${textLiteral(view.name)}, ${shape}).as(${sqlSource(writing, view.select.text)});`;
}

/**
 * Returns the columns of all views, by the key of the view's name. To let SQLite find them, the schema is built in memory. A broken view has no
 * columns.
 *
 * @throws MigrError `database` if the schema cannot be built
 */
export function viewColumns(schema: Schema): ReadonlyMap<string, readonly ViewColumn[]> {
	if (schema.views.length === 0) return new Map();
	const db = memoryCopy({...schema, triggers: []});
	const columnsOf = (view: View): readonly ViewColumn[] => {
		try {
			return db.all('SELECT name, type FROM pragma_table_xinfo(?)', view.name) as readonly unknown[] as readonly ViewColumn[];
		} catch {
			return [];
		}
	};
	try {
		return new Map(schema.views.map((view) => [nameKey(view.name), columnsOf(view)]));
	} finally {
		db.close();
	}
}
