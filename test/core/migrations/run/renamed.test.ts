import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {ApplyEvent} from '../../../../source/core/migrations/event.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {run, done, failed} = runnerFor(project);
const [start, count, later] = ['20260101_000000_start', '20260102_000000_count', '20260105_000000_later'];
const adds = 'op.execute("UPDATE t SET n = n + 1");';

const path = (name: string, extension = 'ts') => join(project.migrationsDir, `${name}.${extension}`);
const move = (from: string, to: string, extension = 'ts') => renameSync(path(from, extension), path(to, extension));
const recorded = () => project.all('SELECT name FROM _lite_migr ORDER BY id').map(({name}) => name);
const noticesOf = (events: readonly ApplyEvent[]) => events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
const n = () => project.value('SELECT n FROM t');

/** A table with one row, to which `count` has added 1. */
async function counted(): Promise<void> {
	project.migration(start, "op.createTable('CREATE TABLE t (n INTEGER)'); op.execute('INSERT INTO t VALUES (0)');");
	project.migration(count, adds, 'op.execute("UPDATE t SET n = n - 1");');
	await done();
	expect(n()).toBe(1);
}

describe('an applied migration whose file was renamed', () => {
	test.each([false, true])('is never run again, and gets its new name in the database (confirmed: %s)', async (acceptEdited) => {
		await counted();
		move(count, later);
		const events = await run({consent: true, acceptEdited});
		expect(events.at(-1)).toMatchObject({type: 'done', applied: [], currentMigration: later});
		expect(noticesOf(events)).toEqual([`${count} is applied, and its file is now called ${later}: it does not run again`]);
		expect({n: n(), recorded: recorded()}).toEqual({n: 1, recorded: [start, later]});
		expect(noticesOf(await run())).toEqual([]);
	});

	test('gets its new name together with pending migrations, and they run', async () => {
		await counted();
		move(count, '20260103_000000_count');
		project.migration(later, "op.addColumn('t', 'more');");
		const events = await run();
		expect(events.at(-1)).toMatchObject({type: 'done', applied: [{name: later}]});
		expect({n: n(), recorded: recorded()}).toEqual({n: 1, recorded: [start, '20260103_000000_count', later]});
	});

	test('gets its new name even if the pending migration runs outside a transaction', async () => {
		await counted();
		move(count, '20260103_000000_count');
		project.migration(later, "op.execute('PRAGMA user_version = 7');", undefined, 'export const transaction = false;');
		await done();
		expect({n: n(), recorded: recorded()}).toEqual({n: 1, recorded: [start, '20260103_000000_count', later]});
	});

	test('is recognized after its line endings were changed as well', async () => {
		await counted();
		writeFileSync(path(later), readFileSync(path(count), 'utf8').replaceAll('\n', '  \r\n'));
		rmSync(path(count));
		await done();
		expect({n: n(), recorded: recorded()}).toEqual({n: 1, recorded: [start, later]});
	});

	test('is recognized under a name that changes its place in the order', async () => {
		await counted();
		move(count, '20251231_000000_count');
		await done();
		expect({n: n(), recorded: recorded()}).toEqual({n: 1, recorded: [start, '20251231_000000_count']});
	});

	test('is recognized in plain SQL, and if all files were renamed', async () => {
		project.migration(`${start}.sql`, '-- upgrade\nCREATE TABLE t (n);\nINSERT INTO t VALUES (0);\n');
		project.migration(`${count}.sql`, '-- upgrade\nUPDATE t SET n = n + 1;\n');
		await done();
		move(start, '0001_start', 'sql');
		move(count, '0002_count', 'sql');
		await done();
		expect({n: n(), recorded: recorded()}).toEqual({n: 1, recorded: ['0001_start', '0002_count']});
	});

	test('is undone under its new name', async () => {
		await counted();
		move(count, later);
		expect(await done({direction: 'downgrade'})).toMatchObject({applied: [{name: later}], currentMigration: start});
		expect({n: n(), recorded: recorded()}).toEqual({n: 0, recorded: [start]});
	});

	test('stays under its old name in a dry run', async () => {
		await counted();
		move(count, later);
		await done({dryRun: true});
		expect(recorded()).toEqual([start, count]);
	});

	test('is missing if it was also edited: nothing runs until that is confirmed, and the error names the possible new file', async () => {
		await counted();
		rmSync(path(count));
		project.migration('20260105_000000_count', `${adds} // edited`);
		expect(await failed({consent: true})).toMatchObject({
			code: 'answerNeeded',
			details: [`missing: ${count}`, `20260105_000000_count may be ${count}, renamed and edited: it would run again`],
		});
		expect(n()).toBe(1);
	});
});

describe('migrations with the same contents', () => {
	test('are both applied, and both recognized under new names', async () => {
		await counted();
		project.migration('20260103_000000_again', adds, 'op.execute("UPDATE t SET n = n - 1");');
		await done();
		expect(n()).toBe(2);
		move(count, '20260104_000000_first');
		move('20260103_000000_again', '20260104_000000_second');
		await done();
		expect({n: n(), recorded: recorded()}).toEqual({n: 2, recorded: [start, '20260104_000000_first', '20260104_000000_second']});
	});

	test('are two migrations if the original still exists: the copy runs, with a notice', async () => {
		await counted();
		writeFileSync(path(later), readFileSync(path(count)));
		const events = await run();
		expect(noticesOf(events)).toContain(`${later} has the same contents as ${count}, which is applied: they run again`);
		expect({n: n(), recorded: recorded()}).toEqual({n: 2, recorded: [start, count, later]});
	});

	test('are two migrations if the original was renamed and copied: only one of the files runs', async () => {
		await counted();
		writeFileSync(path('20260104_000000_copy'), readFileSync(path(count)));
		move(count, later);
		await done();
		expect(n()).toBe(2);
		expect(await done()).toMatchObject({applied: []});
	});
});
