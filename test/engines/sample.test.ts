import fc from 'fast-check';
// @ts-expect-error: the package has no types.
import initSqlJs from 'sql.js';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {localDevices} from '../laws/device.ts';
import {caseDice, caseFrom} from '../laws/generate/case.ts';
import {checkOneBundle} from '../laws/one-bundle.ts';
import {engineDevices} from './devices.ts';
import {checkOnServer, type StoppableAccess} from './engine-law.ts';
import {type Access, emptyRqlite, type Rig, spareDatabases, startD1, startRqlite, startSqld} from './rigs.ts';
import {installServers, whyNoServers} from './servers.ts';
import {wholeStory} from './story.ts';
import {startWorker} from './worker-rig.ts';

// A sample for every run of the tests. npm run test:engines has all of them.
const missing = whyNoServers();
if (missing !== undefined) console.warn(`D1, libSQL and rqlite are not tested: ${missing}`);

describe.skipIf(missing !== undefined)(`on a real server${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
	let d1: Rig | undefined;
	let nextD1: (() => Access) | undefined;
	let rqlite: Rig | undefined;

	beforeAll(installServers);
	afterAll(async () => {
		await d1?.stop();
		await rqlite?.stop();
	});

	async function spareD1(): Promise<StoppableAccess> {
		d1 ??= await startD1();
		nextD1 ??= spareDatabases(d1);
		return {...nextD1(), stop: async () => {}};
	}

	async function emptiedRqlite(): Promise<StoppableAccess> {
		rqlite ??= await startRqlite(['-fk']);
		await emptyRqlite(rqlite.port);
		return {...rqlite, stop: async () => {}};
	}

	test('a project on D1 goes from an empty folder to a changed schema and back', async () => {
		d1 ??= await startD1();
		const project = await wholeStory(d1, d1.db);
		expect(project.printed()).not.toMatch(/secret|_cf_/);
	});

	test('one bundle gives the schema and the rows of lite-migr upgrade on every driver, in 2 generated histories with rows in between', async () => {
		const holder = {rig: await startWorker(4)};
		try {
			const devices = {...localDevices(await initSqlJs()), ...engineDevices(holder)};
			const {found} = await checkOneBundle(devices, {histories: 2, seed: 20261130});
			for (const [name, {applied, complete}] of Object.entries(found)) {
				expect({name, applied: applied > 2, complete: complete > 0}).toEqual({name, applied: true, complete: true});
			}
		} finally {
			await holder.rig.stop();
		}
	});

	test.each([
		['D1', spareD1, 2],
		['libSQL', startSqld, 4],
		['rqlite with foreign keys on', emptiedRqlite, 4],
	] as const)('a guarded script gives the same schema and rows as a local upgrade: %s', async (_name, start, count) => {
		for (const dice of fc.sample(caseDice, {numRuns: count, seed: 20261130})) expect(await checkOnServer(caseFrom(dice), () => start())).toBe('kept');
	});
});
