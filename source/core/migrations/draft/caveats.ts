import {rebuiltBy, selectiveTrigger} from '../../operations/full-text.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {findVirtualTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import type {ProjectDraft} from './project-draft.ts';
import {movingDefaults} from './settled-defaults.ts';

/** A problem with a new migration or with its models, and how to fix it. */
export interface Caveat {
	readonly message: string;
	readonly fix: string;
}

/**
 * Returns which existing rows make a new draft fail, which full-text indexes it fills with more rows than their triggers, why the migrations, including
 * the draft, cannot build a new database, and which defaults in the models change with each load.
 *
 * @param newDatabaseProblem the `incompatible` that `writeDraft` returned
 * @param database the name of the database to show
 */
export function caveatsOf(project: ProjectDraft, newDatabaseProblem: string | undefined, database: string): readonly Caveat[] {
	const withoutMigration = tablesWithoutMigration(project);
	const failing = project.draft.findings.filter(({blocking}) => blocking);
	return [
		...(failing.length === 0
			? []
			: [
					{
						message: `upgrade fails on ${database} until these rows are fixed: ${failing.map(({table, column, message}) => clean(`${column === null ? table : `${table}.${column}`}: ${message}`)).join('; ')}`,
						fix: 'fix the rows, or remove the file, change the models or the answers, and create it again',
					},
				]),
		...fillCaveats(project),
		...(withoutMigration.length === 0
			? []
			: [
					{
						message: `no migration creates ${withoutMigration.map(clean).join(', ')}, so this one works on ${database}, but not on a new database`,
						fix: 'to fix this, remove the file, run lite-migr baseline <name> to adopt the existing tables, and create it again',
					},
				]),
		...(newDatabaseProblem === undefined
			? []
			: [
					{
						message: `${database} was changed outside lite-migr, so this migration fails on a database built only from the migrations: ${clean(newDatabaseProblem)}`,
						fix: 'to fix this, remove the file, run lite-migr baseline <name> to record the change in a migration, and create it again',
					},
				]),
		...movingCaveats(project.models),
	];
}

/** Returns the caveats about full-text indexes that the migration fills with all rows, although a trigger adds only some, or removes some. */
function fillCaveats({models, draft: {operations}}: ProjectDraft): readonly Caveat[] {
	return operations.flatMap((operation): readonly Caveat[] => {
		const index = findVirtualTable(models, rebuiltBy(operation) ?? '');
		const trigger = index === undefined ? undefined : selectiveTrigger(index, models);
		if (index === undefined || trigger === undefined) return [];
		return [
			{
				message: `the migration fills ${clean(index.name)} with all existing rows, but trigger ${clean(trigger.name)} adds or removes only some of them`,
				fix: "to index only some of the existing rows, replace the statement with 'rebuild' in the file by an INSERT that selects them",
			},
		];
	});
}

/** Returns the caveats about defaults that change with each load of the models. */
export function movingCaveats(models: Schema): readonly Caveat[] {
	const names = movingDefaults(models).map(({table, column}) => clean(`${table.name}.${column.name}`));
	if (names.length === 0) return [];
	return [
		{
			message: `the default of ${names.join(', ')} is different each time the models are loaded, so the database keeps one fixed value for all rows`,
			fix: "to compute it for each row, use SQL, such as sql`(unixepoch())`, or Drizzle's .$defaultFn(() => …)",
		},
	];
}

/** Returns the existing tables that a first migration depends on, if the database was not adopted before. Excludes tables that the migration drops. */
function tablesWithoutMigration({base: {state, present}, draft: {operations}}: ProjectDraft): readonly string[] {
	if (present === undefined || state.applied.length + state.files.length > 0) return [];
	const dropped = operations.flatMap((operation) => (operation.kind === 'dropTable' ? [nameKey(operation.table)] : []));
	return present.tables.map(({name}) => name).filter((name) => !dropped.includes(nameKey(name)));
}
