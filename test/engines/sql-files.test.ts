import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {splitStatements} from '../../source/core/ddl/split.ts';
import {writeMigration} from '../../source/core/migrations/files/write.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../source/core/sqlite/open.ts';
import {emptyRqlite, type Rig, startRqlite, startSqld} from './rigs.ts';

// A .sql migration as people send it to a server themselves, without lite-migr.
const setup = `CREATE TABLE parent (id INTEGER PRIMARY KEY, v TEXT);
CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent ON DELETE CASCADE);
CREATE TABLE solo (id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO parent VALUES (1, NULL), (2, 'x'); INSERT INTO child VALUES (1, 1), (2, 2); INSERT INTO solo VALUES (1, NULL), (2, '3');`;
const counts = 'SELECT (SELECT count(*) FROM parent), (SELECT count(*) FROM child), (SELECT count(*) FROM solo)';
const statements = (sql: string): readonly string[] => splitStatements(sql).map(({text}) => text);

/** Returns the file of a migration that changes one table. */
function fileOf(table: string, column: string): string {
	const db = openInMemory();
	db.exec(setup);
	const text = writeMigration('sql', introspect(db), [
		{kind: 'changeTable', table, sql: `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, ${column})`, fill: {}},
	]);
	db.close();
	return text;
}

async function post(url: string, body: unknown): Promise<{readonly baton?: string | null}> {
	const answer = await fetch(url, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body)});
	return (await answer.json()) as {readonly baton?: string | null};
}

/** Sends requests to sqld in one stream, and continues after errors. */
async function throughSqld({db}: Rig, requests: readonly object[]): Promise<void> {
	let baton: string | null | undefined;
	for (const request of requests) baton = (await post(`${db}/v2/pipeline`, {...(baton == null ? {} : {baton}), requests: [request]})).baton;
	if (baton != null) await post(`${db}/v2/pipeline`, {baton, requests: [{type: 'close'}]});
}

const execute = (sql: string) => ({type: 'execute', stmt: {sql}});

/** How a program sends a file to an empty database that `setup` has filled. */
const programs: Readonly<Record<string, readonly [server: 'sqld' | 'rqlite', send: (rig: Rig, text: string) => Promise<void>]>> = {
	'libSQL, all at once': ['sqld', (rig, text) => throughSqld(rig, [{type: 'sequence', sql: text}])],
	'libSQL, statement by statement': ['sqld', (rig, text) => throughSqld(rig, statements(text).map(execute))],
	'libSQL with foreign keys off, statement by statement': [
		'sqld',
		(rig, text) => throughSqld(rig, ['PRAGMA foreign_keys=OFF', ...statements(text)].map(execute)),
	],
	'rqlite, in a transaction': [
		'rqlite',
		async ({port}, text) => void (await post(`http://127.0.0.1:${port}/db/execute?transaction`, statements(text))),
	],
	'rqlite, without a transaction': ['rqlite', async ({port}, text) => void (await post(`http://127.0.0.1:${port}/db/execute`, statements(text)))],
	'rqlite, one request for each statement': [
		'rqlite',
		async ({port}, text) => {
			for (const sql of statements(text)) await post(`http://127.0.0.1:${port}/db/execute`, [sql]);
		},
	],
};

describe('a .sql migration that another client sends', () => {
	let rqlite: Rig;
	let sqld: Rig;

	beforeAll(async () => {
		[rqlite, sqld] = await Promise.all([startRqlite(), startSqld()]);
	});

	afterAll(async () => {
		await Promise.all([rqlite?.stop(), sqld?.stop()]);
	});

	async function started(server: 'sqld' | 'rqlite'): Promise<Rig> {
		if (server === 'rqlite') {
			await emptyRqlite(rqlite.port);
			await post(`http://127.0.0.1:${rqlite.port}/db/execute`, statements(setup));
			return rqlite;
		}
		const drops = ['child', 'parent', 'solo', '_lite_migr_new_parent', '_lite_migr_new_solo'].map((name) => `DROP TABLE IF EXISTS ${name};`);
		await throughSqld(sqld, [{type: 'sequence', sql: `${drops.join('')}${setup}`}]);
		return sqld;
	}

	async function countsOn(server: 'sqld' | 'rqlite'): Promise<unknown> {
		if (server === 'sqld') {
			const answer = await post(`${sqld.db}/v2/pipeline`, {requests: [execute(counts), {type: 'close'}]});
			const {results} = answer as {readonly results?: readonly {readonly response?: {readonly result: {readonly rows: readonly object[][]}}}[]};
			return results?.[0]?.response?.result.rows[0]?.map((value) => Number((value as {readonly value: unknown}).value));
		}
		const answer = await post(`http://127.0.0.1:${rqlite.port}/db/query?level=strong`, [counts]);
		return (answer as {readonly results?: readonly {readonly values?: readonly unknown[]}[]}).results?.[0]?.values?.[0];
	}

	test.each(Object.keys(programs))('loses no row, also if a row does not fit, and if it is sent twice: %s', async (name) => {
		const [server, send] = programs[name] as (typeof programs)[string];
		for (const [table, column] of [
			['parent', 'v TEXT NOT NULL'],
			['parent', 'v INTEGER'],
			['solo', 'v INTEGER NOT NULL'],
			['solo', 'v INTEGER'],
		] as const) {
			const rig = await started(server);
			expect(await countsOn(server)).toEqual([2, 2, 2]);
			const text = fileOf(table, column);
			for (const time of ['once', 'twice']) {
				await send(rig, text);
				expect(await countsOn(server), `${table} ${column}, ${time}`).toEqual([2, 2, 2]);
			}
		}
	});
});
