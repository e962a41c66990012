import {statfsSync} from 'node:fs';
import {dirname} from 'node:path';
import {nameKey} from '../../schema/identifiers.ts';
import {findTable, indexesOf} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import type {ReplayedMigration} from '../replay/replay.ts';

/** The free bytes of the disk that a file is on, for this user; null where the system does not tell. */
export function freeBytes(path: string): number | null {
	try {
		const {bavail, bsize} = statfsSync(dirname(path));
		return bavail * bsize;
	} catch {
		return null;
	}
}

export function databaseBytes(db: Database): number {
	return Number(db.value('PRAGMA page_count')) * Number(db.value('PRAGMA page_size'));
}

/** Counting the pages of a table reads all of them: up to this size it takes some milliseconds. */
const smallDatabase = 32_000_000;

/**
 * Bytes that a run may need beside the database for a while: each rewrite the size of its table twice, in the new table and in the journal.
 * The sizes come from the pages that a table and its indexes have (https://www.sqlite.org/dbstat.html). Of a large database all of it counts, unless
 * that is more than is free: then it is counted, however long that takes.
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
		return table === undefined ? [] : [table.name, ...indexesOf(present, table).map(({name}) => name)];
	});
	if (names.length === 0) return 0;
	const whole = 2 * databaseBytes(db);
	if (whole > 2 * smallDatabase && (free === null || whole < free)) return whole;
	const pages = `SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name = ? AND aggregate = 1`;
	return 2 * names.reduce((sum, name) => sum + Number(db.value(pages, name)), 0);
}
