import {expect, test} from 'vitest';
import {expectWhole, stateOf} from '../faults/database-state.ts';
import {rewriteProject} from '../faults/rewrite-project.ts';
import {countMoments, sampleOf, signalledAt} from '../faults/signalled.ts';
import {modelsAndDatabase} from './models-and-database.ts';

const project = rewriteProject({rows: 1000});

test('pitfall 23: a run that is killed after any statement leaves no temporary table, and the next run succeeds', async () => {
	const argv = ['upgrade', '--no-backup'];
	const count = await countMoments(project.copy(), 'statement', argv);
	expect(count).toBeGreaterThan(20);
	for (const number of sampleOf(count, 4)) {
		const copy = project.copy();
		expect((await signalledAt(copy, 'statement', number, 'SIGKILL', argv)).code).toBe(null);
		expectWhole(copy.file, project.contents);
		expect(await copy.lite(...argv)).toMatchObject({code: 0, stderr: ''});
		expectWhole(copy.file, {new: project.contents.new});
	}
}, 600_000);

test('pitfall 23: temporary tables that a crash of another tool left do not stop a run', async () => {
	const names = ['_alembic_tmp_user', '__new_user', 'new__user', 'temporary_user', '_user_old', 'user_new', '_lite_migr_user', '_lite_migr_new_user'];
	const others = names.map((name) => `CREATE TABLE ${name} (id INTEGER, name INTEGER);`).join('\n');
	const {file, migrate} = modelsAndDatabase(
		`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO user VALUES (1, '1'); ${others}`,
		`CREATE TABLE user (id INTEGER PRIMARY KEY, name INTEGER); ${others}`,
	);
	expect((await migrate()).strategies).toEqual(['rewrite']);
	const {damage, contents} = stateOf(file);
	expect(damage).toEqual([]);
	for (const name of names) expect(contents).toContain(`${name}: 0 rows`);
	expect(contents).toContain('user: 1 rows');
});
