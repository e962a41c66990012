import {MigrError, restated} from '../../errors.ts';
import {ChangedTableError, hashIn} from '../../operations/written-for.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import {loadMigrations, type MigrationSource} from '../files/source.ts';
import type {ProjectState} from '../history/state.ts';
import {type MigrationRun, type Replay, replay, upgradesOf} from './replay.ts';

/** A replay that stopped because a table does not have the definition that a change was written for. */
export interface StoppedReplay {
	readonly error: MigrError;
	readonly runs: readonly MigrationRun[];
	/** The schema before the runs. */
	readonly present: Schema;
	/** Returns the migrations that built that schema from scratch. Undefined if unknown because a file is missing. */
	earlier(): Promise<readonly MigrationRun[] | undefined>;
	/** True if the runs are downgrades. */
	readonly isUndo?: boolean;
}

/** The cause of a stopped replay. */
export interface ChangedTable {
	readonly error: MigrError;
	/** The migration with the change. */
	readonly migration: string;
	readonly table: string;
	/** Migrations that changed the table since then. Empty if it was changed outside the migrations. */
	readonly changedBy: readonly string[];
}

/** Like `replay`, but if a table does not have the definition that a change was written for, the error names the migrations that changed it since. */
export async function replayExplained(
	present: Schema,
	runs: readonly MigrationRun[],
	state: ProjectState,
	options: Parameters<typeof replay>[2] = {},
): Promise<Replay> {
	try {
		return await replay(present, runs, options);
	} catch (error) {
		if (!(error instanceof MigrError)) throw error;
		const changed = await explainChangedTable({
			error,
			runs,
			present,
			earlier: () => appliedRuns(state),
			isUndo: state.applied.some(({name}) => name === runs[0]?.name),
		});
		throw changed?.error ?? error;
	}
}

/** Returns the error of a replay of all migrations from scratch. If a table has another definition than expected, it names the migrations that changed it. */
export async function explainedInHistory(error: MigrError, source: MigrationSource, files: ProjectState['files']): Promise<MigrError> {
	if (changedTableIn(error) === undefined) return error;
	const runs = upgradesOf(await loadMigrations(source, files));
	return (await explainChangedTable({error, runs, present: emptySchema, earlier: async () => []}))?.error ?? error;
}

/** Finds the migrations that changed the table, by a replay of the whole history. Returns undefined for every other error. */
export async function explainChangedTable({error, runs, present, earlier, isUndo = false}: StoppedReplay): Promise<ChangedTable | undefined> {
	const changed = changedTableIn(error);
	const at = runs.findIndex(({path}) => path === error.location?.file);
	const run = runs[at];
	if (changed === undefined || run === undefined) return undefined;
	const {table, from} = changed;
	const fits = (schema: Schema) => from.includes(hashIn(schema, table) ?? '');
	const before = runs.slice(0, at);
	const found = (await tried(present, before))?.schema;
	const history = await earlier();
	const replayed = history === undefined ? undefined : await tried(emptySchema, [...history, ...before]);
	const changedBy = replayed === undefined ? [] : changedSince(replayed, table, fits);
	const [detail, hint] = reasonOf({
		run,
		table,
		changedBy,
		isOwn: found !== undefined && fits(found),
		isDrift: isDrift(replayed?.schema, found, table),
		isUndo,
	});
	const message = `${clean(run.name)} was written for a different definition of ${clean(table)}`;
	return {error: restated(error, {message, details: [detail, ...error.details], hint}), migration: run.name, table, changedBy};
}

interface Reasons {
	readonly run: MigrationRun;
	readonly table: string;
	readonly changedBy: readonly string[];
	/** True if an earlier operation of the same migration changes the table. */
	readonly isOwn: boolean;
	readonly isDrift: boolean;
	readonly isUndo: boolean;
}

/** Returns a text about what changed the table, and a hint. */
function reasonOf({run, table, changedBy, isOwn, isDrift, isUndo}: Reasons): readonly [string, string] {
	const [name, migration] = [clean(table), clean(run.name)];
	if (isOwn) {
		const hint = 'move that operation after the changeTable, or remove its "from" option to skip this check';
		return [`an earlier operation of ${migration} changes ${name}`, hint];
	}
	if (isUndo) {
		if (!isDrift)
			return [`its upgrade was edited and no longer creates that definition of ${name}`, `correct or remove the "from" option in its downgrade`];
		const hint = 'undo that change first, because the downgrade would remove it too, or restore a backup with lite-migr restore';
		return [`${name} was changed outside lite-migr`, hint];
	}
	if (changedBy.length > 0) return [`${changedBy.map(clean).join(', ')} changed ${name} after that`, createAgain(run.name)];
	if (isDrift) {
		const options = [
			`to keep that change, remove the file of ${migration}, run lite-migr baseline <name>, then lite-migr create <name>`,
			`to undo that change, remove the file of ${migration} and run lite-migr create <name>, which shows what it undoes`,
		];
		return [`${name} was changed outside lite-migr`, options.join('\n')];
	}
	return [`no earlier migration creates that definition of ${name}`, createAgain(run.name)];
}

/** Returns the hint for a migration that would undo a change by other migrations. */
export function createAgain(migration: string): string {
	return `remove the file of ${clean(migration)}, which would undo other changes, and run lite-migr create <name> again`;
}

function isDrift(replayed: Schema | undefined, found: Schema | undefined, table: string): boolean {
	return replayed !== undefined && found !== undefined && hashIn(replayed, table) !== hashIn(found, table);
}

function changedTableIn(error: unknown): ChangedTableError | undefined {
	for (let one: unknown = error; one instanceof Error; one = one.cause) if (one instanceof ChangedTableError) return one;
	return undefined;
}

async function appliedRuns({source, files, applied, missing}: ProjectState): Promise<readonly MigrationRun[] | undefined> {
	if (missing.length > 0) return undefined;
	return upgradesOf(
		await loadMigrations(
			source,
			applied.flatMap(({name}) => files.find((file) => file.name === name) ?? []),
		),
	);
}

/** Returns the migrations that changed the table after it last had the expected definition. Empty if it never had that definition. */
function changedSince({migrations}: Replay, table: string, fits: (schema: Schema) => boolean): readonly string[] {
	const last = migrations.findLastIndex(({after}) => fits(after));
	const since = last === -1 ? [] : migrations.slice(last + 1);
	return since.filter(({before, after}) => hashIn(before, table) !== hashIn(after, table)).map(({name}) => name);
}

async function tried(from: Schema, runs: readonly MigrationRun[]): Promise<Replay | undefined> {
	try {
		return await replay(from, runs);
	} catch (error) {
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}
