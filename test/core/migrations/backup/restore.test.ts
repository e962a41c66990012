import {readdirSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {findBackup, listBackups} from '../../../../source/core/migrations/backup/backup-files.ts';
import {type Restored, type RestoreRequest, restoreBackup} from '../../../../source/core/migrations/backup/restore.ts';
import {planRestore} from '../../../../source/core/migrations/backup/restore-plan.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {otherProcess} from '../../sqlite/other-process.ts';
import {thrownBy} from '../../sqlite/temporary-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {done} = runnerFor(project);
const folder = () => project.at('backups');
const newest = () => findBackup(project.file, folder());

async function restore(options: Partial<RestoreRequest> = {}): Promise<Restored> {
	const running = restoreBackup({
		database: project.file,
		backup: newest(),
		folder: folder(),
		now: new Date('2026-11-23T00:00:00Z'),
		consent: false,
		wait: 1,
		...options,
	});
	let next = await running.next();
	while (next.done !== true) next = await running.next();
	return next.value;
}

/** Creates a database with two rows, and upgrades it, which takes a backup. */
async function upgraded(mode = 'DELETE') {
	project.exec(
		`PRAGMA journal_mode = ${mode}; CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age TEXT); INSERT INTO user VALUES (1, 'Ann', '07'), (2, 'Bob', '8')`,
	);
	project.migration(
		'1_a',
		`op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)'); op.createTable('CREATE TABLE log (x)');`,
	);
	await done({consent: true});
}

describe('a restore', () => {
	test.each(['DELETE', 'WAL'])('restores the previous state, and keeps the current one as a backup (%s)', async (mode) => {
		await upgraded(mode);
		expect(planRestore(project.file, newest())).toEqual({
			id: expect.stringMatching(/^[0-9a-f]{8}$/),
			tables: [
				{name: 'user', rowsNow: 2, rowsInBackup: 2, lost: 0, reverted: 0, schemaChanged: true},
				{name: 'log', rowsNow: 0, rowsInBackup: null, lost: 0, reverted: 0, schemaChanged: true},
			],
			migrations: ['1_a'],
			losesRows: false,
		});
		const taken = newest();
		const restored = await restore();
		expect(restored).toEqual({database: project.file, kept: project.at('backups/app-20261123T000000-restore.db'), currentMigration: null});
		expect(project.all('SELECT age FROM user')).toEqual([{age: '07'}, {age: '8'}]);
		expect(project.value('PRAGMA journal_mode')).toBe(mode.toLowerCase());
		expect(listBackups(project.file, folder()).map(({id, before}) => [id, before])).toEqual([
			['20261123T000000', 'restore'],
			[taken.id, '1_a'],
		]);
		expect((await restore({backup: newest(), now: new Date('2026-11-24T00:00:00Z'), consent: true})).currentMigration).toBe('1_a');
		expect(readdirSync(folder()).every((name) => name.endsWith('.db'))).toBe(true);
	});

	test('needs consent to lose rows and values that were added after the backup', async () => {
		await upgraded();
		project.exec(
			`INSERT INTO user VALUES (3, 'Cy', 5); UPDATE user SET name = 'Rob' WHERE id = 2; INSERT INTO log VALUES (1); DELETE FROM user WHERE id = 1`,
		);
		const failed = await thrownBy(() => restore());
		expect(failed).toMatchObject({code: 'answerNeeded', hint: expect.stringContaining('--yes')});
		expect(failed.details).toEqual(['user: 1 row would be deleted, 1 row would get its old values back', 'log: 1 row would be deleted']);
		expect(project.value('SELECT count(*) FROM user')).toBe(2);
		await restore({consent: true});
		expect(project.all('SELECT name FROM user')).toEqual([{name: 'Ann'}, {name: 'Bob'}]);
	});

	test.each(['DELETE', 'WAL'])('is visible to connections that stay open (%s)', async (mode) => {
		await upgraded(mode);
		const other = openDatabase(project.file);
		expect(other.value('SELECT typeof(age) FROM user')).toBe('integer');
		await restore();
		expect(other.value('SELECT typeof(age) FROM user')).toBe('text');
		expect(other.value('PRAGMA integrity_check')).toBe('ok');
		other.exec("INSERT INTO user VALUES (9, 'x', 'y')");
		other.close();
		expect(project.value('SELECT count(*) FROM user')).toBe(3);
	});

	test.each(['DELETE', 'WAL'])('reports when it waits for a lock, and when the lock is free (%s)', async (mode) => {
		await upgraded(mode);
		const other = openDatabase(project.file);
		other.exec('BEGIN IMMEDIATE');
		const states: string[] = [];
		await restore({
			consent: true,
			wait: 30,
			onWait: ({state}) => {
				states.push(state);
				if (state === 'waiting') other.close();
			},
		});
		expect(states).toEqual(['waiting', 'over']);
	});

	test('changes nothing while another process holds a lock, and works once it is released', async () => {
		await upgraded();
		const other = otherProcess(
			`import {openDatabase} from 'source/core/sqlite/open.ts';
			const db = openDatabase(process.argv[1]);
			db.exec('BEGIN IMMEDIATE; INSERT INTO log VALUES (1)');
			console.log('locked');
			setInterval(() => {}, 1000);`,
			project.file,
		);
		await other.says('locked');
		expect(await thrownBy(() => restore({wait: 0.1}))).toMatchObject({code: 'locked'});
		other.child.kill('SIGKILL');
		await other.ended;
		await restore();
		expect(project.value('SELECT typeof(age) FROM user')).toBe('text');
	});

	test('fails and changes nothing if a reader does not finish', async () => {
		await upgraded();
		const reader = openDatabase(project.file);
		reader.exec('BEGIN; SELECT * FROM user');
		expect(await thrownBy(() => restore({wait: 0.1}))).toMatchObject({code: 'locked'});
		reader.exec('COMMIT');
		expect(reader.value('SELECT typeof(age) FROM user')).toBe('integer');
		reader.close();
	});

	test('recreates a missing database', async () => {
		await upgraded();
		rmSync(project.file);
		expect(await restore()).toMatchObject({kept: null, currentMigration: null});
		expect(project.value('SELECT count(*) FROM user')).toBe(2);
	});

	test('moves a file to the backups if it is no longer a database', async () => {
		await upgraded();
		const taken = newest();
		writeFileSync(project.file, 'nonsense');
		expect(await thrownBy(() => restore())).toMatchObject({code: 'answerNeeded', message: expect.stringContaining('a text file')});
		const {kept} = await restore({consent: true, backup: taken});
		expect(kept).toBe(project.at('backups/app-20261123T000000-damaged.db'));
		expect(project.value('SELECT count(*) FROM user')).toBe(2);
	});

	test('restores rows that violate a constraint of their table, because that is not damage', async () => {
		await upgraded();
		const db = openDatabase(newest().path);
		db.exec(`PRAGMA ignore_check_constraints = ON; CREATE TABLE strict (n INTEGER CHECK (n > 0), v INTEGER AS (n) VIRTUAL, x INT DEFAULT 'x') STRICT;
			INSERT INTO strict (n, x) VALUES (-1, 1), (2, 2)`);
		db.close();
		await restore();
		expect(project.all('SELECT n, x FROM strict')).toEqual([
			{n: -1, x: 1},
			{n: 2, x: 2},
		]);
	});

	test('reports values with another spelling, even if the collation of the column treats them as equal', async () => {
		project.exec("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE); INSERT INTO tag VALUES (1, 'a'), (2, 'b')");
		project.migration('1_a', `op.execute('DELETE FROM tag WHERE id = 2');`);
		await done({consent: true});
		project.exec("UPDATE tag SET name = 'A'");
		expect(planRestore(project.file, newest())).toMatchObject({tables: [{name: 'tag', lost: 0, reverted: 1}], losesRows: true});
	});

	test('of a damaged database moves it aside once, even if two run at the same time', async () => {
		await upgraded();
		const id = newest().path;
		writeFileSync(project.file, 'x'.repeat(5000));
		const backup = findBackup(project.file, folder(), id);
		await Promise.all([restore({backup, consent: true}), restore({backup, consent: true})]);
		expect(readdirSync(folder()).filter((name) => name.includes('damaged'))).toEqual(['app-20261123T000000-damaged.db']);
		expect(project.all('SELECT age FROM user')).toEqual([{age: '07'}, {age: '8'}]);
		expect(readdirSync(project.path).filter((name) => name.startsWith('app.db'))).toEqual(['app.db']);
	});

	test('rejects a damaged backup, and an unknown name', async () => {
		await upgraded();
		truncateSync(newest().path, 5000);
		expect((await thrownBy(() => restore())).code).toBe('backup');
		writeFileSync(newest().path, 'nonsense');
		expect((await thrownBy(() => restore())).code).toBe('backup');
		const failed = await thrownBy(() => findBackup(project.file, folder(), 'nope'));
		expect(failed).toMatchObject({code: 'usage', details: ['20261122T175203   1_a']});
		expect(project.value('SELECT typeof(age) FROM user')).toBe('integer');
	});

	test('leaves the old content or the new one if it is killed', async () => {
		await upgraded();
		project.exec(
			'INSERT INTO log SELECT randomblob(2000) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000) SELECT * FROM n)',
		);
		const big = await (async () => {
			await restore({consent: true, now: new Date('2026-11-24T00:00:00Z')});
			return newest();
		})();
		const other = otherProcess(
			`import {openDatabase} from 'source/core/sqlite/open.ts';
			import {copyDatabase} from 'source/core/sqlite/copy-database.ts';
			const source = openDatabase(process.argv[1]);
			let calls = 0;
			await copyDatabase(source, process.argv[2], {onProgress: () => { if (++calls === 3) process.kill(process.pid, 'SIGKILL') }});`,
			big.path,
			project.file,
		);
		expect(await other.ended).toBe('SIGKILL');
		expect(project.value('PRAGMA integrity_check')).toBe('ok');
		expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name = 'log'")).toBe(0);
		expect(project.value('SELECT count(*) FROM user')).toBe(2);
	});
});
