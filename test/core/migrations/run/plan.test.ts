import {copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync} from 'node:fs';
import {beforeEach, describe, expect, test} from 'vitest';
import type {ApplyEvent} from '../../../../source/core/migrations/event.ts';
import {planId, shortHash} from '../../../../source/core/migrations/plan-id.ts';
import {apply, rehearse} from '../../../../source/core/migrations/run/apply.ts';
import type {ApplyOptions} from '../../../../source/core/migrations/run/apply-options.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {localFeatures} from '../../local-features.ts';
import {optionsFor, runnerFor} from '../run.ts';

const project = projectForEachTest();
const elsewhere = projectForEachTest();
const {run, done, failed} = runnerFor(project);
const [a, b, c] = ['20240101_000000_a', '20240102_000000_b', '20240103_000000_c'] as const;

const user = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, nick TEXT)';

/** A database with rows whose pending migration drops a table and a column. */
beforeEach(() => {
	project.exec(`${user}; CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT); CREATE TABLE other (x);
		INSERT INTO user VALUES (1, 'Ann', 'a'), (2, 'Bob', NULL); INSERT INTO log VALUES (1, 'one'), (2, 'two'); INSERT INTO other VALUES (1)`);
});

const lossy = () =>
	project.migration(
		a,
		`op.dropTable('log'); op.dropColumn('user', 'nick');`,
		`op.createTable('CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT)'); op.addColumn('user', 'nick TEXT');`,
	);

async function planOf(options: Partial<ApplyOptions> = {}): Promise<string> {
	return (await done({dryRun: true, ...options})).plan ?? '';
}

