import {indexesOf, triggersOf} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';
import {plural} from '../text/numbers.ts';
import type {Pulled, PullFormat} from './pull.ts';
import type {PulledDatabase} from './pull-database.ts';

export const formatNames: Readonly<Record<PullFormat, string>> = {ts: 'TypeScript', sql: 'SQL', drizzle: 'Drizzle'};

/** The next step after the models are written. */
export const afterPull = 'lite-migr baseline start, if the database has no migrations yet';

/** Counts the objects of a schema: `2 tables, 1 index, 1 view, 1 trigger`. */
export function foundText({tables, indexes, views, triggers, virtualTables}: Schema): string {
	return [
		plural(tables.length, 'table'),
		...(virtualTables.length === 0 ? [] : [plural(virtualTables.length, 'virtual table')]),
		plural(indexes.length, 'index', 'indexes'),
		plural(views.length, 'view'),
		plural(triggers.length, 'trigger'),
	].join(', ');
}

/** A table, view or virtual table with a short description. */
export interface FoundObject {
	readonly name: string;
	/** Short facts: `2 columns`, `1 index`, or `view`. */
	readonly about: readonly string[];
}

/** Lists the tables, virtual tables and views of a schema, in order. Indexes and triggers are counted with the table or view they belong to. */
export function foundObjects(schema: Schema): readonly FoundObject[] {
	const some = (count: number, one: string, many?: string) => (count === 0 ? [] : [plural(count, one, many)]);
	const triggers = (name: string) => some(triggersOf(schema, name).length, 'trigger');
	return [
		...schema.tables.map(({name, columns}) => ({
			name,
			about: [plural(columns.length, 'column'), ...some(indexesOf(schema, name).length, 'index', 'indexes'), ...triggers(name)],
		})),
		...schema.virtualTables.map(({name, module}) => ({name, about: [`virtual table, ${module}`]})),
		...schema.views.map(({name}) => ({name, about: ['view', ...triggers(name)]})),
	];
}

/** Describes how the models differ from the database, one difference per line. Names are not escaped. */
export function pullNotes({
	format,
	rewrittenStrings,
	limitations,
	differences,
}: Pick<PulledDatabase, 'format' | 'rewrittenStrings' | 'limitations' | 'differences'>): readonly string[] {
	const objects = differences.map(({object, name}) => `${object === 'virtualTable' ? 'virtual table' : object} ${name}`);
	return [
		...rewrittenStrings,
		...limitations.map((line) => `not supported by ${formatNames[format]}: ${line}`),
		...(objects.length === 0 ? [] : [`different from the database: ${objects.join(', ')}; run lite-migr diff for details`]),
	];
}

/** Returns the names of existing model files: the files that would be replaced, and the other files in the folder. */
export function takenBy({files, others}: Pick<Pulled, 'files' | 'others'>, shown: (path: string) => string): readonly string[] {
	return [...files.filter(({exists}) => exists).map(({name}) => name), ...others.map(shown)];
}
