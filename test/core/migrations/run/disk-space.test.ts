import {expect, test} from 'vitest';
import {replay} from '../../../../source/core/migrations/replay/replay.ts';
import {bytesForRewrites, databaseBytes} from '../../../../source/core/migrations/run/disk-space.ts';
import {introspect} from '../../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';

test('a rewrite in a small database needs space for its table and all its indexes, but not for other tables', async () => {
	const db = openInMemory();
	db.exec(`CREATE TABLE changed (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT);
		CREATE INDEX changed_b ON Changed (b);
		CREATE TABLE other (id INTEGER PRIMARY KEY, a TEXT);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO changed SELECT i, hex(randomblob(20)), i FROM n;
		INSERT INTO other SELECT id, hex(randomblob(200)) FROM changed;`);
	const change = {
		kind: 'changeTable',
		table: 'changed',
		sql: 'CREATE TABLE changed (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INTEGER)',
		fill: {},
	} as const;
	const present = introspect(db);
	const {migrations} = await replay(present, [{name: 'm', path: 'm.ts', operations: [change]}]);
	const sizes = new Map(db.tuples('SELECT name, pgsize FROM dbstat WHERE aggregate = 1') as [string, number][]);
	const expected = ['changed', 'changed_b', 'sqlite_autoindex_changed_1'].reduce((sum, name) => sum + (sizes.get(name) ?? Number.NaN), 0);
	expect(bytesForRewrites(db, present, migrations)).toBe(2 * expected);
	expect(expected).toBeLessThan(databaseBytes(db) / 2);
});

test('a database whose pages cannot be counted may need twice its size', async () => {
	const db = openInMemory();
	// Hides the table of SQLite that reads pages.
	db.exec('CREATE TABLE dbstat (a); CREATE TABLE t (a TEXT)');
	const present = introspect(db);
	const change = {kind: 'changeTable', table: 't', sql: 'CREATE TABLE t (a INTEGER)', fill: {}} as const;
	const {migrations} = await replay(present, [{name: 'm', path: 'm.ts', operations: [change]}]);
	expect(bytesForRewrites(db, present, migrations)).toBe(2 * databaseBytes(db));
});