describe('the id of a plan', () => {
	test('is the same in a dry run, in the run and in a second dry run', async () => {
		lossy();
		const plan = await planOf();
		expect(plan).toMatch(/^[0-9a-f]{8}$/);
		expect(await planOf()).toBe(plan);
		expect((await done({consent: true})).plan).toBe(plan);
	});

	test('is the same in a dry run and in a run of plain statements, and differs if the statements do', async () => {
		project.migration(a, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT)');`);
		const portable = {portable: true};
		const {plan, events} = await rehearse(optionsFor(project), portable);
		expect(events).toContainEqual(expect.objectContaining({type: 'stepStart', strategy: 'rewrite', object: 'user'}));
		// Without SET NOT NULL, a local run rewrites the table too.
		expect(plan !== (await planOf())).toBe(localFeatures.alterConstraints);
		const ended: ApplyEvent[] = [];
		for await (const event of apply({...optionsFor(project), plan: plan ?? ''}, portable)) ended.push(event);
		expect(ended.at(-1)).toMatchObject({type: 'done', plan});
		expect(project.all('SELECT * FROM user')).toEqual([
			{id: 1, name: 'Ann', nick: 'a'},
			{id: 2, name: 'Bob', nick: null},
		]);
	});

	test('is the same on a copy of the project in another folder, under another name and with other run options', async () => {
		lossy();
		project.migration(b, `op.execute("UPDATE user SET name = 'x'"); op.run(({db}) => { db.exec('DELETE FROM other') });`);
		mkdirSync(elsewhere.migrationsDir);
		for (const file of readdirSync(project.migrationsDir)) copyFileSync(`${project.migrationsDir}/${file}`, `${elsewhere.migrationsDir}/${file}`);
		copyFileSync(project.file, `${elsewhere.path}/renamed.sqlite`);
		const there = await rehearse(optionsFor({file: `${elsewhere.path}/renamed.sqlite`, migrationsDir: elsewhere.migrationsDir}, {backup: 'never'}));
		expect(there.plan).toBe(await planOf());
	});

	test.each<[string, () => void]>([
		['a row that would be lost is added', () => project.exec("INSERT INTO log VALUES (3, 'three')")],
		['a row that would be lost is deleted', () => project.exec('DELETE FROM log WHERE id = 2')],
		['one row replaces another one, and the count stays the same', () => project.exec('UPDATE log SET id = 7 WHERE id = 2')],
		['a value that would be lost changes', () => project.exec("UPDATE log SET line = 'zwei' WHERE id = 2")],
		['a value of a dropped column changes', () => project.exec("UPDATE user SET nick = 'b' WHERE id = 1")],
		['the hundredth of many rows changes', () => project.exec("UPDATE many SET v = 'changed' WHERE id = 100")],
		['a table is added', () => project.exec('CREATE TABLE fresh (x)')],
		['an index is added to a table that changes', () => project.exec('CREATE INDEX by_name ON user (name)')],
		['a trigger is added', () => project.exec('CREATE TRIGGER t AFTER INSERT ON other BEGIN DELETE FROM user; END')],
		['another migration is added', () => project.migration(b, `op.createTable('CREATE TABLE b (x)');`)],
		['the file of a migration is edited', () => project.migration(a, `op.dropTable('log');`)],
		['only a comment of it is edited', () => project.migration(a, `op.dropTable('log'); op.dropColumn('user', 'nick'); // why`)],
	])('changes if %s', async (_, change) => {
		project.exec(
			'CREATE TABLE many (id INTEGER PRIMARY KEY, v TEXT); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO many SELECT i, i FROM n',
		);
		lossy();
		project.migration('20240101_000001_many', `op.dropTable('many');`);
		const plan = await planOf();
		change();
		expect(await planOf()).not.toBe(plan);
	});

	test.each<[string, () => void]>([
		['rows of a table that loses nothing are written', () => project.exec('INSERT INTO other VALUES (2); UPDATE other SET x = 5')],
		['values that are kept change in a table that loses others', () => project.exec("UPDATE user SET name = 'Anna' WHERE id = 1")],
		['a row without a value in the dropped column is added', () => project.exec("INSERT INTO user VALUES (3, 'Cleo', NULL)")],
		['the statistics are updated', () => project.exec('CREATE INDEX IF NOT EXISTS x ON other (x); DROP INDEX x; ANALYZE')],
		['the file is rewritten', () => project.exec('VACUUM')],
		['a backup exists', () => writeFileSync(project.at('app-20240101T000000.db'), '')],
	])('stays the same if %s', async (_, change) => {
		lossy();
		const plan = await planOf();
		change();
		expect(await planOf()).toBe(plan);
		expect((await done({plan})).currentMigration).toBe(a);
	});

	test('is null if there is nothing to do', async () => {
		expect(await done({dryRun: true})).toMatchObject({plan: null, applied: []});
	});

	test('differs by direction and by target', async () => {
		project.migration(a, `op.createTable('CREATE TABLE a (x)');`, `op.dropTable('a');`);
		project.migration(b, `op.createTable('CREATE TABLE b (x)');`, `op.dropTable('b');`);
		expect(await planOf({to: a})).not.toBe(await planOf());
		await done();
		expect(await planOf({direction: 'downgrade', steps: 2})).not.toBe(await planOf({direction: 'downgrade'}));
	});

	test('depends on the boundaries between the parts of its input', () => {
		expect(shortHash(['ab', 'c'])).not.toBe(shortHash(['a', 'bc']));
		expect(shortHash(['ab', 'c'])).toMatch(/^[0-9a-f]{8}$/);
		expect(planId('base', [])).not.toBe(planId('base', ['']));
	});
});

