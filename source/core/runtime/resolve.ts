import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import type {BundledMigration} from './bundle.ts';
import type {AppliedRow, History} from './history.ts';

/** The migrations that a run will apply and undo. */
export interface Resolved {
	/** Migrations that this program does not have, last first. They are undone first. */
	readonly undo: readonly AppliedRow[];
	/** Applied migrations whose file was renamed, by the name in the table. */
	readonly renamed: readonly {readonly from: string; readonly to: string}[];
	readonly pending: readonly BundledMigration[];
	/** The newest migration after the run. Null if none is applied. */
	readonly at: string | null;
}

export interface ResolveOptions {
	readonly downgrade: boolean;
	readonly acceptEdited: boolean;
}

/**
 * Compares the history of a database with a bundle, as `upgrade` compares it with the migration files.
 *
 * @throws MigrError `databaseNewer` if the database has migrations that are newer than the bundle, unless `downgrade` is set and both have a migration
 * in common; `answerNeeded` if applied migrations were edited or are missing, unless `acceptEdited` is set; `history` if the order of two migrations
 * matters, or a squash cannot be applied
 */
export function resolve(all: readonly BundledMigration[], history: History, {downgrade, acceptEdited}: ResolveOptions): Resolved {
	const renamed = renamedIn(all, history.applied);
	const newNames = new Map(renamed.map(({from, to}) => [from, to]));
	const rows = history.applied.map((row) => ({...row, name: newNames.get(row.stored) ?? row.name}));
	const names = new Set(rows.map(({name}) => name));
	const known = new Set(all.flatMap(({name, replaces = []}) => [name, ...replaces]));
	const missing = rows.filter(({name}) => !known.has(name));
	const last = all.at(-1)?.name;
	const isNewer = last !== undefined && missing.length > 0 && missing.every(({name}) => name > last);
	// Stepping back would undo everything: a database of another program, or one that a squash has created.
	const hasNothingKnown = missing.length === rows.length;
	if (isNewer && (!downgrade || hasNothingKnown)) throw databaseNewer(last, missing, hasNothingKnown);
	const edited = rows.filter(({name, checksum}) => checksum !== null && all.some((one) => one.name === name && one.checksum !== checksum));
	requireUnedited(edited, isNewer ? [] : missing, acceptEdited);
	// JavaScript engines on phones are older, so newer array methods are not used.
	const undo = isNewer ? [...missing].reverse() : [];
	const kept = rows.filter((row) => !undo.includes(row)).map(({name}) => name);
	const pending = usable(all, names).filter(({name}) => !names.has(name));
	const isApplied = ({name, replaces = []}: BundledMigration) =>
		kept.includes(name) || (replaces.length > 0 && replaces.every((part) => kept.includes(part)));
	const applied = all.filter(isApplied);
	for (const migration of pending) requireOrder(migration, applied);
	return {undo, renamed, pending, at: newest([...kept, ...pending.map(({name}) => name)])};
}

/** Finds applied migrations that the bundle does not have, with the checksum of one that is not applied. */
function renamedIn(all: readonly BundledMigration[], applied: readonly AppliedRow[]): Resolved['renamed'] {
	const names = new Set(applied.map(({name}) => name));
	const open = all.filter(({name}) => !names.has(name));
	return applied.flatMap(({stored, name, checksum}) => {
		if (checksum === null || all.some((one) => one.name === name)) return [];
		const at = open.findIndex((one) => one.checksum === checksum);
		const [found] = at === -1 ? [] : open.splice(at, 1);
		return found === undefined ? [] : [{from: stored, to: found.name}];
	});
}

/**
 * Returns the migrations that count for this history. A squash is a migration like any other if none of its parts is applied, and counts as applied if all
 * of them are.
 */
function usable(all: readonly BundledMigration[], applied: ReadonlySet<string>): readonly BundledMigration[] {
	const omitted = new Set<string>();
	for (const squash of all) {
		const {name, replaces = [], up} = squash;
		if (replaces.length === 0) continue;
		const done = replaces.filter((part) => applied.has(part));
		if (applied.has(name)) for (const part of replaces) omitted.add(part);
		else if (done.length === replaces.length || up === null) omitted.add(name);
		else if (done.length > 0) throw partlyApplied(squash, replaces, done);
	}
	return all.filter(({name}) => !omitted.has(name));
}

function partlyApplied({name}: BundledMigration, replaces: readonly string[], done: readonly string[]): MigrError {
	return new MigrError('history', `this database has applied only ${done.length} of the ${replaces.length} migrations that ${name} replaces`, {
		details: [`applied last: ${done.at(-1)}`, `not applied: ${replaces.filter((part) => !done.includes(part)).join(', ')}`, unchanged],
		hint: 'move the files of these migrations back to the migrations folder until every database has applied them, and run lite-migr bundle again',
	});
}

/** An earlier migration may only follow later ones if they have no table in common. */
function requireOrder({name, tables}: BundledMigration, applied: readonly BundledMigration[]): void {
	const later = applied.find((other) => other.name > name && other.tables.some((table) => tables.includes(table)));
	if (later === undefined) return;
	throw new MigrError('history', `${name} comes before ${later.name}, which is already applied, and both use the same tables`, {
		details: [
			`tables: ${later.tables
				.filter((table) => tables.includes(table))
				.map(clean)
				.join(', ')}`,
			unchanged,
		],
		hint: `rename the file of ${name} so that it comes last, and run lite-migr bundle again`,
	});
}

function databaseNewer(last: string, missing: readonly AppliedRow[], hasNothingKnown: boolean): MigrError {
	return new MigrError('databaseNewer', `the database is newer than this program: the last migration here is ${last}`, {
		details: [`applied to the database, and not here: ${missing.map(({name}) => clean(name)).join(', ')}`, unchanged],
		hint: hasNothingKnown
			? 'update the program, or check which database it opens: it has no migration of this program, so it cannot step back'
			: 'update the program\nto undo these migrations with the downgrades stored in the database, pass {downgrade: true, consent: true}',
	});
}

function requireUnedited(edited: readonly AppliedRow[], missing: readonly AppliedRow[], acceptEdited: boolean): void {
	if (acceptEdited || edited.length + missing.length === 0) return;
	const what = [...(edited.length > 0 ? ['were edited'] : []), ...(missing.length > 0 ? ['are missing'] : [])];
	const list = (rows: readonly AppliedRow[]) => rows.map(({name}) => clean(name)).join(', ');
	throw new MigrError('answerNeeded', `applied migrations ${what.join(' or ')} in the bundle`, {
		details: [
			...(edited.length > 0 ? [`edited after they were applied: ${list(edited)}`] : []),
			...(missing.length > 0 ? [`missing: ${list(missing)}`] : []),
			unchanged,
		],
		hint: 'restore the migration files, for example from git, and run lite-migr bundle again\nif the change is intended, pass {acceptEdited: true}',
	});
}

/** The state of the database, for the details of an error. */
export const unchanged = 'the database is unchanged';

function newest(names: readonly string[]): string | null {
	return names.reduce<string | null>((last, name) => (last === null || name > last ? name : last), null);
}
