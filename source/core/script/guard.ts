import {literal, quoted} from '../schema/identifiers.ts';

/**
 * How to read this file: a guard is a statement that fails, and so stops the batch, if a number is not what it was earlier in the script. The table of
 * guards lives only inside the batch. SQL has no statement that fails with a message of our choice outside a trigger, so a guard asks `json_extract`
 * for an impossible path: `bad JSON path: 'lite-migr: rows of child: 2 before, 0 after'`.
 */
export interface GuardTable {
	readonly name: string;
}

/** A number that must be the same before and after some statements. */
export interface Guard {
	/** What is counted, for the message: `rows of child`. */
	readonly what: string;
	/** A query with one value. */
	readonly count: string;
	/** True for a checksum, which would say nothing in the message. */
	readonly isChecksum?: true;
}

export function createGuards({name}: GuardTable): readonly string[] {
	return [
		`CREATE TABLE ${quoted(name)} (what TEXT PRIMARY KEY, n)`,
		// Outside a transaction, the first PRAGMA of the script is forgotten when the statement above commits.
		failing(name, `'lite-migr: run all statements of this script in one transaction'`, 'pragma_defer_foreign_keys WHERE defer_foreign_keys = 0'),
	];
}

export function dropGuards({name}: GuardTable): string {
	return `DROP TABLE ${quoted(name)}`;
}

/** Returns the statement that records a number. */
export function record({name}: GuardTable, {what, count}: Guard): string {
	return `INSERT OR REPLACE INTO ${quoted(name)} SELECT ${literal(what)}, (${count})`;
}

/** Returns the statement that fails if the number is no longer the recorded one. `count` may differ from that of the record if names changed. */
export function compare({name}: GuardTable, {what, count, isChecksum}: Guard): string {
	const message =
		isChecksum === true ? literal(`lite-migr: ${what} were changed`) : `printf('lite-migr: %s: %s before, %s after', ${literal(what)}, n, now)`;
	return failing(name, message, `(SELECT n, (${count}) AS now FROM ${quoted(name)} WHERE what = ${literal(what)}) WHERE now <> n`);
}

/** Returns the statement that fails with a message if a query, the part of a SELECT after FROM, has rows. */
export function failIf({name}: GuardTable, message: string, from: string): string {
	return failing(name, literal(`lite-migr: ${message}`), from);
}

function failing(guards: string, message: string, from: string): string {
	return `INSERT INTO ${quoted(guards)} (what) SELECT json_extract('{}', ${message}) FROM ${from}`;
}
