import {copyFileSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {nodeSqlite} from '../../source/core/runtime/adapters/node-sqlite.ts';
import type {Bundle} from '../../source/core/runtime/bundle.ts';
import {migrate} from '../../source/core/runtime/migrate.ts';
import {fileDrivers} from '../core/runtime/drivers.ts';
import {firstRows, releaseNames, releases} from '../core/runtime/releases.ts';
import {otherProcess} from '../core/sqlite/other-process.ts';

let folder: string;
let first: Bundle;
let latest: Bundle;
let old: string;
let contents: {readonly old: string; readonly new: string};

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'lite-migr-runtime-'));
	const bundles = await releases();
	[first, latest] = [bundles[0] as Bundle, bundles.at(-1) as Bundle];
	old = join(folder, 'old.db');
	const db = new DatabaseSync(old);
	await migrate(nodeSqlite(db), first);
	for (const sql of firstRows) db.exec(sql);
	db.close();
	const copy = copyOf('new.db');
	const next = new DatabaseSync(copy);
	await migrate(nodeSqlite(next), latest);
	next.close();
	contents = {old: contentsOf(old), new: contentsOf(copy)};
	writeFileSync(join(folder, 'bundle.json'), JSON.stringify(latest));
});

afterAll(() => rmSync(folder, {recursive: true, force: true}));

function copyOf(name: string): string {
	const file = join(folder, name);
	copyFileSync(old, file);
	return file;
}

/** Returns the schema and the rows of a file as text, without the times in the history. */
function contentsOf(file: string): string {
	const db = new DatabaseSync(file);
	try {
		const objects = db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all();
		const tables = objects.filter(({type}) => type === 'table').map(({name}) => String(name));
		const rows = tables.map((name) =>
			db
				.prepare(`SELECT * FROM "${name}"`)
				.all()
				.map(({applied_at: _, ...row}) => row),
		);
		return JSON.stringify([objects, rows, db.prepare('PRAGMA integrity_check').all()]);
	} finally {
		db.close();
	}
}

describe('a batch that fails in the middle', () => {
	test.each(Object.keys(fileDrivers))(
		'leaves everything unchanged, regardless of which statement fails: %s',
		async (driver) => {
			for (let failing = 0; ; failing++) {
				const file = copyOf(`failing-${failing}.db`);
				const db = fileDrivers[driver]?.(file);
				if (db === undefined) throw new Error(driver);
				const {batch} = db.connection;
				const connection = {
					...db.connection,
					batch: (statements: readonly string[], needs: {readonly foreignKeysOff: boolean}) =>
						batch(statements.toSpliced(failing, 0, ...(failing < statements.length ? ['SELECT no_such_function()'] : [])), needs),
				};
				const isDone = await migrate(connection, latest).then(
					() => true,
					(error: unknown) => {
						expect(error).toMatchObject({code: 'migration', message: expect.stringContaining('no_such_function')});
						return false;
					},
				);
				expect(db.all('PRAGMA foreign_keys')).toEqual([{foreign_keys: 1}]);
				db.close();
				expect(contentsOf(file)).toBe(isDone ? contents.new : contents.old);
				rmSync(file);
				if (isDone) {
					expect(failing).toBeGreaterThan(50);
					break;
				}
			}
		},
		60_000,
	);
});

const killed = `
import {readFileSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import BetterSqlite3 from 'better-sqlite3';
import {betterSqlite3} from 'source/core/runtime/adapters/better-sqlite3.ts';
import {nodeSqlite} from 'source/core/runtime/adapters/node-sqlite.ts';
import {migrate} from 'source/core/runtime/migrate.ts';
const [driver, file, bundle, at] = process.argv.slice(1);
const db = driver === 'node:sqlite' ? new DatabaseSync(file) : new BetterSqlite3(file);
let statements = 0;
const counted = {
	prepare: (sql) => db.prepare(sql),
	exec(sql) {
		if (++statements === Number(at)) process.kill(process.pid, 'SIGKILL');
		db.exec(sql);
	},
};
await migrate((driver === 'node:sqlite' ? nodeSqlite : betterSqlite3)(counted), JSON.parse(readFileSync(bundle, 'utf8')));
console.log('done');
`;

describe('a process that is killed', () => {
	const moments = process.env.FAULTS === 'all' ? Array.from({length: 140}, (_, index) => index + 1) : [1, 4, 9, 30, 58, 73];
	test.each(Object.keys(fileDrivers))(
		'leaves the database old or new, and the next start completes it: %s',
		async (driver) => {
			const ended: (number | string)[] = [];
			for (const moment of moments) {
				const file = copyOf(`killed-${moment}.db`);
				const child = otherProcess(killed, driver, file, join(folder, 'bundle.json'), String(moment));
				ended.push(await child.ended);
				expect([contents.old, contents.new], child.output()).toContain(contentsOf(file));
				const db = new DatabaseSync(file);
				expect((await migrate(nodeSqlite(db), latest)).at).toBe(releaseNames.at(-1));
				db.close();
				expect(contentsOf(file)).toBe(contents.new);
			}
			expect(ended.filter((signal) => signal === 'SIGKILL').length).toBeGreaterThan(moments.length / 2);
		},
		240_000,
	);
});

const starting = `
import {readFileSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {nodeSqlite} from 'source/core/runtime/adapters/node-sqlite.ts';
import {migrate} from 'source/core/runtime/migrate.ts';
const [file, bundle] = process.argv.slice(1);
const db = new DatabaseSync(file);
const {applied, at} = await migrate(nodeSqlite(db), JSON.parse(readFileSync(bundle, 'utf8')));
console.log(JSON.stringify({applied: applied.length, at}));
`;

describe('several programs that start at the same time', () => {
	test.each(['delete', 'wal'])(
		'one of them applies everything, and the others find nothing to do (journal_mode=%s)',
		async (journal) => {
			const file = copyOf(`starting-${journal}.db`);
			const db = new DatabaseSync(file);
			db.exec(`PRAGMA journal_mode = ${journal}`);
			db.close();
			const children = Array.from({length: 4}, () => otherProcess(starting, file, join(folder, 'bundle.json')));
			const codes = await Promise.all(children.map(({ended}) => ended));
			const outputs = children.map(
				(child) =>
					child
						.output()
						.split('\n')
						.find((line) => line.startsWith('{')) ?? child.output(),
			);
			expect({codes, outputs: outputs.toSorted()}).toEqual({
				codes: [0, 0, 0, 0],
				outputs: [0, 0, 0, releaseNames.length - 1].map((applied) => JSON.stringify({applied, at: releaseNames.at(-1)})),
			});
			expect(contentsOf(file)).toBe(contents.new);
		},
		60_000,
	);

	test('a database that stays locked is an error after the wait, and is unchanged', async () => {
		const file = copyOf('locked.db');
		const holder = new DatabaseSync(file);
		holder.exec('BEGIN IMMEDIATE');
		const db = new DatabaseSync(file);
		await expect(migrate(nodeSqlite(db), latest, {wait: 0.2})).rejects.toMatchObject({code: 'locked'});
		holder.exec('ROLLBACK');
		holder.close();
		db.close();
		expect(contentsOf(file)).toBe(contents.old);
	});
});
