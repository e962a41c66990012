import {statfsSync} from 'node:fs';
import {dirname} from 'node:path';
import {nameKey} from '../../schema/identifiers.ts';
import {findTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {thrownText} from '../../text/thrown.ts';
import type {ReplayedMigration} from '../replay/replay.ts';

/** Returns the free bytes for this user on the disk of a file. Null if the system does not report it. */
export function freeBytes(path: string): number | null {
	try {
		const {bavail, bsize} = statfsSync(dirname(path));
		return bavail * bsize;
	} catch {
		return null;
	}
}

/** Returns the size of a database in bytes. */
export function databaseBytes(db: Database): number {
	return Number(db.value('PRAGMA page_count')) * Number(db.value('PRAGMA page_size'));
}

/** Size in bytes. Counting the pages of a table reads all of them, which takes a few milliseconds up to this size. */
const smallDatabase = 32_000_000;

/** Size in bytes. The whole file is so little that counting the pages of a table, in each of thousands of databases, is not worth its time. */
const tinyDatabase = 100_000;

/**
 * Returns the bytes that a run may need temporarily. Each rewrite needs twice the size of its table, for the new table and for the journal. The sizes
 * are counted in the pages of a table and its indexes (https://www.sqlite.org/dbstat.html). For a large or a tiny database, and on a connection that
 * cannot count them, the whole file is assumed instead. If that is more than `free`, the pages are counted anyway, even if it takes long.
 */
export function bytesForRewrites(
	db: Database,
	present: Schema,
	replayed: readonly Pick<ReplayedMigration, 'steps'>[],
	free: number | null = null,
): number {
	const rewritten = replayed.flatMap(({steps}) =>
		steps.flatMap(({strategy, table}) => (strategy === 'rewrite' && table !== undefined ? [nameKey(table)] : [])),
	);
	const names = [...new Set(rewritten)].flatMap((key) => {
		const table = findTable(present, key);
		return table === undefined ? [] : [table.name];
	});
	if (names.length === 0) return 0;
	const size = databaseBytes(db);
	if ((size > smallDatabase || size < tinyDatabase) && (free === null || 2 * size < free)) return 2 * size;
	// The indexes of PRIMARY KEY and UNIQUE constraints also count.
	const pages = `SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE aggregate = 1 AND name IN (
		SELECT name FROM sqlite_schema WHERE type IN ('table', 'index') AND lower(tbl_name) IN (SELECT lower(value) FROM json_each(?)))`;
	try {
		return 2 * Number(db.value(pages, JSON.stringify(names)));
	} catch (error) {
		// A SQLite that is built without dbstat, or a table with this name.
		if (!/^no such (?:table: dbstat|column: )/.test(thrownText(error))) throw error;
		return 2 * size;
	}
}
