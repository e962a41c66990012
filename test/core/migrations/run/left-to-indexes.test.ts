import {beforeEach, describe, expect, test} from 'vitest';
import type {ApplyEvent} from '../../../../source/core/migrations/event.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {run, done} = runnerFor(project);

const a = '20240101_000000_a';
const b = '20240102_000000_b';
const unique = "op.createIndex('CREATE UNIQUE INDEX user_name ON user (name)');";

function fill(rows = 100_000): void {
	project.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age TEXT); CREATE TABLE small (x);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${rows}) INSERT INTO user SELECT i, 'n' || i, '1' FROM n`);
}

const duplicates = () => project.exec("UPDATE user SET name = 'n5' WHERE id IN (7, 9); UPDATE user SET name = 'n20' WHERE id = 21");
const isLeft = (events: readonly ApplyEvent[]) => events.some(({type}) => type === 'stepStart');
const preflights = (events: readonly ApplyEvent[]) => events.filter((event) => event.type === 'preflight');

/** Returns the parts that are not a measured time or size. */
function lasting(events: readonly ApplyEvent[]): unknown {
	const findings = preflights(events).at(-1)?.findings;
	return {findings, failed: events.at(-1)};
}

describe('duplicates under a new unique index of a large table', () => {
	beforeEach(() => fill());

	test.each([false, true])('are found by the index and reported as if they had been found before the run (consent: %s)', async (consent) => {
		duplicates();
		project.migration(a, `op.addColumn('small', 'y TEXT');`);
		const path = project.migration(b, `op.addColumn('user', 'city TEXT');\n${unique}`);
		const schema = project.all('SELECT name, sql FROM sqlite_schema');
		const events = await run({consent});
		expect(isLeft(events)).toBe(true);
		expect(preflights(events).map(({findings}) => findings.length)).toEqual([0, 1]);
		expect(events.at(-1)).toMatchObject({
			type: 'failed',
			code: 'hazard',
			message: 'user.name: 2 duplicate values in 5 rows would violate UNIQUE (name)',
			location: {file: path, table: 'user'},
			migration: null,
			committed: [],
			backup: null,
			state: expect.stringMatching(/^nothing was written: /),
		});
		expect(project.all('SELECT name, sql FROM sqlite_schema')).toEqual(schema);

		// With a backup, duplicates are looked for before the run.
		const before = await run({consent, backup: 'always'});
		expect(isLeft(before)).toBe(false);
		expect(lasting(events)).toEqual(lasting(before));
	});

	test('do not exist, and the index is built without a query for them', async () => {
		project.migration(a, unique);
		await done();
		expect(() => project.exec("INSERT INTO user (name) VALUES ('n1')")).toThrow('UNIQUE constraint failed');
	});

	test.each([
		['a dry run', {dryRun: true}, ''],
		['a backup', {backup: 'always'}, ''],
		['another problem in existing rows', {}, `op.changeTable('small', 'CREATE TABLE small (x NOT NULL)');`],
		['a loss', {consent: true}, `op.dropTable('small');`],
		['a copy of rows', {consent: true}, `op.changeTable('small', 'CREATE TABLE small (x INTEGER)');`],
		['statements', {}, "op.execute('UPDATE small SET x = 1');"],
		['code', {}, 'op.run(() => {});'],
	] as const)('are looked for before a run with %s', async (_, options, more) => {
		duplicates();
		project.exec("INSERT INTO small VALUES (NULL), ('1')");
		project.migration(a, `${unique}${more}`);
		const events = await run(options);
		expect(isLeft(events)).toBe(false);
		expect(preflights(events)[0]?.findings.map(({kind}) => kind)).toContain('duplicate');
		expect(events.at(-1)).toMatchObject({type: 'failed', code: 'hazard'});
	});

	test('are looked for before a run with a plan, which covers them', async () => {
		project.migration(a, unique);
		const {plan} = await done({dryRun: true});
		duplicates();
		const events = await run({plan: plan ?? ''});
		expect(isLeft(events)).toBe(false);
		expect(events.at(-1)).toMatchObject({type: 'failed'});
	});
});

test('duplicates in a small table are looked for before the run', async () => {
	fill(99_999);
	duplicates();
	project.migration(a, unique);
	const events = await run();
	expect(isLeft(events)).toBe(false);
	expect(events.at(-1)).toMatchObject({code: 'hazard', state: expect.stringMatching(/^nothing was written: /)});
});
