import {MigrError} from '../../errors.ts';

/** `20261122_175200_names`: a UTC time, then the name that a person gave. Older tools' names may have any form; ours are made like this. */
const stampPattern = /^(\d{8})_(\d{6})_(.+)$/;

/**
 * Checks the name that a person gives to a migration.
 *
 * @throws MigrError `usage` for anything but letters, digits, `_` and `-`: the name becomes that of a file
 */
export function requireMigrationName(name: string): void {
	if (/^[A-Za-z0-9_-]+$/.test(name) && name.length <= 100) return;
	throw new MigrError('usage', `'${name}' cannot be the name of a migration`, {
		hint: 'a name has letters, digits, _ and - only, at most 100, such as add_orders',
	});
}

/**
 * The name of a new migration, without extension. It sorts behind every existing one of the same or a later second,
 * so that two in one second never collide and never change places.
 *
 * @param existing the names of all migrations that are there
 */
export function newMigrationName(name: string, now: Date, existing: readonly string[]): string {
	requireMigrationName(name);
	const newest = existing.reduce<number>((latest, other) => Math.max(latest, secondOf(other) ?? 0), 0);
	// A clock that was set back, or another in the same second: the next free second. A stamp far ahead was written by hand and is left alone.
	const wanted = Math.floor(now.getTime() / 1000);
	const second = newest >= wanted && newest - wanted < 3600 ? newest + 1 : wanted;
	return `${stamp(second)}_${name}`;
}

/** The name of a migration that stands in the place of several: with the time of the last of them. */
export function squashName(name: string, lastPart: string): string {
	const [, date, time] = stampPattern.exec(lastPart) ?? [];
	return date === undefined ? `${lastPart}_${name}` : `${date}_${time}_${name}`;
}

/** The part of a migration's name that a person gave; the whole name where it has no time. */
export function shortName(name: string): string {
	return stampPattern.exec(name)?.[3] ?? name;
}

function stamp(second: number): string {
	const [date = '', time = ''] = new Date(second * 1000).toISOString().slice(0, 19).split('T');
	return `${date.replaceAll('-', '')}_${time.replaceAll(':', '')}`;
}

function secondOf(name: string): number | undefined {
	const match = stampPattern.exec(name);
	if (match === null) return undefined;
	const [, date = '', time = ''] = match;
	const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`;
	const milliseconds = Date.parse(iso);
	return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
