import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {caseDice, caseFrom} from '../laws/generate/case.ts';
import {checkOnServer, type StoppableAccess} from './engine-law.ts';
import {emptyRqlite, type Rig, startD1, startRqlite, startSqld} from './rigs.ts';
import {installServers, whyNoServers} from './servers.ts';
import {wholeStory} from './story.ts';

// A sample for every run of the tests. npm run test:engines has all of them.
const missing = whyNoServers();
if (missing !== undefined) console.warn(`D1, libSQL and rqlite are not tested: ${missing}`);

describe.skipIf(missing !== undefined)(`on a real server${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
	let rqlite: Rig | undefined;

	beforeAll(installServers);
	afterAll(async () => rqlite?.stop());

	async function emptiedRqlite(): Promise<StoppableAccess> {
		rqlite ??= await startRqlite(['-fk']);
		await emptyRqlite(rqlite.port);
		return {...rqlite, stop: async () => {}};
	}

	test('a project on D1 goes from an empty folder to a changed schema and back', async () => {
		const rig = await startD1();
		try {
			const project = await wholeStory(rig, rig.db);
			expect(project.printed()).not.toMatch(/secret|_cf_/);
		} finally {
			await rig.stop();
		}
	});

	test.each([
		['D1', startD1, 2],
		['libSQL', startSqld, 4],
		['rqlite with foreign keys on', emptiedRqlite, 4],
	] as const)('a guarded script gives the same schema and rows as a local upgrade: %s', async (_name, start, count) => {
		for (const dice of fc.sample(caseDice, {numRuns: count, seed: 20261130})) expect(await checkOnServer(caseFrom(dice), () => start())).toBe('kept');
	});
});
