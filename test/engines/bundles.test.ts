import {rmSync} from 'node:fs';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {MigrError} from '../../source/core/errors.ts';
import {compileBundle} from '../../source/core/migrations/bundle/compile-bundle.ts';
import {libsqlClient} from '../../source/core/runtime/adapters/libsql-client.ts';
import type {Bundle} from '../../source/core/runtime/bundle.ts';
import {migrate} from '../../source/core/runtime/migrate.ts';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {checkMatrix} from '../core/runtime/release-matrix.ts';
import {firstMigration, firstRows, releaseNames, releases} from '../core/runtime/releases.ts';
import {effectsBundle, openedCase} from '../laws/bundle-losses.ts';
import {creating, sourceOf} from '../laws/bundle-source.ts';
import {type BundleOutcome, type BundleRunner, checkBundle, onBetterSqlite3, recordStart} from '../laws/check-bundle.ts';
import type {Device} from '../laws/device.ts';
import {type EffectsCase, effectsCase} from '../laws/effects/generate.ts';
import {contentsOf} from '../laws/effects/oracle.ts';
import {caseDice, caseFrom} from '../laws/generate/case.ts';
import {Impossible, inWorker, migrateWithBun, onBun, onSqld, startSqldWithClients} from './bundle-runners.ts';
import {engineDevices, type WorkerHolder} from './devices.ts';
import {newFolder} from './rigs.ts';
import {startWorker} from './worker-rig.ts';

const runs = Number(process.env.LAWS ?? 15);
const chosen = process.env.LAWS_SEED ?? (process.env.LAWS === undefined ? '20261130' : undefined);
const seed = chosen === undefined ? {} : {seed: Number(chosen)};

let holder: WorkerHolder;

beforeAll(async () => {
	// Each case uses one for the upgrade and one for the downgrade.
	holder = {rig: await startWorker(runs * 3 + 260)};
}, 60_000);

afterAll(() => holder.rig.stop());

describe('a bundle', () => {
	test.each([
		['bun:sqlite', () => onBun, 0.9],
		['a D1 binding', () => inWorker(holder.rig, 'd1'), 0.5],
		['a Durable Object', () => inWorker(holder.rig, 'object'), 0.5],
		['@libsql/client with sqld', () => onSqld, 0.6],
	] as const satisfies readonly (readonly [string, () => BundleRunner, number])[])(
		`gives the schema of the models and keeps every row, and the release before undoes it, in ${runs} generated cases: %s`,
		async (_name, runner, share) => {
			const run = runner();
			const found: Record<BundleOutcome, number> = {kept: 0, undone: 0, refused: 0, orphans: 0, impossible: 0};
			const impossible = new Set<string>();
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => {
					try {
						found[await checkBundle(caseFrom(dice), run, impossible)] += 1;
					} catch (error) {
						if (!String(error).includes('Impossible') && !(error instanceof Impossible)) throw error;
						found.impossible += 1;
						impossible.add(/Impossible: (.*)/.exec(String(error))?.[1] ?? String(error));
					}
				}),
				{numRuns: runs, ...seed, endOnFailure: true},
			);
			if (process.env.LAWS !== undefined) console.info(found, impossible);
			expect(found.kept + found.undone).toBeGreaterThan(share * runs);
		},
		runs * 20_000 + 60_000,
	);
});

test('a statement with fewer characters and more bytes than a server stores runs through @libsql/client', async () => {
	const {rig, connect} = await startSqldWithClients();
	const client = connect();
	const long = `CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT DEFAULT '${'ü'.repeat(4900)}')`;
	try {
		const {bundle} = await compileBundle(sourceOf([creating('20260101_000000_note', [long])]));
		await migrate(libsqlClient(client), bundle);
		await client.execute('INSERT INTO note (id) VALUES (1)');
		expect((await client.execute('SELECT length(text) FROM note')).rows[0]?.[0]).toBe(4900);
	} finally {
		client.close();
		await rig.stop();
	}
});

describe('statements of a migration in a bundle', () => {
	test.each([
		['bun:sqlite', () => onBun],
		['a D1 binding', () => inWorker(holder.rig, 'd1', runs * 2 + 20)],
		['a Durable Object', () => inWorker(holder.rig, 'object', runs * 2 + 20)],
		['@libsql/client with sqld', () => onSqld],
	] as const satisfies readonly (readonly [string, () => BundleRunner])[])(
		`have the effect and the losses that they have on better-sqlite3, in ${runs} generated migrations: %s`,
		async (_name, runner) => {
			const run = runner();
			const found = {applied: 0, asked: 0, failed: 0, impossible: 0};
			await fc.assert(
				fc.asyncProperty(effectsCase, async (one) => {
					found[await sameLosses(one, run)] += 1;
				}),
				{numRuns: runs, ...seed, endOnFailure: true},
			);
			if (process.env.LAWS !== undefined) console.info(found);
			expect(found.applied).toBeGreaterThan(0);
			expect(found.asked).toBeGreaterThan(0);
		},
		runs * 20_000 + 60_000,
	);
});

