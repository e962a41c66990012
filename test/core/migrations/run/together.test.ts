import {readdirSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {ApplyEvent} from '../../../../source/core/migrations/event.ts';
import type {Finding} from '../../../../source/core/migrations/finding.ts';
import {apply} from '../../../../source/core/migrations/run/apply.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {otherProcess} from '../../sqlite/other-process.ts';
import {optionsFor, runnerFor} from '../run.ts';

const project = projectForEachTest();
const {done, run} = runnerFor(project);

/** A program that runs an upgrade, prints its last event, and kills itself at the event given as an argument. */
const upgrade = `
	import {apply} from 'source/core/migrations/run/apply.ts';
	const [database, migrationsDir, stopAt] = process.argv.slice(1);
	let last;
	for await (const event of apply({database, migrationsDir, direction: 'upgrade', backup: 'auto', toolVersion: '1', consent: true, wait: 60})) {
		last = event;
		if (stopAt === event.type) process.kill(process.pid, 'SIGKILL');
	}
	console.log(JSON.stringify({type: last.type, applied: last.applied?.length, message: last.message}));`;

const rows = (count: number) =>
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${count}) INSERT INTO user SELECT i, 'name ' || i, i FROM n`;

test('many runs at once apply a migration outside a transaction once', async () => {
	project.exec('CREATE TABLE log (x)');
	project.migration('1_a', `op.execute('INSERT INTO log VALUES (1)'); op.execute('VACUUM');`, undefined, 'export const transaction = false;');
	const runs = Array.from({length: 4}, () => otherProcess(upgrade, project.file, project.migrationsDir));
	expect(await Promise.all(runs.map(({ended}) => ended))).toEqual([0, 0, 0, 0]);
	expect(runs.map((one) => JSON.parse(one.output()) as {type: string}).filter(({type}) => type !== 'done')).toEqual([]);
	expect(project.value('SELECT count(*) FROM log')).toBe(1);
});

test.each([
	['outside', 'export const transaction = false;', ''],
	['in a transaction after one outside', '', 'export const transaction = false;'],
])('a migration %s changes rows that an earlier migration of the same run has inserted', async (_where, last, middle) => {
	project.migration('1_a', "op.createTable('CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)'); op.execute('INSERT INTO t VALUES (1, 1)');");
	project.migration('2_b', "op.createTable('CREATE TABLE u (id INTEGER PRIMARY KEY)');", undefined, middle);
	project.migration('3_c', "op.execute('UPDATE t SET n = 2');", undefined, last);
	const events = await run({consent: true});
	expect(events.at(-1)?.type).toBe('done');
	// What it changes is reported, as for rows from before the run.
	expect(events).toContainEqual(expect.objectContaining({type: 'effects', migration: '3_c'}));
	expect(project.value('SELECT n FROM t')).toBe(2);
});

describe('a killed run', () => {
	test.each(['start', 'preflight', 'backup', 'migrationStart', 'stepStart', 'progress', 'stepDone', 'migrationDone'])(
		'leaves the database unchanged, and no lock: at %s',
		async (event) => {
			project.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age TEXT); CREATE INDEX user_name ON user (name); ${rows(20_000)}`);
			project.migration('1_a', `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)');`);
			const other = otherProcess(upgrade, project.file, project.migrationsDir, event);
			expect(await other.ended, other.output()).toBe('SIGKILL');
			const db = openDatabase(project.file);
			expect(db.value('PRAGMA integrity_check')).toBe('ok');
			expect(db.all("SELECT name FROM sqlite_schema WHERE type = 'table'")).toEqual([{name: 'user'}]);
			expect(db.value("SELECT count(*) FROM user WHERE typeof(age) = 'text'")).toBe(20_000);
			db.close();
			expect((await done({consent: true})).applied).toHaveLength(1);
			expect(project.value("SELECT count(*) FROM user WHERE typeof(age) = 'integer'")).toBe(20_000);
			expect(readdirSync(project.at('backups')).filter((name) => name.includes('.part'))).toEqual([]);
		},
	);
});

describe('a lock held by another process', () => {
	test.each(['DELETE', 'WAL'])('is waited for with a notice and then reported with its process, and nothing is written (%s)', async (mode) => {
		project.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE t (x)`);
		project.migration('1_a', `op.addColumn('t', 'y TEXT');`);
		const other = otherProcess(
			`import {openDatabase} from 'source/core/sqlite/open.ts';
			const db = openDatabase(process.argv[1]);
			db.exec('BEGIN IMMEDIATE; INSERT INTO t VALUES (1)');
			console.log('locked');
			setInterval(() => {}, 1000);`,
			project.file,
		);
		await other.says('locked');
		const events = await run({wait: 0.3});
		expect(events.find(({type}) => type === 'notice')).toMatchObject({message: expect.stringContaining(`(process ${other.child.pid})`)});
		expect(events.at(-1)).toMatchObject({type: 'failed', code: 'locked', state: 'nothing was written: app.db has no migrations applied'});
		other.child.kill('SIGKILL');
		await other.ended;
		expect((await done()).currentMigration).toBe('1_a');
	});

	test('prevents the commit if it is a read lock, and everything is rolled back', async () => {
		project.exec('CREATE TABLE t (x)');
		project.migration('1_a', `op.addColumn('t', 'y TEXT');`);
		const reader = openDatabase(project.file);
		reader.exec('BEGIN; SELECT * FROM t');
		const last = (await run({wait: 0.1})).at(-1);
		expect(last).toMatchObject({type: 'failed', code: 'locked', state: 'everything was rolled back: app.db has no migrations applied'});
		reader.exec('COMMIT');
		expect(reader.value('SELECT sql FROM sqlite_schema')).toBe('CREATE TABLE t (x)');
		reader.close();
		expect((await done()).currentMigration).toBe('1_a');
	});

	test('a run that is cancelled during its backup changes nothing', async () => {
		project.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age TEXT); ${rows(20_000)}`);
		project.migration('1_a', `op.dropColumn('user', 'age');`);
		const controller = new AbortController();
		let last: ApplyEvent | undefined;
		for await (const event of apply(optionsFor(project, {consent: true, signal: controller.signal}))) {
			if (event.type === 'backup') controller.abort();
			last = event;
		}
		expect(last).toMatchObject({type: 'failed', code: 'cancelled'});
		expect(project.value('SELECT count(age) FROM user')).toBe(20_000);
	});

	test('rows that change while consent is requested are checked again', async () => {
		project.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, age TEXT); INSERT INTO user VALUES (1, '05')");
		project.migration('1_a', `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, age INTEGER)');`);
		const asked: number[] = [];
		const consent = (findings: readonly Finding[]) => {
			asked.push(findings.length === 1 ? (findings[0]?.rows ?? 0) : -1);
			if (asked.length < 3) project.exec("INSERT INTO user (age) VALUES ('06')");
			return true;
		};
		// The rows change twice in between. The third check runs under the lock, so no other process can write.
		expect((await done({consent})).currentMigration).toBe('1_a');
		expect(asked).toEqual([1, 2, 3]);
		expect(project.all('SELECT age FROM user')).toEqual([{age: 5}, {age: 6}, {age: 6}]);
	});
});
