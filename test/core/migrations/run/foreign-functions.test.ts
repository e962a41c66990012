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
	async function end(open: (typeof drivers)[number][1], hasFunction: boolean): Promise<readonly [ApplyEvent, unknown]> {
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
			let last: ApplyEvent | undefined;
			for await (const event of apply({database: again, migrations: folder(project.at('migrations')), consent: true})) last = event;
			const rows = new BetterSqlite3(project.at('app.db'), {readonly: true}).prepare('SELECT a, b FROM t NOT INDEXED').raw().all();
			return [last as ApplyEvent, rows];
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
		const [event, rows] = await end(open, false);
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
