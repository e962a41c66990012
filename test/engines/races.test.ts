import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import type {Engine} from '../../source/core/engines/engine.ts';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import {applyRemote} from '../../source/core/migrations/remote/apply-remote.ts';
import {newFolder, type Rig, startD1, startRqlite, startSqld} from './rigs.ts';

let rig: Rig | undefined;
let other: Engine | undefined;

afterEach(async () => {
	other?.close();
	await rig?.stop();
});

const rewrite = `op.changeTable('p', 'CREATE TABLE p (id INTEGER PRIMARY KEY, v INTEGER, status TEXT)');`;
const change = `op.execute("DELETE FROM p WHERE status = 'old'");`;

describe.each([
	['d1', startD1],
	['libsql', startSqld],
	['rqlite', () => startRqlite(['-fk'])],
] as const)('a run on %s', (_, start) => {
	/** Runs a migration while another client changes the database before the script is sent. Returns how often it was sent. */
	async function sentBeside(upgrade: string, changes: readonly string[]): Promise<number> {
		rig = await start();
		other = await openEngine(rig.target, rig.options);
		await other.apply([
			'CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT, status TEXT)',
			"INSERT INTO p VALUES (1, '1', 'old'), (2, '2', 'new'), (3, '3', 'new')",
			'CREATE TABLE q (pid)',
			'INSERT INTO q VALUES (1)',
			'CREATE VIEW seen AS SELECT pid FROM q',
		]);
		const folder = newFolder();
		mkdirSync(join(folder, 'migrations'));
		writeFileSync(join(folder, 'migrations', '1_a.ts'), `export function upgrade(op) {\n${upgrade}\n}\n`);
		const options = {
			database: 'server',
			migrationsDir: join(folder, 'migrations'),
			direction: 'upgrade',
			backup: 'never',
			toolVersion: '1.0.0',
			consent: true,
			wait: 1,
		} as const;
		let sent = 0;
		for await (const event of applyRemote(options, rig)) {
			expect(event).not.toMatchObject({type: 'failed'});
			if (event.type !== 'notice' || !event.message.startsWith('sending')) continue;
			sent += 1;
			if (sent === 1 && changes.length > 0) expect(await other.apply(changes)).toEqual({kind: 'committed'});
		}
		return sent;
	}
	const rows = async (sql: string) => (await other?.query([{sql}]))?.[0]?.rows;

	test('starts again if a statement would delete other rows than on the copy', async () => {
		expect(await sentBeside(change, ["UPDATE p SET status = CASE id WHEN 1 THEN 'new' WHEN 2 THEN 'old' ELSE status END"])).toBe(2);
		expect(await rows('SELECT id FROM p')).toEqual([[1], [3]]);
	});

	test('starts again if a table that a statement reads through a view has changed', async () => {
		expect(await sentBeside("op.execute('DELETE FROM p WHERE id IN (SELECT pid FROM seen)');", ['UPDATE q SET pid = 3'])).toBe(2);
		expect(await rows('SELECT id FROM p')).toEqual([[1], [2]]);
	});

	test('starts again if there is a new child of a table that it copies, and keeps its rows', async () => {
		expect(await sentBeside(rewrite, ['CREATE TABLE c (p INTEGER REFERENCES p ON DELETE CASCADE)', 'INSERT INTO c VALUES (1), (2)'])).toBe(2);
		expect(await rows('SELECT p FROM c')).toEqual([[1], [2]]);
	});

	test('starts again if a new row has a value that would be converted', async () => {
		expect(await sentBeside(rewrite, ["INSERT INTO p VALUES (9, '007', 'new')"])).toBe(2);
	});

	test('is sent once if other rows do not matter to it', async () => {
		const unique = `op.changeTable('p', 'CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT NOT NULL UNIQUE, status TEXT)');`;
		expect(await sentBeside(unique, ["INSERT INTO p VALUES (9, '007', 'new')"])).toBe(1);
		expect(await rows('SELECT v FROM p WHERE id = 9')).toEqual([['007']]);
	});

	test('runs statements that begin with WITH', async () => {
		const statement = 'WITH w (i) AS (VALUES (50)) INSERT INTO q SELECT i FROM w';
		expect(await sentBeside(`op.execute('${statement}');`, [])).toBe(1);
		expect(await rows('SELECT * FROM q')).toEqual([[1], [50]]);
	});
});
