// @ts-expect-error: the package has no types.
import initSqlJs from 'sql.js';
import {describe, expect, test} from 'vitest';
import {localDevices} from '../../laws/device.ts';
import {checkMatrix} from './release-matrix.ts';
import {firstRows, releases} from './releases.ts';

const devices = localDevices(await initSqlJs());

describe.each(Object.entries(devices))('six releases and the databases of all of them, with %s', (_driver, open) => {
	test('each release upgrades older databases, leaves its own alone, and refuses and steps back newer ones', async () => {
		await checkMatrix(open);
	});

	test('a release that was stepped back can be applied again', async () => {
		const device = await open();
		try {
			const [old, , , , , latest] = await releases();
			if (old === undefined || latest === undefined) throw new Error('no releases');
			await device.migrate(old);
			await device.exec(firstRows);
			for (let round = 0; round < 2; round++) {
				await device.migrate(latest);
				await device.migrate(old, {downgrade: true, consent: true});
			}
			const db = await device.copy();
			expect(db.value('SELECT count(*) AS n FROM post')).toBe(3);
			db.close();
		} finally {
			await device.close();
		}
	});
});