describe('a run with a plan', () => {
	test('consents to exactly what the plan loses', async () => {
		lossy();
		const plan = await planOf();
		expect(await done({plan})).toMatchObject({currentMigration: a, plan});
		expect(project.all("SELECT name FROM sqlite_schema WHERE name = 'log'")).toEqual([]);
	});

	test('accepts the id in upper case', async () => {
		lossy();
		expect((await done({plan: (await planOf()).toUpperCase()})).currentMigration).toBe(a);
	});

	test('writes nothing if anything it shows has changed, takes no backup, and names the new plan', async () => {
		lossy();
		const plan = await planOf();
		project.exec("INSERT INTO log VALUES (3, 'three')");
		const event = await failed({plan});
		const now = await planOf();
		expect(event).toMatchObject({
			code: 'answerNeeded',
			message: `app.db or its migrations changed since you looked: ${plan} is no longer the plan`,
			details: [`the upgrade would now apply ${a}`, `the plan is ${now} now`],
			hint: `to see the new plan, run lite-migr upgrade --dry-run\nto run it, run lite-migr upgrade --plan ${now}`,
			plan: now,
			backup: null,
			committed: [],
			state: expect.stringContaining('nothing was written'),
		});
		expect(existsSync(project.at('backups'))).toBe(false);
		expect(project.all('SELECT id FROM log')).toHaveLength(3);
	});

	test('stops if there is nothing left to do', async () => {
		lossy();
		const plan = await planOf();
		await done({plan});
		expect(await failed({plan})).toMatchObject({code: 'answerNeeded', details: ['there is nothing to apply now']});
	});

	test('undoes only the migration that was shown', async () => {
		for (const name of [a, b]) project.migration(name, `op.createTable('CREATE TABLE t${name} (x)');`, `op.dropTable('t${name}');`);
		await done();
		const plan = await planOf({direction: 'downgrade'});
		await done({direction: 'downgrade', consent: true});
		expect(await failed({direction: 'downgrade', plan})).toMatchObject({
			code: 'answerNeeded',
			details: [`the downgrade would now undo ${a}`, expect.any(String)],
		});
		expect(project.all('SELECT name FROM _lite_migr')).toEqual([{name: a}]);
	});

	test('does not accept files of applied migrations that were edited in the meantime', async () => {
		project.migration(b, `op.createTable('CREATE TABLE b (x)');`);
		await done();
		project.migration(c, `op.createTable('CREATE TABLE c (x)');`);
		const plan = await planOf();
		project.migration(b, `op.createTable('CREATE TABLE b (x)'); // edited`);
		expect(await failed({plan})).toMatchObject({code: 'answerNeeded', hint: expect.stringContaining('--accept-edited')});
		expect(await failed({plan, acceptEdited: true})).toMatchObject({
			code: 'answerNeeded',
			message: expect.stringContaining('changed since you looked'),
		});
	});

	test('with a migration that was renamed in the meantime does not run', async () => {
		lossy();
		const plan = await planOf();
		renameSync(`${project.migrationsDir}/${a}.ts`, `${project.migrationsDir}/${b}.ts`);
		expect(await failed({plan})).toMatchObject({code: 'answerNeeded'});
	});

	test('rejects text that is not a plan id', async () => {
		lossy();
		for (const plan of ['', 'abc', '3f9c1a2b9', 'zzzzzzzz', "'; --"]) {
			expect(await failed({plan})).toMatchObject({code: 'usage', message: expect.stringContaining('is not a plan id')});
		}
		expect(project.value('SELECT count(*) FROM log')).toBe(2);
	});

	test('in a dry run says whether the plan is still the same', async () => {
		lossy();
		const plan = await planOf();
		expect((await done({plan, dryRun: true})).plan).toBe(plan);
		project.exec('DELETE FROM log');
		expect(await failed({plan, dryRun: true})).toMatchObject({code: 'answerNeeded', state: 'a dry run: app.db is untouched'});
	});

	test('sees a row that another program commits while the plan is computed', async () => {
		lossy();
		const plan = await planOf();
		const events: ApplyEvent[] = [];
		const other = openDatabase(project.file);
		let isFirst = true;
		const {apply} = await import('../../../../source/core/migrations/run/apply.ts');
		for await (const event of apply(optionsFor(project, {plan}))) {
			events.push(event);
			if (event.type !== 'preflight' || !isFirst) continue;
			isFirst = false;
			other.exec("INSERT INTO log VALUES (9, 'late')");
		}
		other.close();
		expect(events.at(-1)).toMatchObject({type: 'failed', code: 'answerNeeded'});
		expect(project.all('SELECT id FROM log')).toEqual([{id: 1}, {id: 2}, {id: 9}]);
	});
});

