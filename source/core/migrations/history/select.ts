import {MigrError} from '../../errors.ts';
import {nearest} from '../../text/nearest.ts';
import type {Direction} from '../event.ts';
import type {MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {isAdopted} from './history.ts';
import type {ProjectState} from './state.ts';

export interface Selection {
	readonly direction: Direction;
	/** The last migration to apply (upgrade) or to keep (downgrade). */
	readonly to?: string;
	readonly steps?: number;
}

/** An applied migration that a downgrade reads from the history of the database instead of from a file. */
export interface RecordedMigration {
	/** `stored`: its file is missing, but the history has its downgrade. `adopted`: it never ran on this database, so only its row is removed. */
	readonly kind: 'stored' | 'adopted';
	readonly name: string;
	readonly row: AppliedMigration;
}

export type SelectedMigration = MigrationFile | RecordedMigration;

/**
 * Returns the migrations of a run in the order it processes them. An upgrade selects pending migrations by name. A downgrade selects applied
 * migrations, last first, and only one unless `to` or `steps` is set.
 *
 * @throws MigrError `usage` for an unknown or ambiguous name, `history` if neither a file nor the history has the downgrade
 */
export function selectMigrations(state: ProjectState, {direction, to, steps}: Selection): readonly SelectedMigration[] {
	if (steps !== undefined && !(Number.isInteger(steps) && steps > 0)) {
		throw new MigrError('usage', `steps must be a whole number of at least 1, not ${steps}`);
	}
	return direction === 'upgrade' ? pendingUpTo(state, to, steps) : appliedDownTo(state, to, steps);
}

function pendingUpTo({files, pending}: ProjectState, to: string | undefined, steps = Number.POSITIVE_INFINITY): readonly MigrationFile[] {
	const last =
		to === undefined
			? undefined
			: resolveName(
					to,
					files.map(({name}) => name),
				);
	return pending
		.map(({file}) => file)
		.filter(({name}) => last === undefined || name <= last)
		.slice(0, steps);
}

function appliedDownTo(state: ProjectState, to: string | undefined, steps?: number): readonly SelectedMigration[] {
	const names = state.applied.map(({name}) => name);
	const stay = to === undefined ? -1 : names.indexOf(appliedName(state, to, names));
	const undone = names.slice(to === undefined ? 0 : stay + 1).reverse();
	const rows = new Map(state.applied.map((row) => [row.name, row]));
	const files = new Map(state.files.map((file) => [file.name, file]));
	return undone.slice(0, steps ?? (to === undefined ? 1 : undone.length)).map((name) => {
		const row = rows.get(name);
		const file = files.get(name);
		if (row !== undefined && isAdopted(row)) return {kind: 'adopted', name, row};
		if (file !== undefined) return file;
		if (row !== undefined && row.downgrade !== undefined) return {kind: 'stored', name, row};
		throw new MigrError('history', `${name} cannot be undone: its file is missing`, {
			details: ['the database does not store a downgrade of it: an earlier version applied it'],
			hint: 'restore the file, for example from git, or restore a backup with lite-migr restore',
		});
	});
}

function appliedName({pending}: ProjectState, to: string, names: readonly string[]): string {
	const known = [...names, ...pending.map(({file}) => file.name)];
	const name = resolveName(to, known);
	if (names.includes(name)) return name;
	throw new MigrError('usage', `cannot downgrade to ${name}: it is not applied`, {
		hint: {command: `to apply it, run lite-migr upgrade --to ${name}`, program: `to apply it, run an upgrade with to: '${name}'`},
	});
}

/** Explains why an upgrade to a migration does nothing, if later migrations are applied. Undefined otherwise. An upgrade never undoes a migration. */
export function alreadyBeyond({files, applied}: ProjectState, {direction, to}: Selection): string | undefined {
	if (direction === 'downgrade' || to === undefined) return undefined;
	const last = resolveName(
		to,
		files.map(({name}) => name),
	);
	const hasLater = applied.some(({name}) => name === last) && applied.some(({name}) => name > last);
	return hasLater ? `${last} is already applied, and so are later migrations; to go back to it, run lite-migr downgrade --to ${last}` : undefined;
}

/** Finds a migration by its full name, its timestamp or its short name. */
export function resolveName(requested: string, names: readonly string[]): string {
	const bare = requested.replace(/\.(?:[mc]?[tj]s|sql|py)$/i, '');
	if (names.includes(bare)) return bare;
	const matches = names.filter((name) => name.startsWith(`${bare}_`) || name.endsWith(`_${bare}`));
	const [only] = matches;
	if (only !== undefined && matches.length === 1) return only;
	if (matches.length > 1) throw new MigrError('usage', `several migrations match ${requested}`, {details: matches, hint: 'use the full name'});
	const near = nearest(bare, names);
	throw new MigrError('usage', `there is no migration ${requested}`, {
		hint: near === undefined ? 'to list all migrations, run lite-migr status' : `did you mean ${near}?`,
	});
}
