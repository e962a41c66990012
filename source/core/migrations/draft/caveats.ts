import {nameKey} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import type {ProjectDraft} from './project-draft.ts';
import {movingDefaults} from './settled-defaults.ts';

/** What is wrong with a migration that was written, or with the models that it comes from, and what to do about it. */
export interface Caveat {
	readonly message: string;
	readonly mend: string;
}

/**
 * What stands in the way of making a new database from the migrations, now that a draft is one of them, and of models that stay the same.
 *
 * @param misfit what `writeDraft` says of it
 * @param database its name as it is told
 */
export function caveatsOf(project: ProjectDraft, misfit: string | undefined, database: string): readonly Caveat[] {
	const unmade = unmadeTables(project);
	return [
		...(unmade.length === 0
			? []
			: [
					{
						message: `no migration makes ${unmade.map(clean).join(', ')}, so this one fits ${database} and no new database`,
						mend: 'to mend that, remove the file, run lite-migr baseline <name>, which adopts what is there, and create it again',
					},
				]),
		...(misfit === undefined
			? []
			: [
					{
						message: `${database} was changed by other means, and this migration fits no database that the migrations alone made: ${clean(misfit)}`,
						mend: 'to mend that, remove the file, run lite-migr baseline <name>, which takes the change into the migrations, and create it again',
					},
				]),
		...movingCaveats(project.models),
	];
}

/** Without these the migration would be as right as it is; the next row would not. */
export function movingCaveats(models: Schema): readonly Caveat[] {
	const names = movingDefaults(models).map(({table, column}) => clean(`${table.name}.${column.name}`));
	if (names.length === 0) return [];
	return [
		{
			message: `the default of ${names.join(', ')} is another value each time the models are loaded; what the database has stays, as one value for all rows`,
			mend: "for one that is made when a row is written use SQL, such as sql`(unixepoch())`, or Drizzle's .$defaultFn(() => …)",
		},
	];
}

/** What the first migration builds upon, where a database was not adopted before: its tables, but for those that the migration drops. */
function unmadeTables({base: {state, present}, draft: {operations}}: ProjectDraft): readonly string[] {
	if (present === undefined || state.applied.length + state.files.length > 0) return [];
	const dropped = operations.flatMap((operation) => (operation.kind === 'dropTable' ? [nameKey(operation.table)] : []));
	return present.tables.map(({name}) => name).filter((name) => !dropped.includes(nameKey(name)));
}