describe('consent to a plan', () => {
	test('is requested with its command, even if the id depends on statements', async () => {
		lossy();
		const simple = await failed();
		expect(simple.hint).toBe(
			`to confirm exactly this plan, run lite-migr upgrade --plan ${await planOf()}\nto confirm any losses found when it runs, run lite-migr upgrade --yes\nto try it on a copy first, run lite-migr upgrade --dry-run`,
		);
		expect(simple.plan).toBe(await planOf());
		project.migration(b, `op.execute("UPDATE user SET name = upper(name)");`);
		const mixed = await failed();
		expect(mixed.hint).toContain(`lite-migr upgrade --plan ${await planOf()}`);
		expect((await failed({to: a})).hint).toContain(`lite-migr upgrade --to ${a} --plan ${await planOf({to: a})}`);
		const [, id = ''] = /--plan (\w+)/.exec(mixed.hint ?? '') ?? [];
		expect((await done({plan: id})).currentMigration).toBe(b);
	});

	test('covers findings that appear only after an earlier migration of the run, and nothing else', async () => {
		project.migration(a, `op.execute("UPDATE user SET nick = '0' || id");`);
		project.migration(b, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, nick INTEGER)');`);
		const refused = await failed();
		const [, id = ''] = /--plan (\w+)/.exec(refused.hint ?? '') ?? [];
		expect(id).toBe(await planOf());
		expect(project.all('SELECT nick FROM user')).toEqual([{nick: 'a'}, {nick: null}]);
		project.exec("INSERT INTO user VALUES (3, 'Cleo', NULL)");
		expect(await failed({plan: id})).toMatchObject({code: 'answerNeeded', message: expect.stringContaining('changed since you looked')});
		expect(project.all('SELECT nick FROM user')).toEqual([{nick: 'a'}, {nick: null}, {nick: null}]);
		expect((await done({plan: await planOf()})).currentMigration).toBe(b);
		expect(project.all('SELECT nick FROM user')).toEqual([{nick: 1}, {nick: 2}, {nick: 3}]);
	});

	test('holds for a run that commits in parts: it is tried first, and each part must do the same', async () => {
		project.migration(a, `op.execute("UPDATE user SET nick = '0' || id");`, undefined, 'export const transaction = false;');
		project.migration(b, `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, nick INTEGER)');`);
		const plan = await planOf();
		project.exec("INSERT INTO user VALUES (3, 'Cleo', NULL)");
		expect(await failed({plan})).toMatchObject({code: 'answerNeeded', committed: []});
		expect(project.value('SELECT count(nick) FROM user')).toBe(1);
		expect((await done({plan: await planOf()})).currentMigration).toBe(b);
	});

	test('stops a run that commits in parts before a later part loses rows that another program wrote in between', async () => {
		project.migration(a, `op.createTable('CREATE TABLE early (x)');`, undefined, 'export const transaction = false;');
		project.migration(b, `op.dropTable('log');`);
		const plan = await planOf();
		const {apply} = await import('../../../../source/core/migrations/run/apply.ts');
		let last: ApplyEvent | undefined;
		for await (const event of apply(optionsFor(project, {plan}))) {
			last = event;
			if (event.type === 'migrationDone' && event.migration === a) project.exec("INSERT INTO log VALUES (3, 'late')");
		}
		expect(last).toMatchObject({type: 'failed', code: 'answerNeeded', committed: [a]});
		expect(project.value('SELECT count(*) FROM log')).toBe(3);
	});

	test('by a function keeps working', async () => {
		lossy();
		expect(await failed({consent: () => false})).toMatchObject({code: 'answerNeeded'});
		const asked: string[] = [];
		expect((await done({consent: (findings) => asked.push(...findings.map(({kind}) => kind)) > 0})).currentMigration).toBe(a);
		expect(asked).toEqual(['dropTable', 'dropColumn']);
	});

	test('to everything does not read a large table only for the id', async () => {
		project.exec(
			'CREATE TABLE large (x); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 100000) INSERT INTO large SELECT i FROM n',
		);
		project.migration(a, `op.dropTable('large');`);
		const plan = await planOf();
		expect(plan).toMatch(/^[0-9a-f]{8}$/);
		expect((await done({consent: true, backup: 'never'})).plan).toBeNull();
	});
});

