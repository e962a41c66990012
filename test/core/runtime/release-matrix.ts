import {expect} from 'vitest';
import type {Device} from '../../laws/device.ts';
import {contentsOf} from '../../laws/generated-releases.ts';
import {firstRows, releaseNames, releases} from './releases.ts';

/** SQLite writes a name in quotes when it renames a table. */
const plain = (sql: string) => sql.replaceAll('"', '').replace(/\s+/g, ' ');

async function read(
	device: Device,
): Promise<{readonly schema: readonly string[]; readonly rows: readonly unknown[]; readonly orphans: readonly unknown[]}> {
	const db = await device.copy();
	try {
		const {schema} = contentsOf(db);
		return {
			schema: [...schema.tables, ...schema.indexes, ...schema.views, ...schema.triggers]
				.map(({kind, name, sql}) => `${kind} ${name}: ${plain(sql)}`)
				.sort(),
			rows: [db.tuples('SELECT id, name, nick FROM user ORDER BY id'), db.tuples('SELECT id, user_id FROM post ORDER BY id')],
			orphans: db.tuples('PRAGMA foreign_key_check'),
		};
	} finally {
		db.close();
	}
}

/**
 * Runs each of six releases on a database of each of them: 36 pairs. An older database is upgraded, one of the same release is left alone, and a newer one is
 * refused byte for byte unchanged, and then stepped back with the downgrades stored in it.
 */
export async function checkMatrix(open: () => Promise<Device>): Promise<void> {
	const bundles = await releases();
	const fresh: (readonly string[])[] = [];
	for (const bundle of bundles) {
		const device = await open();
		try {
			await device.migrate(bundle);
			fresh.push((await read(device)).schema);
		} finally {
			await device.close();
		}
	}
	const outcomes: string[] = [];
	for (const [made, first] of bundles.entries()) {
		for (const [used, bundle] of bundles.entries()) {
			const device = await open();
			try {
				await device.migrate(first);
				await device.exec(firstRows.map((sql) => (made < 5 ? sql : sql.replace('title', 'headline'))));
				const {rows} = await read(device);
				const bytes = await device.bytes();
				const pair = `a database of release ${made + 1}, and release ${used + 1}`;
				if (used >= made) {
					const {applied, undone, at} = await device.migrate(bundle);
					expect({pair, applied, undone, at}).toEqual({pair, applied: releaseNames.slice(made + 1, used + 1), undone: [], at: releaseNames[used]});
					if (used === made) expect((await device.bytes()).equals(bytes), pair).toBe(true);
					outcomes.push(used === made ? 'same' : 'upgraded');
				} else {
					await expect(device.migrate(bundle), pair).rejects.toMatchObject({code: 'databaseNewer'});
					await expect(device.migrate(bundle, {consent: true}), pair).rejects.toMatchObject({code: 'databaseNewer'});
					await expect(device.migrate(bundle, {downgrade: true}), pair).rejects.toMatchObject({code: 'answerNeeded'});
					expect((await device.bytes()).equals(bytes), pair).toBe(true);
					const {applied, undone, at} = await device.migrate(bundle, {downgrade: true, consent: true});
					const back = releaseNames.slice(used + 1, made + 1).toReversed();
					expect({pair, applied, undone, at}).toEqual({pair, applied: [], undone: back, at: releaseNames[used]});
					outcomes.push('stepped back');
				}
				expect({pair, ...(await read(device))}).toEqual({pair, rows, schema: fresh[used], orphans: []});
			} finally {
				await device.close();
			}
		}
	}
	expect(outcomes).toHaveLength(36);
	expect(outcomes.filter((one) => one === 'stepped back')).toHaveLength(15);
}
