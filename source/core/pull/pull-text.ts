import {indexesOf, triggersOf} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';
import {plural} from '../text/numbers.ts';
import type {Pulled, PullFormat} from './pull.ts';
import type {PulledDatabase} from './pull-database.ts';

export const formatNames: Readonly<Record<PullFormat, string>> = {ts: 'TypeScript', sql: 'SQL', drizzle: 'Drizzle'};

/** What to do when the models are written. */
export const afterPull = 'lite-migr baseline start, if the database has no migrations yet';

/** `2 tables, 1 index, 1 view, 1 trigger`. */
export function foundText({tables, indexes, views, triggers, virtualTables}: Schema): string {
	return [
		plural(tables.length, 'table'),
		...(virtualTables.length === 0 ? [] : [plural(virtualTables.length, 'virtual table')]),
		plural(indexes.length, 'index', 'indexes'),
		plural(views.length, 'view'),
		plural(triggers.length, 'trigger'),
	].join(', ');
}

/** A table, view or virtual table, and what it is made of in words. */
export interface FoundObject {
	readonly name: string;
	/** `2 columns`, `1 index`; `view`. */
	readonly about: readonly string[];
}

/** What stands in a schema, in its order; indexes and triggers are told with what they stand on. */
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

/** What the models do not say as the database does, a line each. Names in it are as they are in the database. */
export function pullNotes({
	format,
	mended,
	unsaid,
	differences,
}: Pick<PulledDatabase, 'format' | 'mended' | 'unsaid' | 'differences'>): readonly string[] {
	const objects = differences.map(({object, name}) => `${object === 'virtualTable' ? 'virtual table' : object} ${name}`);
	return [
		...mended,
		...unsaid.map((line) => `${formatNames[format]} cannot say: ${line}`),
		...(objects.length === 0 ? [] : [`not as in the database: ${objects.join(', ')}; lite-migr diff shows how`]),
	];
}

/** Model files that are there already, by name: those that would be replaced, and those that would stand beside. */
export function takenBy({files, others}: Pick<Pulled, 'files' | 'others'>, shown: (path: string) => string): readonly string[] {
	return [...files.filter(({exists}) => exists).map(({name}) => name), ...others.map(shown)];
}
