import {literal} from '../schema/identifiers.ts';
import {isError} from '../text/thrown.ts';
import type {Database} from './database.ts';
import {missingExtension} from './missing-extension.ts';

/**
 * Returns the first damage of the file that the integrity check finds, or undefined if there is none
 * (https://www.sqlite.org/pragma.html#pragma_integrity_check). Rows that violate a constraint of their table do not count, because the file itself is
 * intact. Tables that need a missing extension cannot be checked.
 */
export function findDamage(db: Database): string | undefined {
	try {
		return firstDamage(db, `PRAGMA integrity_check(${maxProblems})`);
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

/** No limit: problems with values may come before damage, and there may be one per row. */
const maxProblems = 2_147_483_647;

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
	return isError(error) && missingExtension(error.message) !== undefined;
}
