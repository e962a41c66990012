import {literal} from '../schema/identifiers.ts';
import type {Database} from './database.ts';
import {missingExtension} from './missing-extension.ts';

/**
 * What the integrity check finds first that is damage of the file; undefined where it finds none
 * (https://www.sqlite.org/pragma.html#pragma_integrity_check). Rows that break a rule of their table are none: they were stored so. Tables for which
 * SQLite lacks what another program brings along cannot be checked.
 */
export function findDamage(db: Database): string | undefined {
	try {
		return firstDamage(db, `PRAGMA integrity_check(${most})`);
	} catch (error) {
		if (!lacksExtension(error)) throw error;
	}
	for (const [name] of db.tuples("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
		try {
			const found = firstDamage(db, `PRAGMA integrity_check(${literal(String(name))})`);
			if (found !== undefined) return found;
		} catch (error) {
			if (!lacksExtension(error)) throw error;
		}
	}
	return undefined;
}

/** Complaints of values may come before those of damage, and there may be one for each row. */
const most = 2_147_483_647;

function firstDamage(db: Database, check: string): string | undefined {
	for (const row of db.iterate(check)) {
		const message = String(Object.values(row)[0]);
		if (message !== 'ok' && !isAboutValue(message)) return message;
	}
	return undefined;
}

function isAboutValue(message: string): boolean {
	return /^(?:CHECK constraint failed|(?:non-)?[A-Z]+ value) in /.test(message);
}

function lacksExtension(error: unknown): boolean {
	return error instanceof Error && missingExtension(error.message) !== undefined;
}
