import {MigrError} from '../../errors.ts';

/** `20261122_175200_names`: a UTC time, then the short name. New names have this form. Names from other tools may have any form. */
const stampPattern = /^(\d{8})_(\d{6})_(.+)$/;

/**
 * Checks the short name of a new migration. It becomes part of a file name.
 *
 * @throws MigrError `usage` if it contains anything except letters, digits, `_` and `-`, or is longer than 100 characters
 */
export function requireMigrationName(name: string): void {
	if (/^[A-Za-z0-9_-]+$/.test(name) && name.length <= 100) return;
	throw new MigrError('usage', `'${name}' is not a valid migration name`, {
		hint: 'use only letters, digits, _ and -, at most 100 characters, for example add_orders',
	});
}

/**
 * Returns the name of a new migration, without extension. It sorts after every existing migration of the same or a later second, so two migrations
 * created in the same second never collide and keep their order.
 *
 * @param existing the names of all existing migrations
 */
export function newMigrationName(name: string, now: Date, existing: readonly string[]): string {
	requireMigrationName(name);
	const newest = existing.reduce<number>((latest, other) => Math.max(latest, secondOf(other) ?? 0), 0);
	// If the clock was set back, or another migration has the same second, use the next free second. A time far ahead was probably written by hand:
	// ignore it.
	const current = Math.floor(now.getTime() / 1000);
	const second = newest >= current && newest - current < 3600 ? newest + 1 : current;
	return `${stamp(second)}_${name}`;
}

/** Returns the name of a migration that replaces several others. It has the time of the last one. */
export function squashName(name: string, lastPart: string): string {
	const [, date, time] = stampPattern.exec(lastPart) ?? [];
	return date === undefined ? `${lastPart}_${name}` : `${date}_${time}_${name}`;
}

/** Returns a migration's name without its time. */
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
