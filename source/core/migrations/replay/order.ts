import {MigrError} from '../../errors.ts';
import {emptySchema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import type {Migration} from '../files/migration.ts';
import {loadMigrations} from '../files/source.ts';
import {newestName, type ProjectState} from '../history/state.ts';
import {createAgain, explainChangedTable} from './changed-table.ts';
import {type Replay, replay, upgradesOf} from './replay.ts';
import {type RowAccesses, rowAccesses, sameAccess, sameTables, sharedTables} from './row-access.ts';
import {schemaDifferences} from './schema-differences.ts';

/**
 * Checks pending migrations that are older than an applied one, for example from a merged branch. They may run only if the order makes no difference.
 * All migrations must build the same schema in the order they would run and in the order of their names. If two migrations would swap places, neither
 * may write rows of a table that the other reads or writes.
 *
 * @returns a notice for each of these migrations
 * @throws MigrError `history` if the order makes a difference, or if that cannot be determined
 */
export async function checkOrder(state: ProjectState, selected: readonly string[]): Promise<readonly string[]> {
	const late = state.pending.filter(({file, outOfOrder}) => outOfOrder && selected.includes(file.name)).map(({file}) => file.name);
	const newest = newestName(state.applied);
	if (late.length === 0 || newest === null) return [];
	if (state.missing.length > 0) {
		return late.map(
			(name) => `${name} is older than ${newest}, and the file of ${state.missing.join(', ')} is missing: cannot determine whether the order matters`,
		);
	}
	const applied = state.applied.map(({name}) => name);
	const loaded = new Map((await loadMigrations(state.source, state.files)).map((migration) => [migration.name, migration]));
	const inOrder = (names: readonly string[]) => names.flatMap((name) => loaded.get(name) ?? []);
	const involved = new Set([...applied, ...selected]);
	const byName = state.files.map(({name}) => name).filter((name) => involved.has(name));
	const order: Order = {late, applied, rows: rowAccesses(), rowsByName: rowAccesses()};
	const first = await replayIn(inOrder([...applied, ...selected]), order, order.rows);
	const second = await replayIn(inOrder(byName), order, order.rowsByName);
	const differences = schemaDifferences(second.schema, first.schema);
	if (differences.length > 0) {
		const objects = differences.map(({object, name}) => `${object} ${clean(name)}`).join(', ');
		throw conflict(late, `the order matters: ${objects} would be different`);
	}
	requireOtherRows(order, [...first.renames, ...second.renames]);
	return late.map((name) => `${name} is older than ${newest}, which is already applied; the order makes no difference`);
}

/** Returns why pending migrations that are older than an applied one cannot run. Undefined if they can, and if there are none. */
export async function orderProblem(state: ProjectState): Promise<MigrError | undefined> {
	try {
		await checkOrder(
			state,
			state.pending.map(({file}) => file.name),
		);
		return undefined;
	} catch (error) {
		if (error instanceof MigrError && error.code === 'history') return error;
		throw error;
	}
}

interface Order {
	readonly late: readonly string[];
	/** In the order they were applied. */
	readonly applied: readonly string[];
	/** The rows that each migration reads and writes in the order they would run. */
	readonly rows: RowAccesses;
	/** The same in the order of their names. */
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
		// An applied migration must stay. A pending one can be created again.
		const {migration, changedBy} = changed;
		const open = applied.includes(migration) ? (late.find((name) => changedBy.includes(name)) ?? late[0] ?? '') : migration;
		throw conflict(late, changed.error.message, {cause: changed.error, hint: createAgain(open)});
	}
}

/** @throws MigrError `history` if a late migration and a newer applied one use the same rows */
function requireOtherRows({late, applied, rows, rowsByName}: Order, renames: Replay['renames']): void {
	const same = sameTables(renames);
	for (const name of late) {
		for (const newer of applied.filter((other) => other > name)) {
			const shared = sharedTables(rows.of(name), rows.of(newer), same);
			if (shared === 'unknown') {
				const unknown = rows.of(name).isUnknown ? name : newer;
				throw conflict([name], `the order may matter, because it is unknown which rows ${clean(unknown)} reads and writes`);
			}
			if (shared.length > 0) {
				throw conflict([name], `the order matters: it and ${clean(newer)} both use rows of ${shared.map(clean).join(', ')}`);
			}
			const moved = [name, newer].find((one) => !sameAccess(rows.of(one), rowsByName.of(one), same));
			if (moved !== undefined) throw conflict([name], `the order matters: ${clean(moved)} would read or write other tables`);
		}
	}
}

function conflict(late: readonly string[], reason: string, {cause, hint}: {readonly cause?: MigrError; readonly hint?: string} = {}): MigrError {
	const [first = ''] = late;
	return new MigrError('history', `${late.join(', ')} ${late.length === 1 ? 'is' : 'are'} older than applied migrations, and ${reason}`, {
		location: cause?.location,
		details: hint === undefined ? undefined : cause?.details,
		hint: hint ?? `compare both changes. Then give ${first} a newer time in its file name, or write its changes in a new migration`,
		cause,
	});
}
