// @ts-expect-error: the package has no types.
import initSqlJs from 'sql.js';
import {describe, expect, test} from 'vitest';
import {localDevices} from './device.ts';
import {checkOneBundle} from './one-bundle.ts';

const histories = Number(process.env.LAWS ?? 8);
const seed = Number(process.env.LAWS_SEED ?? (process.env.LAWS === undefined ? 20261130 : Date.now() % 1e9));
const devices = localDevices(await initSqlJs());

describe('one bundle', () => {
	test(
		`gives the schema and the rows of lite-migr upgrade in ${histories} generated histories with rows in between: ${Object.keys(devices).join(', ')}`,
		async () => {
			const {found, unbundled} = await checkOneBundle(devices, {histories, seed});
			if (process.env.LAWS !== undefined) console.info(found, unbundled.length);
			for (const [name, {applied, stopped, complete}] of Object.entries(found)) {
				expect({name, applied: applied > histories, stopped: stopped > histories * 0.8, complete: complete > histories * 0.5}).toEqual({
					name,
					applied: true,
					stopped: true,
					complete: true,
				});
			}
		},
		histories * 20_000,
	);
});
