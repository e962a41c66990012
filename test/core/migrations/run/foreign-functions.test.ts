import {existsSync, readFileSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import BetterSqlite3 from 'better-sqlite3';
import {describe, expect, test} from 'vitest';
import {type ApplyEvent, apply, type ConnectionRequest, folder} from '../../../../source/index.ts';
import {projectFolder, toml} from '../../../project-folder.ts';

type Connection = ConnectionRequest['database'] & {exec(sql: string): unknown; close(): unknown};

const drivers: readonly [
	string,
	(path: string) => Connection & {function(name: string, options: object, work: (value: unknown) => unknown): unknown},
][] = [
	['better-sqlite3', (path) => new BetterSqlite3(path) as never],
	['node:sqlite', (path) => new DatabaseSync(path) as never],
];

/** Definitions with a function that only the program has. */
const users = [
	['a CHECK', 'id INTEGER PRIMARY KEY, a TEXT, b TEXT, CHECK (shout(a) <> 1)', ''],
	['a generated column', 'id INTEGER PRIMARY KEY, a TEXT, b TEXT, g TEXT AS (shout(a)) STORED', ''],
	['an index', 'id INTEGER PRIMARY KEY, a TEXT, b TEXT', 'CREATE INDEX t_shout ON t (shout(a)) WHERE shout(b) IS NOT NULL'],
] as const;

describe.each(users)('%s with a function of the program', (_, columns, index) => {
	/** Runs a migration that rewrites the table, on a connection with or without the function. */
	async function end(open: (typeof drivers)[number][1], hasFunction: boolean): Promise<readonly [ApplyEvent, unknown, readonly string[]]> {
		const project = projectFolder({'migrate.toml': toml});
		const to = columns.replace('b TEXT', 'b INTEGER');
		project.migration('20260101_000000_change', `op.changeTable('t', 'CREATE TABLE t (${to})');`);
		const db = open(project.at('app.db'));
		try {
			db.function('shout', {deterministic: true}, (value) => (value === null ? null : `${value}!`));
			db.exec(`CREATE TABLE t (${columns}); ${index}; INSERT INTO t (a, b) VALUES ('x', '1'), (NULL, '2')`);
		} finally {
			db.close();
		}
		const again = open(project.at('app.db'));
		try {
			if (hasFunction) again.function('shout', {deterministic: true}, (value) => (value === null ? null : `${value}!`));
			const events: ApplyEvent[] = [];
			for await (const event of apply({database: again, migrations: folder(project.at('migrations')), consent: true})) events.push(event);
			const rows = new BetterSqlite3(project.at('app.db'), {readonly: true}).prepare('SELECT a, b FROM t NOT INDEXED').raw().all();
			return [events.at(-1) as ApplyEvent, rows, events.map(({type}) => type)];
		} finally {
			again.close();
		}
	}

	test.each(drivers)('is rewritten on a connection that has the function (%s)', async (_driver, open) => {
		const [event, rows] = await end(open, true);
		expect(event).toMatchObject({type: 'done'});
		expect(rows).toEqual([
			['x', 1],
			[null, 2],
		]);
	});

	test.each(drivers)('is not rewritten on any other connection, and the message says which one can (%s)', async (_driver, open) => {
		const [event, rows, types] = await end(open, false);
		// Only the copy in memory has been changed.
		expect(types).toEqual(['failed']);
		expect(event).toMatchObject({
			type: 'failed',
			message: 'no such function: shout',
			hint: expect.stringContaining('apply the migration in that program'),
		});
		expect(rows).toEqual([
			['x', '1'],
			[null, '2'],
		]);
	});
});

/** Migrations that use a function of the program. */
const changes = [
	['an index that a statement creates', "op.execute('CREATE INDEX i ON t (shout(a))')"],
	['an index', "op.createIndex('CREATE INDEX i ON t (shout(a))')"],
	['a table that a statement creates', "op.execute('CREATE TABLE u (a CHECK (shout(a) <> 1))')"],
	['a table', "op.createTable('CREATE TABLE u (a CHECK (shout(a) <> 1), b AS (shout(a)))')"],
	['a column with a CHECK', "op.addColumn('t', 'c TEXT CHECK (shout(c) <> 1)')"],
	['a CHECK', "op.changeTable('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, CHECK (shout(a) <> 1 AND whisper(a) <> 2))')"],
	['a statement about rows', `op.execute("INSERT INTO t (a) VALUES (shout('x'))")`],
] as const;

describe.each(changes)('%s with a function of the program', (_, change) => {
	test.each(drivers)('is applied on a connection that has the function (%s)', async (_driver, open) => {
		const project = projectFolder({'migrate.toml': toml});
		project.migration('20260101_000000_change', `${change};`);
		const db = open(project.at('app.db'));
		try {
			for (const name of ['shout', 'whisper']) db.function(name, {deterministic: true}, (value) => (value === null ? null : `${value}!`));
			db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t (a) VALUES ('x'), (NULL)`);
			const events: ApplyEvent[] = [];
			for await (const event of apply({database: db, migrations: folder(project.at('migrations')), consent: true})) events.push(event);
			expect(events.at(-1)).toMatchObject({type: 'done'});
		} finally {
			db.close();
		}
	});

	test.each(drivers)('is not tried by a dry run, whose copy does not have the function (%s)', async (_driver, open) => {
		const project = projectFolder({'migrate.toml': toml});
		project.migration('20260101_000000_change', `${change};`);
		const db = open(project.at('app.db'));
		try {
			for (const name of ['shout', 'whisper']) db.function(name, {deterministic: true}, (value) => value);
			db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)');
			let last: ApplyEvent | undefined;
			for await (const event of apply({database: db, migrations: folder(project.at('migrations')), dryRun: true})) last = event;
			expect(last).toMatchObject({
				type: 'failed',
				hint: 'a dry run works on a copy without the function shout of this connection: apply the migration without dryRun',
			});
		} finally {
			db.close();
		}
	});

	test('stops the command line before a backup is taken', async () => {
		const project = projectFolder({'migrate.toml': `${toml}backup = "always"\n`});
		project.database((db) => db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t (a) VALUES ('x'), (NULL)`));
		project.migration('20260101_000000_change', `${change};`);
		const before = readFileSync(project.at('app.db'));
		const {code, stderr} = await project.lite('upgrade', '--yes');
		expect(code).toBe(1);
		expect(stderr).toMatch(/^✗ (no such|unknown) function: shout(\(\))?\n/);
		expect(stderr).toContain('nothing was written');
		expect(stderr).toContain('function shout comes from another program');
		expect(existsSync(project.at('backups'))).toBe(false);
		expect(readFileSync(project.at('app.db'))).toEqual(before);
	});
});

test.each(drivers)(
	'a migration outside a transaction that needs a function is refused with a way out, because it is tried on a copy first (%s)',
	async (_driver, open) => {
		const project = projectFolder({'migrate.toml': toml});
		project.write(
			'migrations/20260101_000000_change.js',
			`export const transaction = false; export const upgrade = (op) => op.execute('UPDATE t SET a = shout(a)');`,
		);
		const db = open(project.at('app.db'));
		try {
			db.function('shout', {deterministic: true}, (value) => value);
			db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)');
			let last: ApplyEvent | undefined;
			for await (const event of apply({database: db, migrations: folder(project.at('migrations')), consent: true})) last = event;
			expect(last).toMatchObject({
				type: 'failed',
				hint: 'a migration outside a transaction is tried on a copy first, without the function shout of this connection: remove transaction = false from it',
			});
		} finally {
			db.close();
		}
	},
);
