import {MigrError} from '../../errors.ts';
import {emptySchema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import {loadMigrations} from '../files/load.ts';
import type {Migration} from '../files/migration.ts';
import {newestName, type ProjectState} from '../history/state.ts';
import {createAgain, explainChangedTable} from './changed-table.ts';
import {type Replay, replay, upgradesOf} from './replay.ts';
import {type RowAccesses, rowAccesses, sameAccess, sameTables, sharedTables} from './row-access.ts';
import {schemaDifferences} from './schema-differences.ts';

/**
 * Migrations that are older than one that was applied already (a merged branch) may run only if the order makes no difference: all migrations in the
 * order in which they would then have run give the schema that they give in the order of their names, and of two that change places, neither writes
 * rows of a table that the other reads or writes.
 *
 * Returns a notice for each of them. Throws MigrError `history` if the orders differ, or if that cannot be known.
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
	const applied = state.applied.map(({name}) => name);
	const loaded = new Map((await loadMigrations(state.files)).map((migration) => [migration.name, migration]));
	const inOrder = (names: readonly string[]) => names.flatMap((name) => loaded.get(name) ?? []);
	const involved = new Set([...applied, ...selected]);
	const byName = state.files.map(({name}) => name).filter((name) => involved.has(name));
	const order: Order = {late, applied, rows: rowAccesses(), rowsByName: rowAccesses()};
	const first = await replayIn(inOrder([...applied, ...selected]), order, order.rows);
	const second = await replayIn(inOrder(byName), order, order.rowsByName);
	const differences = schemaDifferences(second.schema, first.schema);
	if (differences.length > 0) {
		const objects = differences.map(({object, name}) => `${object} ${clean(name)}`).join(', ');
		throw conflict(late, `its place in the order matters: ${objects} would come out differently`);
	}
	requireOtherRows(order, [...first.renames, ...second.renames]);
	return late.map((name) => `${name} is older than ${newest}, which was applied before it; the order makes no difference`);
}

interface Order {
	readonly late: readonly string[];
	/** In the order in which they were applied. */
	readonly applied: readonly string[];
	/** The rows that each migration reads and writes in the order in which they then have run, and in that of their names. */
	readonly rows: RowAccesses;
	readonly rowsByName: RowAccesses;
}

async function replayIn(migrations: readonly Migration[], {late, applied}: Order, rows: RowAccesses): Promise<Replay> {
	const runs = upgradesOf(migrations);
	try {
		return await replay(emptySchema, runs, {onStep: rows.observe});
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		const changed = await explainChangedTable({error, runs, present: emptySchema, earlier: async () => []});
		if (changed === undefined) throw conflict(late, `the migrations do not fit together in this order: ${error.message}`, {cause: error});
		// What is applied stays; what is not can be created again.
		const {migration, culprits} = changed;
		const open = applied.includes(migration) ? (late.find((name) => culprits.includes(name)) ?? late[0] ?? '') : migration;
		throw conflict(late, changed.error.message, {cause: changed.error, hint: createAgain(open)});
	}
}

/** @throws MigrError `history` if a late migration and one that was applied before it work on the same rows */
function requireOtherRows({late, applied, rows, rowsByName}: Order, renames: Replay['renames']): void {
	const same = sameTables(renames);
	for (const name of late) {
		for (const newer of applied.filter((other) => other > name)) {
			const shared = sharedTables(rows.of(name), rows.of(newer), same);
			if (shared === 'unknown') {
				const unknown = rows.of(name).isUnknown ? name : newer;
				throw conflict([name], `which rows ${clean(unknown)} reads and writes is not known, so its place in the order may matter`);
			}
			if (shared.length > 0) {
				throw conflict([name], `its place in the order matters: it and ${clean(newer)} work on rows of ${shared.map(clean).join(', ')}`);
			}
			const moved = [name, newer].find((one) => !sameAccess(rows.of(one), rowsByName.of(one), same));
			if (moved !== undefined) throw conflict([name], `its place in the order matters: ${clean(moved)} reads or writes other tables in this order`);
		}
	}
}

function conflict(late: readonly string[], reason: string, {cause, hint}: {readonly cause?: MigrError; readonly hint?: string} = {}): MigrError {
	const [first = ''] = late;
	return new MigrError('history', `${late.join(', ')} is older than migrations that were applied already, and ${reason}`, {
		...(cause?.location === undefined ? {} : {location: cause.location}),
		...(hint === undefined || cause === undefined ? {} : {details: cause.details}),
		hint: hint ?? `look at what both change, then give ${first} a newer time in its file name, or write its changes into a new migration`,
		cause,
	});
}
