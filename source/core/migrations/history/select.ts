import {MigrError} from '../../errors.ts';
import {nearest} from '../../text/nearest.ts';
import type {Direction} from '../event.ts';
import type {MigrationFile} from '../files/list.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {isAdopted} from './history.ts';
import type {ProjectState} from './state.ts';

export interface Selection {
	readonly direction: Direction;
	/** The last migration to apply, or the last to be left applied. */
	readonly to?: string;
	readonly steps?: number;
}

/** An applied migration that a downgrade takes from the history of the database instead of from a file. */
export interface RecordedMigration {
	/** `stored`: its file is missing, and the history has its downgrade. `adopted`: it was never run here, so only its row is removed. */
	readonly kind: 'stored' | 'adopted';
	readonly name: string;
	readonly row: AppliedMigration;
}

export type SelectedMigration = MigrationFile | RecordedMigration;

/**
 * The migrations that a run is about, in the order in which it takes them: pending ones by name, or applied ones from the last back (one, where
 * nothing else is said).
 *
 * @throws MigrError `usage` for a name that is not known or not clear, `history` if neither a file nor the history has the downgrade
 */
export function selectMigrations(state: ProjectState, {direction, to, steps}: Selection): readonly SelectedMigration[] {
	if (steps !== undefined && !(Number.isInteger(steps) && steps > 0)) {
		throw new MigrError('usage', `--steps must be a whole number from 1 on, and is ${steps}`);
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
	return undone.slice(0, steps ?? (to === undefined ? 1 : undone.length)).map((name) => {
		const row = state.applied.find((candidate) => candidate.name === name);
		const file = state.files.find((candidate) => candidate.name === name);
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
	throw new MigrError('usage', `${name} is not applied, so there is no way down to it`, {hint: `lite-migr upgrade --to ${name} applies it`});
}

/** Why an upgrade to a migration finds nothing to do, where that is already behind: an upgrade never takes one back. */
export function alreadyBeyond({files, applied}: ProjectState, {direction, to}: Selection): string | undefined {
	if (direction === 'downgrade' || to === undefined) return undefined;
	const last = resolveName(
		to,
		files.map(({name}) => name),
	);
	const isBehind = applied.some(({name}) => name === last) && applied.some(({name}) => name > last);
	return isBehind ? `${last} is applied already, and others behind it; lite-migr downgrade --to ${last} goes back to it` : undefined;
}

/** A migration by its whole name, its time, or the name that a person gave it. */
export function resolveName(wanted: string, names: readonly string[]): string {
	const bare = wanted.replace(/\.(?:[mc]?[tj]s|sql|py)$/i, '');
	if (names.includes(bare)) return bare;
	const alike = names.filter((name) => name.startsWith(`${bare}_`) || name.endsWith(`_${bare}`));
	const [only] = alike;
	if (only !== undefined && alike.length === 1) return only;
	if (alike.length > 1) throw new MigrError('usage', `${wanted} is not clear`, {details: alike, hint: 'give the whole name'});
	const near = nearest(bare, names);
	throw new MigrError('usage', `there is no migration ${wanted}`, {
		hint: near === undefined ? 'lite-migr status lists them' : `did you mean ${near}?`,
	});
}
