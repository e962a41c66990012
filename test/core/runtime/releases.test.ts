import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {migrate} from '../../../source/core/runtime/migrate.ts';
import {fileDrivers, type Opened} from './drivers.ts';
import {firstRows, releaseNames, releases} from './releases.ts';

const bundles = await releases();

function fileWith(driver: string): {readonly file: string; readonly db: Opened} {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-'));
	const file = join(folder, 'app.db');
	const open = fileDrivers[driver];
	if (open === undefined) throw new Error(driver);
	const db = open(file);
	onTestFinished(() => {
		db.close();
		rmSync(folder, {recursive: true});
	});
	return {file, db};
}

/** SQLite writes a name in quotes when it renames a table. */
const schemaOf = ({all}: Opened) =>
	all("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name").map(({type, name, sql}) =>
		`${type} ${name}: ${sql}`.replaceAll('"', '').replace(/\s+/g, ' '),
	);

const rowsOf = ({all}: Opened) => ({users: all('SELECT id, name, nick FROM user'), posts: all('SELECT id, user_id FROM post')});

describe.each(Object.keys(fileDrivers))('six releases and the databases of all of them, with %s', (driver) => {
	test('each release upgrades older databases, leaves its own alone, and refuses and steps back newer ones', async () => {
		const fresh = await Promise.all(
			bundles.map(async (bundle) => {
				const {db} = fileWith(driver);
				await migrate(db.connection, bundle);
				return schemaOf(db);
			}),
		);
		const outcomes: string[] = [];
		for (const [made, first] of bundles.entries()) {
			for (const [used, bundle] of bundles.entries()) {
				const {file, db} = fileWith(driver);
				await migrate(db.connection, first);
				for (const sql of firstRows) db.exec(made < 5 ? sql : sql.replace('title', 'headline'));
				const rows = rowsOf(db);
				const bytes = readFileSync(file);
				if (used >= made) {
					const {applied, undone, at} = await migrate(db.connection, bundle);
					expect({applied, undone, at}).toEqual({applied: releaseNames.slice(made + 1, used + 1), undone: [], at: releaseNames[used]});
					if (used === made) expect(readFileSync(file)).toEqual(bytes);
					outcomes.push(used === made ? 'same' : 'upgraded');
				} else {
					await expect(migrate(db.connection, bundle)).rejects.toMatchObject({code: 'databaseNewer'});
					await expect(migrate(db.connection, bundle, {consent: true})).rejects.toMatchObject({code: 'databaseNewer'});
					await expect(migrate(db.connection, bundle, {downgrade: true})).rejects.toMatchObject({code: 'answerNeeded'});
					expect(readFileSync(file)).toEqual(bytes);
					const {applied, undone, at} = await migrate(db.connection, bundle, {downgrade: true, consent: true});
					expect({applied, undone, at}).toEqual({applied: [], undone: releaseNames.slice(used + 1, made + 1).toReversed(), at: releaseNames[used]});
					outcomes.push('stepped back');
				}
				expect(rowsOf(db)).toEqual(rows);
				expect(schemaOf(db)).toEqual(fresh[used]);
				expect(db.all('PRAGMA foreign_key_check')).toEqual([]);
			}
		}
		expect(outcomes).toHaveLength(36);
		expect(outcomes.filter((one) => one === 'stepped back')).toHaveLength(15);
	});

	test('a release that was stepped back can be applied again', async () => {
		const {db} = fileWith(driver);
		const [old, , , , , latest] = bundles;
		if (old === undefined || latest === undefined) throw new Error('no releases');
		await migrate(db.connection, old);
		for (const sql of firstRows) db.exec(sql);
		for (let round = 0; round < 2; round++) {
			await migrate(db.connection, latest);
			await migrate(db.connection, old, {downgrade: true, consent: true});
		}
		expect(db.all('SELECT count(*) AS n FROM post')).toEqual([{n: 3}]);
	});
});