/** Runs a case without consent, here and on an engine. */
async function sameLosses(one: EffectsCase, run: BundleRunner): Promise<'applied' | 'asked' | 'failed' | 'impossible'> {
	const bundle = await effectsBundle(one);
	if (bundle === undefined) return 'failed';
	const outcomeOf = async (runner: BundleRunner) => {
		const db = openedCase(one);
		recordStart(db, bundle);
		try {
			const {db: after} = await runner(db, bundle, {});
			const contents = contentsOf(after);
			after.close();
			return {contents};
		} catch (error) {
			if (error instanceof MigrError) return error.code === 'answerNeeded' ? {asked: error.details} : {failed: error.message};
			if (String(error).includes('Impossible') || error instanceof Impossible) return {impossible: String(error)};
			throw error;
		}
	};
	const [here, there] = [await outcomeOf(onBetterSqlite3), await outcomeOf(run)];
	if ('impossible' in there) return 'impossible';
	// The message of SQLite depends on its version.
	if ('failed' in here && 'failed' in there) return 'failed';
	expect(there).toEqual(here);
	return 'asked' in here ? 'asked' : 'applied';
}

const devices = ['bun:sqlite', 'a D1 binding', 'a Durable Object', '@libsql/client with sqld'] as const;

/** Opens a device. The numbers of the laws above come first. */
async function open(name: (typeof devices)[number]): Promise<Device> {
	const device = await engineDevices(holder, runs * 2 + 1 + numbers++)[name]?.();
	if (device === undefined) throw new Error(name);
	return device;
}

let numbers = 0;

async function count(device: Device, table: string): Promise<number> {
	const db = await device.copy();
	try {
		return Number(db.value(`SELECT count(*) FROM ${table}`));
	} finally {
		db.close();
	}
}

test.each(devices)(
	'six releases and the databases of all of them: each release upgrades older databases, and refuses and steps back newer ones: %s',
	async (name) => {
		await checkMatrix(() => open(name));
	},
	240_000,
);

describe.each(devices)('six releases on %s', (name) => {
	test('upgrade, refuse a newer database, ask before a loss, step back, and start twice at the same time', async () => {
		const [old, latest] = [(await releases())[0] as Bundle, (await releases()).at(-1) as Bundle];
		const device = await open(name);
		try {
			expect(await device.migrate(old)).toMatchObject({applied: releaseNames.slice(0, 1)});
			await device.exec(firstRows);
			const both = await Promise.all([device.migrate(latest), device.migrate(latest)]);
			expect(both.map(({applied}) => applied.length).toSorted()).toEqual([0, 5]);
			expect([await count(device, 'user'), await count(device, 'post')]).toEqual([3, 3]);
			await device.exec(['UPDATE post SET likes = 9']);
			await expect(device.migrate(old)).rejects.toMatchObject({code: 'databaseNewer'});
			await expect(device.migrate(old, {downgrade: true})).rejects.toMatchObject({code: 'answerNeeded'});
			expect(await device.migrate(old, {downgrade: true, consent: true})).toEqual({
				applied: [],
				undone: releaseNames.slice(1).toReversed(),
				at: releaseNames[0],
			});
			expect([await count(device, 'user'), await count(device, 'post')]).toEqual([3, 3]);
			await expect(count(device, 'level')).rejects.toThrow();
			await device.exec(["UPDATE user SET name = 'Ann'"]);
			await expect(device.migrate(latest)).rejects.toMatchObject({code: 'hazard', message: expect.stringContaining('UNIQUE constraint failed')});
			expect(await count(device, '_lite_migr')).toBe(1);
			await device.exec(['UPDATE user SET name = name || id']);
			expect((await device.migrate(latest)).applied).toHaveLength(5);
		} finally {
			await device.close();
		}
	}, 120_000);

	test('a loss without consent changes nothing, and is reported with its number of rows', async () => {
		const [first] = await releases();
		if (first === undefined) throw new Error('no releases');
		const device = await open(name);
		try {
			await device.migrate(first);
			await device.exec(firstRows);
			const deleting: Bundle = {...first, migrations: [...first.migrations, await deletion()]};
			await expect(device.migrate(deleting)).rejects.toMatchObject({
				code: 'answerNeeded',
				details: ['post: 1 row would be deleted', 'the database is unchanged'],
			});
			expect(await count(device, 'post')).toBe(3);
			expect((await device.migrate(deleting, {consent: true})).applied).toHaveLength(1);
			expect(await count(device, 'post')).toBe(2);
		} finally {
			await device.close();
		}
	}, 120_000);
});

