import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {toml} from '../../project-folder.ts';

/** Enough rows for an estimate: see `index-progress.ts`. */
const rows = 600_000;

/** How long the index takes to build, so that its progress can be seen on any machine. */
const buildMs = 5000;

/**
 * Creates a project whose pending migration builds an index that takes several seconds on any machine: its column is computed, and the work per row is
 * chosen by measuring it.
 */
export function events(): {readonly folder: string; readonly remove: () => void} {
	const folder = join(mkdtempSync(join(tmpdir(), 'lite-migr-')), 'events');
	mkdirSync(join(folder, 'migrations'), {recursive: true});
	writeFileSync(join(folder, 'migrate.toml'), toml);
	const db = openDatabase(join(folder, 'app.db'), {create: true});
	db.exec(`CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER, kind TEXT AS (CASE id % 3 WHEN 0 THEN 'visit' WHEN 1 THEN 'order' ELSE 'login' END || substr(${slow(`${bytesFor(db)} + id % 2`)}, 1, 0)));
		WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${rows}) INSERT INTO events (id, at) SELECT i, i * 7919 % 86400 FROM i;`);
	db.close();
	writeFileSync(join(folder, 'migrations/20260102_000000_kinds.sql'), 'CREATE INDEX events_by_kind ON events (kind, at);\n');
	return {folder, remove: () => rmSync(join(folder, '..'), {recursive: true})};
}

function slow(bytes: number | string): string {
	return `hex(zeroblob(${bytes}))`;
}

/** Returns how many bytes of `slow` take as long as one row should. */
function bytesFor(db: Database): number {
	const [sample, bytes] = [20_000, 1000];
	const started = performance.now();
	// Without the row in it, SQLite would compute the expression once.
	db.value(
		`WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${sample}) SELECT sum(length(${slow(`${bytes} + i % 2`)})) FROM i`,
	);
	const msPerByte = (performance.now() - started) / sample / bytes;
	return Math.ceil(buildMs / rows / msPerByte);
}
