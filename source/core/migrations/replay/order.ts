import {MigrError} from '../../errors.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import {loadMigrations} from '../files/load.ts';
import type {Migration} from '../files/migration.ts';
import {newestName, type ProjectState} from '../history/state.ts';
import {replay, upgradesOf} from './replay.ts';
import {schemaDifferences} from './schema-differences.ts';

/**
 * Migrations that are older than one that was applied already (a merged branch) may run only where the order makes no difference: all migrations in
 * the order in which they would then have run must give the schema that they give in the order of their names.
 *
 * Returns a notice for each of them. Throws MigrError `history` where the orders differ, or where that cannot be known.
 */
export async function checkOrder(state: ProjectState, selected: readonly string[]): Promise<readonly string[]> {
	const late = state.pending.filter(({file, outOfOrder}) => outOfOrder && selected.includes(file.name)).map(({file}) => file.name);
	const newest = newestName(state.applied);
	if (late.length === 0 || newest === null) return [];
	if (state.missing.length > 0) {
		return late.map(
			(name) => `${name} is older than ${newest}, and the file of ${state.missing.join(', ')} is missing: whether the order matters is not known`,
		);
	}
	const loaded = new Map((await loadMigrations(state.files)).map((migration) => [migration.name, migration]));
	const inOrder = (names: readonly string[]) => names.flatMap((name) => loaded.get(name) ?? []);
	const involved = new Set([...state.applied.map(({name}) => name), ...selected]);
	const actual = [...state.applied.map(({name}) => name), ...selected];
	const byName = state.files.map(({name}) => name).filter((name) => involved.has(name));
	const [first, second] = [await schemaOf(inOrder(actual), late), await schemaOf(inOrder(byName), late)];
	const differences = schemaDifferences(second, first);
	if (differences.length === 0)
		return late.map((name) => `${name} is older than ${newest}, which was applied before it; the order makes no difference`);
	throw conflict(
		late,
		`its place in the order matters: ${differences.map(({object, name}) => `${object} ${clean(name)}`).join(', ')} would come out differently`,
	);
}

async function schemaOf(migrations: readonly Migration[], late: readonly string[]): Promise<Schema> {
	try {
		return (await replay(emptySchema, upgradesOf(migrations))).schema;
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		throw conflict(late, `the migrations do not fit together in this order: ${error.message}`, error);
	}
}

function conflict(late: readonly string[], reason: string, cause?: MigrError): MigrError {
	const [first = ''] = late;
	return new MigrError('history', `${late.join(', ')} is older than migrations that were applied already, and ${reason}`, {
		...(cause?.location === undefined ? {} : {location: cause.location}),
		hint: `look at what both change, then give ${first} a newer time in its file name, or write its changes into a new migration`,
		cause,
	});
}
