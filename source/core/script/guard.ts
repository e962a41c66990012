import {literal, quoted} from '../schema/identifiers.ts';

/**
 * How to read this file: a guard is a statement that fails, and so stops the batch, if a number is not what it was earlier in the script. The table of
 * guards lives only inside the batch. SQL has no statement that fails with a message of our choice outside a trigger, so a guard asks `json_extract`
 * for an impossible path: `bad JSON path: 'lite-migr: rows of child: 2 before, 0 after'`.
 *
 * Some programs continue after an error, such as the sqlite3 shell without `-bail`, and would commit. So each guard that passes leaves a row, and the last
 * statement rolls back if one is missing.
 */
export class GuardTable {
	readonly name: string;
	#guards = 0;

	constructor(name: string) {
		this.name = name;
	}

	/** Counts a guard. Returns its name. */
	next(): string {
		this.#guards += 1;
		return `passed ${this.#guards}`;
	}

	/** The number of guards so far. */
	get guards(): number {
		return this.#guards;
	}
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

const stopped = 'lite-migr: a statement of this script failed, so everything is rolled back';

/** Returns the statement that creates the table. */
export function guardTable({name}: GuardTable): string {
	return `CREATE TABLE ${quoted(name)} (what TEXT PRIMARY KEY, n, CONSTRAINT ${quoted(stopped)} CHECK (n IS NOT 'stopped'))`;
}

/** Returns the statements before all other guards. */
export function createGuards(guards: GuardTable): readonly string[] {
	return [
		guardTable(guards),
		// Outside a transaction, the first PRAGMA of the script is forgotten when the statement above commits.
		failing(guards, `'lite-migr: run all statements of this script in one transaction'`, 'pragma_defer_foreign_keys WHERE defer_foreign_keys = 0'),
	];
}

/** Returns the statements after the last guard. */
export function dropGuards({name, guards}: GuardTable): readonly string[] {
	return [
		`INSERT OR ROLLBACK INTO ${quoted(name)} SELECT 'end', 'stopped' WHERE (SELECT count(*) FROM ${quoted(name)} WHERE what GLOB 'passed *') <> ${guards}`,
		`DROP TABLE ${quoted(name)}`,
	];
}

/** Returns the statement that records a number. */
export function record({name}: GuardTable, {what, count}: Guard): string {
	return `INSERT OR REPLACE INTO ${quoted(name)} SELECT ${literal(what)}, (${count})`;
}

/** Returns the statement that fails if the number is no longer the recorded one. `count` may differ from that of the record if names changed. */
export function compare(guards: GuardTable, {what, count, isChecksum}: Guard): string {
	const message =
		isChecksum === true ? literal(`lite-migr: ${what} were changed`) : `printf('lite-migr: %s: %s before, %s after', ${literal(what)}, n, now)`;
	return failing(guards, message, `(SELECT n, (${count}) AS now FROM ${quoted(guards.name)} WHERE what = ${literal(what)}) WHERE now <> n`);
}

/** Returns the statement that fails with a message if a query, the part of a SELECT after FROM, has rows. */
export function failIf(guards: GuardTable, message: string, from: string): string {
	return failing(guards, literal(`lite-migr: ${message}`), from);
}

function failing(guards: GuardTable, message: string, from: string): string {
	return `INSERT INTO ${quoted(guards.name)} (what) SELECT json_extract('{}', ${message}) FROM ${from} UNION ALL SELECT ${literal(guards.next())}`;
}
