// @ts-expect-error: the package has no types.
import initSqlJs from 'sql.js';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {localDevices} from '../laws/device.ts';
import {checkOneBundle} from '../laws/one-bundle.ts';
import {engineDevices, type WorkerHolder} from './devices.ts';
import {startWorker} from './worker-rig.ts';

const histories = Number(process.env.LAWS ?? 8);
const seed = Number(process.env.LAWS_SEED ?? (process.env.LAWS === undefined ? 20261130 : Date.now() % 1e9));
let holder: WorkerHolder;

beforeAll(async () => {
	holder = {rig: await startWorker(histories * 2 + 2)};
}, 120_000);

afterAll(() => holder.rig.stop());

describe('one bundle', () => {
	test(
		`gives the schema and the rows of lite-migr upgrade on every driver, in ${histories} generated histories with rows in between`,
		async () => {
			const devices = {...localDevices(await initSqlJs()), ...engineDevices(holder)};
			const {found, unbundled} = await checkOneBundle(devices, {histories, seed});
			if (process.env.LAWS !== undefined) console.info(seed, found, unbundled.length);
			for (const [name, {complete, applied, stopped}] of Object.entries(found)) {
				expect({name, complete: complete > histories * 0.4, applied: applied > histories, stopped: stopped > histories * 0.8}).toEqual({
					name,
					complete: true,
					applied: true,
					stopped: true,
				});
			}
		},
		histories * 30_000 + 60_000,
	);
});