/** Returns a migration after the first release that deletes rows. */
async function deletion(): Promise<Bundle['migrations'][number]> {
	const {bundle} = await compileBundle(sourceOf([firstMigration, creating('20260102_000000_delete', ['DELETE FROM post WHERE title IS NULL'])]));
	return bundle.migrations[1] as Bundle['migrations'][number];
}

/** Enough rows that a batch takes a while. */
const manyRows = [
	...firstRows,
	"INSERT INTO user (name) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000) SELECT 'n' || i FROM c",
	'INSERT INTO post (user_id, title) SELECT id, name FROM user',
];

describe('a batch that is cut off', () => {
	test('because the process with bun:sqlite is killed, leaves the file old or new', async () => {
		const [old, latest] = [(await releases())[0] as Bundle, (await releases()).at(-1) as Bundle];
		const folder = newFolder();
		try {
			for (const moment of [3, 20, 45, 70]) {
				const file = join(folder, `${moment}.db`);
				await migrateWithBun(file, old, {});
				const db = openDatabase(file);
				for (const sql of firstRows) db.exec(sql);
				db.close();
				await expect(migrateWithBun(file, latest, {}, moment)).rejects.toMatchObject({signal: 'SIGKILL'});
				const after = openDatabase(file);
				expect(after.tuples('SELECT name FROM _lite_migr')).toEqual([[releaseNames[0]]]);
				expect(after.value('SELECT count(*) FROM post')).toBe(3);
				expect(after.value('PRAGMA integrity_check')).toBe('ok');
				after.close();
				expect((await migrateWithBun(file, latest, {})).applied).toHaveLength(5);
			}
		} finally {
			rmSync(folder, {recursive: true});
		}
	}, 60_000);

	test('because sqld is killed, leaves the database old or new, and the next call completes it', async () => {
		const [old, latest] = [(await releases())[0] as Bundle, (await releases()).at(-1) as Bundle];
		for (const milliseconds of [2, 20, 60, 150]) {
			const {rig, connect} = await startSqldWithClients();
			try {
				const client = connect();
				await migrate(libsqlClient(client), old);
				await client.batch([...manyRows], 'write');
				const running = migrate(libsqlClient(client), latest).then(
					() => 'applied',
					(error: unknown) => (error instanceof MigrError ? error.code : String(error)),
				);
				await new Promise((done) => setTimeout(done, milliseconds));
				await rig.kill();
				const outcome = await running;
				client.close();
				await rig.restart();
				const again = connect();
				const names = (await libsqlClient(again).query('SELECT name FROM _lite_migr ORDER BY id')).map(({name}) => name);
				expect([releaseNames.slice(0, 1), releaseNames], outcome).toContainEqual(names);
				if (outcome === 'applied') expect(names).toEqual(releaseNames);
				expect(await libsqlClient(again).query('SELECT count(*) AS n FROM post')).toEqual([{n: 20_006}]);
				expect((await migrate(libsqlClient(again), latest)).at).toBe(releaseNames.at(-1));
				again.close();
			} finally {
				await rig.stop();
			}
		}
	}, 120_000);

	test.each(['d1', 'object'] as const)(
		'because workerd ends, leaves the database old or new, and the next call completes it: %s',
		async (kind) => {
			const [old, latest] = [(await releases())[0] as Bundle, (await releases()).at(-1) as Bundle];
			for (const milliseconds of [5, 40, 120]) {
				const rig = await startWorker(1);
				const database = rig.database(kind, 0);
				await database.migrate([old]);
				await database.batch(manyRows);
				const running = database.migrate([latest]).then(
					() => 'applied',
					() => 'cut off',
				);
				await new Promise((done) => setTimeout(done, milliseconds));
				const restart = await rig.kill();
				const outcome = await running;
				const next = await restart();
				try {
					const again = next.database(kind, 0);
					const names = ((await again.query('SELECT name FROM _lite_migr ORDER BY id')) as readonly {readonly name: string}[]).map(({name}) => name);
					expect([releaseNames.slice(0, 1), releaseNames], outcome).toContainEqual(names);
					if (outcome === 'applied') expect(names).toEqual(releaseNames);
					expect(await again.query('SELECT count(*) AS n FROM post')).toEqual([{n: 20_006}]);
					expect((await again.migrate([latest]))[0]).toMatchObject({at: releaseNames.at(-1)});
				} finally {
					await next.stop();
				}
			}
		},
		120_000,
	);
});