describe('undo', () => {
	const restore = expect.stringMatching(/^lite-migr restore \d{8}T\d{6}$/);

	test('names restore first if rows were lost, and says what undoing the migrations does not restore', async () => {
		lossy();
		const {undo, undoLimits} = await done({consent: true});
		expect(undo).toEqual([restore, 'lite-migr downgrade --steps 1']);
		expect(undoLimits).toMatch(
			/^structure only: log comes back empty, user\.nick comes back without its values; the rows are in backup \d{8}T\d{6}$/,
		);
	});

	test.each<[string, string, RegExp]>([
		['the values of a column', `op.dropColumn('user', 'nick');`, /^structure only: user\.nick comes back without its values; /],
		['the rows of a table', `op.dropTable('log');`, /^structure only: log comes back empty; /],
		[
			'values that a new type changes',
			`op.changeTable('log', 'CREATE TABLE log (id INTEGER PRIMARY KEY, line INTEGER)');`,
			/^structure only: changed values stay changed; /,
		],
	])('says that it does not restore %s', async (_, upgrade, limits) => {
		project.exec("INSERT INTO log VALUES (3, '007')");
		project.migration(a, upgrade, '');
		const {undo, undoLimits} = await done({consent: true});
		expect(undo[0]).toEqual(restore);
		expect(undoLimits).toMatch(limits);
	});

	test('names no backup if none was taken', async () => {
		lossy();
		expect(await done({consent: true, backup: 'never'})).toMatchObject({
			undo: ['lite-migr downgrade --steps 1'],
			undoLimits: 'structure only: log comes back empty, user.nick comes back without its values',
		});
	});

	test.each<[string, string]>([
		['nothing was lost', `op.addColumn('user', 'age INTEGER');`],
		['only an empty table was dropped', `op.dropTable('empty');`],
	])('names the downgrade first, without limits, if %s', async (_, upgrade) => {
		project.exec('CREATE TABLE empty (x)');
		project.migration(a, upgrade, '');
		const {undo, undoLimits} = await done({consent: true, backup: 'always'});
		expect(undo).toEqual(['lite-migr downgrade --steps 1', restore]);
		expect(undoLimits).toBeNull();
	});

	test('of a downgrade that drops rows names restore first', async () => {
		project.migration(a, `op.createTable('CREATE TABLE tag (x)');`, `op.dropTable('tag');`);
		await done();
		project.exec('INSERT INTO tag VALUES (1)');
		expect(await done({direction: 'downgrade', consent: true})).toMatchObject({
			undo: [restore, 'lite-migr upgrade'],
			undoLimits: expect.stringContaining('tag comes back empty'),
		});
	});

	test('lists missing rows and values before a downgrade recreates what its upgrade dropped', async () => {
		lossy();
		await done({consent: true});
		const notices = (await run({direction: 'downgrade', dryRun: true})).flatMap((event) => (event.type === 'notice' ? [event.message] : []));
		expect(notices).toEqual([
			expect.stringMatching(
				/^log comes back empty, and user\.nick without its values: they are in backup \d{8}T\d{6}, taken before 20240101_000000_a$/,
			),
		]);
	});

	test('lists no missing rows of tables that a downgrade fills itself or only renames', async () => {
		project.migration(
			a,
			`op.renameTable('log', 'line'); op.dropTable('other');`,
			`op.renameTable('line', 'log'); op.createTable('CREATE TABLE other (x)'); op.execute('INSERT INTO other VALUES (1)');`,
		);
		await done({consent: true});
		expect((await run({direction: 'downgrade', dryRun: true})).filter(({type}) => type === 'notice')).toEqual([]);
	});
});
