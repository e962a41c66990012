import {appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {lockHolder} from '../faults/lock-holder.ts';
import {toml} from '../project-folder.ts';
import {type FleetProject, fleetProject, linesOf, names, start, titles} from './fleet-project.ts';
import {lite} from './lite.ts';

const all = [start, names, titles];
const pattern = ['--db', 'tenants/*.db'];

function last(stdout: string): Record<string, unknown> {
	return linesOf(stdout).at(-1) ?? {};
}

/** Makes the migration `titles` fail on a database: two titles would be duplicates. */
function addHazard(project: FleetProject): void {
	project.migration('20260101_120000_unique', "\top.createIndex('CREATE UNIQUE INDEX post_title ON post (title)');", "\top.dropIndex('post_title');");
}

function spoil(project: FleetProject, name: string): void {
	project.tenant(name, (db) => db.exec("INSERT INTO post VALUES (9, 1, 'one')"));
}

describe('upgrade of several databases', () => {
	test('upgrades each of them, names their state, and has nothing to do the second time', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		const {code, stdout, stderr} = await project.lite('upgrade', ...pattern);
		expect({code, stderr}).toEqual({code: 0, stderr: ''});
		expect(stdout).toContain(`3 databases   apply ${names}, ${titles}\n`);
		expect(stdout).toContain('backups first: 3 databases, ');
		expect(stdout).toMatch(new RegExp(`3 upgraded {3}.*\\n {2}3 databases at ${titles}, schema [0-9a-f]{8}\\n`));
		for (const name of ['a', 'b', 'c']) {
			expect(project.appliedIn(name)).toEqual(all);
			expect(project.tenant(name, (db) => db.tuples('SELECT id, name FROM user'))).toEqual([
				[1, 'Ann'],
				[2, 'bob'],
			]);
		}
		expect(readdirSync(project.at('tenants/backups')).length).toBe(3);
		const again = await project.lite('upgrade', ...pattern);
		expect(again.code).toBe(0);
		expect(again.stdout).toContain('3 databases   nothing to do\n0 upgraded, 3 unchanged');
	});

	test('takes a backup of each and keeps as many as backup_keep says, each with the rows before', async () => {
		const project = await fleetProject(['a', 'b']);
		project.write('migrate.toml', `${toml}backup_keep = 2\n`);
		for (let time = 0; time < 3; time++) {
			expect((await project.lite('upgrade', ...pattern)).code).toBe(0);
			expect((await project.lite('downgrade', ...pattern, '--steps', '2', '--yes', '--no-backup')).code).toBe(0);
		}
		for (const name of ['a', 'b']) {
			expect(project.files('tenants/backups').filter((file) => file.startsWith(`${name}-`))).toHaveLength(2);
			const listed = JSON.parse((await project.lite('restore', '--db', `tenants/${name}.db`, '--json')).stdout);
			expect(listed.backups).toHaveLength(2);
			const db = openDatabase(listed.backups[0].path, {readonly: true});
			expect(db.value('SELECT count(*) FROM _lite_migr')).toBe(1);
			db.close();
		}
	});

	test('with several --db and a list runs each database once', async () => {
		const project = await fleetProject(['a', 'b', 'c', 'd']);
		symlinkSync(project.at('tenants/a.db'), project.at('tenants/z.db'));
		writeFileSync(project.at('list.txt'), '# tenants\ntenants/c.db\n\ntenants/a.db\n');
		const {code, stdout} = await project.lite('upgrade', '--db', 'tenants/a.db', '--db', 'tenants/[bz].db', '--db-list', 'list.txt', '--json');
		expect(code).toBe(0);
		expect(last(stdout)).toMatchObject({type: 'fleet', total: 3, applied: 3, unchanged: 0, failed: []});
		expect(project.appliedIn('d')).toEqual([start]);
	});

	test('reads the list from stdin', async () => {
		const project = await fleetProject(['a', 'b']);
		for (const flag of [['--db-list', '-'], ['--db-list=-']]) {
			const {code, stdout} = await lite(project.path, ['upgrade', ...flag, '--json'], 'tenants/a.db\n');
			expect(code).toBe(0);
			expect(last(stdout)).toMatchObject({type: 'fleet', total: 1});
		}
		expect([project.appliedIn('a'), project.appliedIn('b')]).toEqual([all, [start]]);
	});

	test('prints events with their database, and the fleet at the end', async () => {
		const project = await fleetProject(['a', 'b']);
		const {stdout} = await project.lite('upgrade', ...pattern, '--json', '--no-backup');
		const lines = linesOf(stdout);
		expect(lines.slice(0, -1).every((line) => 'database' in line)).toBe(true);
		expect(lines[0]).toMatchObject({type: 'fleetPlan', database: null, total: 2, pending: [{migrations: [names, titles], count: 2}], backups: 0});
		for (const name of ['a', 'b']) {
			const own = lines.filter(({database}) => String(database).endsWith(`${name}.db`)).map(({type}) => type);
			expect([own[0], own.at(-1)]).toEqual(['start', 'done']);
			expect(own.filter((type) => type === 'migrationDone')).toHaveLength(2);
		}
		const {groups, ...end} = last(stdout);
		expect(end).toMatchObject({
			type: 'fleet',
			direction: 'upgrade',
			dryRun: false,
			total: 2,
			applied: 2,
			unchanged: 0,
			notStarted: 0,
			failed: [],
			stopped: null,
		});
		expect(groups).toEqual([{at: titles, schema: expect.stringMatching(/^[0-9a-f]{8}$/), count: 2}]);
	});

	test('with threads gives the same result, and prints what code prints to stderr', async () => {
		const project = await fleetProject(['a', 'b', 'c', 'd', 'e']);
		project.migration(
			'20260104_000000_code',
			"\top.run(({db}) => {\n\t\tconsole.log('hello from code');\n\t\tdb.prepare('UPDATE user SET age = 1').run();\n\t});",
		);
		const {code, stdout, stderr} = await project.builtLite('upgrade', ...pattern, '--jobs', '2', '--json', '--yes');
		expect(code).toBe(0);
		expect(stderr.match(/hello from code/g)).toHaveLength(5);
		expect(last(stdout)).toMatchObject({applied: 5, failed: []});
		for (const name of ['a', 'b', 'c', 'd', 'e']) expect(project.appliedIn(name)).toHaveLength(4);
	});

	test('that finds nothing is an error, and so are flags for fleets without one', async () => {
		const project = await fleetProject(['a']);
		expect(await project.lite('upgrade', '--db', 'nothing/*.db')).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('no database matches nothing/*.db'),
		});
		expect(await project.lite('upgrade', '--keep-going')).toMatchObject({code: 2, stderr: expect.stringContaining('are for several databases')});
		expect(await project.lite('upgrade', '--db-list', 'missing.txt')).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('cannot be read: no such file'),
		});
		expect(await project.lite('upgrade', ...pattern, '--sql')).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('--sql prints the SQL for one database'),
		});
		expect(await project.lite('create', 'x', '--db', 'a.db', '--db', 'b.db')).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('--db is given twice'),
		});
	});

	test('of one plain path is the same as without fleets, even if the name looks like a pattern', async () => {
		const project = await fleetProject([]);
		copyFileSync(project.file, project.at('tenants/x[1].db'));
		const {code, stdout} = await project.lite('upgrade', '--db', 'tenants/x[1].db', '--json', '--no-backup');
		expect(code).toBe(0);
		expect(last(stdout)).toMatchObject({type: 'done'});
	});
});

describe('a database that fails', () => {
	test('is named, and nothing is written to the others', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		addHazard(project);
		spoil(project, 'b');
		const {code, stdout, stderr} = await project.lite('upgrade', ...pattern, '--yes');
		expect(code).toBe(1);
		expect(stderr).toContain('✗ tenants/b.db   hazard: post.title: 1 duplicate value in 2 rows would violate');
		expect(stderr).toContain('✗ 1 database cannot be changed, so nothing was written\n  fix it, or use --keep-going to run the others');
		expect(stdout).toContain('0 upgraded, 1 failed, 2 not started');
		for (const name of ['a', 'b', 'c']) expect(project.appliedIn(name)).toEqual([start]);
	});

	test('is listed with the first twenty, and the others are counted', async () => {
		const project = await fleetProject(Array.from({length: 23}, (_, number) => `t${number}`));
		addHazard(project);
		for (let number = 0; number < 23; number += 1) spoil(project, `t${number}`);
		const {stdout} = await project.lite('upgrade', ...pattern, '--yes');
		expect(stdout).toContain('  and 3 more: --json lists all');
	});

	test('does not stop the others with --keep-going, and running again continues', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		addHazard(project);
		spoil(project, 'b');
		const {code, stdout} = await project.lite('upgrade', ...pattern, '--yes', '--keep-going', '--json');
		expect(code).toBe(1);
		expect(linesOf(stdout).find(({type}) => type === 'failed')).toMatchObject({
			database: expect.stringMatching(/b\.db$/),
			code: 'hazard',
			state: 'nothing was written',
		});
		expect(last(stdout)).toMatchObject({
			applied: 2,
			unchanged: 0,
			notStarted: 0,
			failed: [{code: 'hazard', message: expect.stringContaining('duplicate')}],
		});
		expect((last(stdout).groups as readonly {count: number}[]).map(({count}) => count)).toEqual([2, 1]);
		expect(project.appliedIn('b')).toEqual([start]);
		project.tenant('b', (db) => db.exec('DELETE FROM post WHERE id = 9'));
		expect(last((await project.lite('upgrade', ...pattern, '--yes', '--json')).stdout)).toMatchObject({applied: 1, unchanged: 2, failed: []});
		for (const name of ['a', 'b', 'c']) expect(project.appliedIn(name)).toHaveLength(4);
	});

	test('that is found only when it runs stops the run, and the databases after it are not started', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		project.migration(
			'20260104_000000_code',
			"\top.run(({db}) => {\n\t\tif (db.prepare('SELECT count(*) AS n FROM post').get().n === 4) throw new Error('four posts');\n\t});",
		);
		spoil(project, 'b');
		const {code, stdout, stderr} = await project.lite('upgrade', ...pattern, '--yes', '--no-backup');
		expect(code).toBe(1);
		expect(stderr).toContain('four posts');
		expect(stderr).toContain('✗ a database failed, so 1 database was not started\n');
		expect(stdout).toContain('1 upgraded, 1 failed, 1 not started');
		expect(['a', 'b', 'c'].map((name) => project.appliedIn(name).length)).toEqual([4, 1, 1]);
	});

	test('is a canary if it is one of the first, and stops the run even with --keep-going', async () => {
		const project = await fleetProject(['a', 'b', 'c', 'd']);
		project.migration(
			'20260104_000000_code',
			"\top.run(({db}) => {\n\t\tif (db.prepare('SELECT count(*) AS n FROM post').get().n === 4) throw new Error('four posts');\n\t});",
		);
		spoil(project, 'b');
		const failed = await project.lite('upgrade', ...pattern, '--yes', '--no-backup', '--canary', '2', '--keep-going');
		expect(failed.code).toBe(1);
		expect(failed.stderr).toContain('✗ a canary failed, so 2 databases were not started\n  fix it and run the command again to continue\n');
		expect(['a', 'b', 'c', 'd'].map((name) => project.appliedIn(name).length)).toEqual([4, 1, 1, 1]);
		project.tenant('b', (db) => db.exec('DELETE FROM post WHERE id = 9'));
		const good = await project.lite('upgrade', ...pattern, '--yes', '--no-backup', '--canary', '2');
		expect(good.code).toBe(0);
		expect(good.stdout).toContain('✔ canary 2 of 2\n');
		expect(['a', 'b', 'c', 'd'].map((name) => project.appliedIn(name).length)).toEqual([4, 4, 4, 4]);
	});

	test('is reported as a failure if its code ends the process, and the others run', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		project.migration(
			'20260104_000000_code',
			"\top.run(({db}) => {\n\t\tif (db.prepare('SELECT count(*) AS n FROM post').get().n === 4) process.exit(0);\n\t});",
		);
		spoil(project, 'b');
		const {code, stdout} = await project.builtLite('upgrade', ...pattern, '--yes', '--no-backup', '--jobs', '2', '--keep-going', '--json');
		expect(code).toBe(1);
		expect(last(stdout)).toMatchObject({applied: 2, failed: [{code: 'migration', message: 'a migration ended the process'}]});
		expect(['a', 'b', 'c'].map((name) => project.appliedIn(name).length)).toEqual([4, 1, 4]);
	});

	test('can be missing, empty, another kind of file, newer, drifted or of another program: each is named and unchanged', async () => {
		const project = await fleetProject(['good', 'newer', 'drifted', 'foreign']);
		project.tenant('newer', (db) => db.exec("INSERT INTO _lite_migr (name, checksum) VALUES ('20300101_000000_future', 'x')"));
		project.tenant('drifted', (db) => db.exec('CREATE INDEX by_hand ON user (age)'));
		project.tenant('foreign', (db) => db.exec('DROP TABLE _lite_migr'));
		writeFileSync(project.at('tenants/empty.db'), '');
		writeFileSync(project.at('tenants/text.db'), 'not a database at all');
		const list = ['missing', 'good', 'newer', 'drifted', 'foreign', 'empty', 'text'].map((name) => `tenants/${name}.db`);
		const before = list.map((file) => (existsSync(project.at(file)) ? readFileSync(project.at(file)) : null));
		const {code, stdout, stderr} = await lite(project.path, ['upgrade', '--db-list', '-', '--yes', '--keep-going', '--json'], list.join('\n'));
		expect(code).toBe(1);
		const {failed, applied} = last(stdout) as {
			failed: readonly {database: string; code: string; message: string; hint: string | null}[];
			applied: number;
		};
		expect(applied).toBe(1);
		expect(Object.fromEntries(failed.map((one) => [one.database.split('/').at(-1), [one.code, one.message]]))).toEqual({
			'missing.db': ['database', expect.stringContaining('no database at ')],
			'newer.db': ['databaseNewer', expect.any(String)],
			'drifted.db': ['history', 'the database has drifted from its migrations'],
			'foreign.db': ['history', 'the database has objects that are not in any migration'],
			'empty.db': ['database', 'empty.db is empty'],
			'text.db': ['database', 'text.db is not a SQLite database: it looks like a text file'],
		});
		expect(failed.find(({database}) => database.endsWith('drifted.db'))?.hint).toContain('lite-migr status --db tenants/drifted.db');
		expect(stderr).toContain(
			'✗ tenants/drifted.db   history: the database has drifted from its migrations\n  │ + index by_hand: not in any migration\n',
		);
		for (const [index, file] of list.entries()) {
			if (file.endsWith('good.db')) continue;
			expect([file, existsSync(project.at(file)) ? readFileSync(project.at(file)) : null]).toEqual([file, before[index]]);
		}
		expect(project.appliedIn('good')).toEqual(all);
	});

	test('is reported with the others if its code ends the process of a small fleet, which has no other thread', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		project.migration(
			'20260104_000000_code',
			"\top.run(({db}) => {\n\t\tif (db.prepare('SELECT count(*) AS n FROM post').get().n === 4) process.exit(0);\n\t});",
		);
		spoil(project, 'b');
		const {code, stdout} = await project.builtLite('upgrade', ...pattern, '--yes', '--no-backup', '--jobs', '1', '--json');
		expect(code).toBe(1);
		expect(last(stdout)).toMatchObject({type: 'fleet', total: 3, applied: 1, notStarted: 2, stopped: {code: 'migration'}});
		expect(['a', 'b', 'c'].map((name) => project.appliedIn(name).length)).toEqual([4, 1, 1]);
	});

	test('on a server that does not answer is named, and the files are upgraded', async () => {
		const project = await fleetProject(['a']);
		const list = 'http://127.0.0.1:1\ntenants/a.db\n';
		const {code, stdout} = await lite(project.path, ['upgrade', '--db-list', '-', '--yes', '--keep-going', '--no-backup', '--json'], list);
		expect(code).toBe(1);
		expect(last(stdout)).toMatchObject({total: 2, applied: 1, failed: [{database: 'libsql 127.0.0.1:1'}]});
		expect(project.appliedIn('a')).toEqual(all);
		const status = await lite(project.path, ['status', '--db-list', '-', '--json'], list);
		expect(status.code).toBe(1);
		expect(linesOf(status.stdout)).toMatchObject([{type: 'failed', database: 'libsql 127.0.0.1:1'}, {type: 'status'}, {type: 'fleet', total: 2}]);
	});

	test('because it is locked is tried at the end, and upgraded if it is free by then', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		const holder = await lockHolder(project.at('tenants/a.db'), 'BEGIN EXCLUSIVE');
		const locked = await project.lite('upgrade', ...pattern, '--keep-going', '--wait', '0.1', '--no-backup', '--json');
		expect(linesOf(locked.stdout).find(({type}) => type === 'fleetPlan')).toMatchObject({later: 1});
		expect(last(locked.stdout)).toMatchObject({applied: 2, failed: [{code: 'locked', database: expect.stringMatching(/a\.db$/)}]});
		await holder.release();
		expect(last((await project.lite('upgrade', ...pattern, '--no-backup', '--json')).stdout)).toMatchObject({applied: 1, unchanged: 2, failed: []});
	});
});

describe('consent', () => {
	const drop = "\top.dropColumn('user', 'age');";

	test('is needed once for all losses, before anything is written', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		project.migration('20260104_000000_drop', drop);
		project.tenant('b', (db) => db.exec("UPDATE user SET age = '7'"));
		const {code, stdout, stderr} = await project.lite('upgrade', ...pattern);
		expect(code).toBe(3);
		expect(stdout).toContain('▲ tenants/a.db   user.age will be dropped with 1 value\n▲ tenants/b.db   user.age will be dropped with 2 values\n');
		expect(stderr).toContain('this upgrade would lose or change data in 3 databases and needs confirmation');
		const plan = /--plan ([0-9a-f]{8})/.exec(stderr)?.[1] ?? '';
		for (const name of ['a', 'b', 'c']) expect(project.appliedIn(name)).toEqual([start]);
		expect(existsSync(project.at('tenants/backups'))).toBe(false);
		const confirmed = await project.lite('upgrade', ...pattern, '--plan', plan, '--json');
		expect(confirmed.code).toBe(0);
		expect(last(confirmed.stdout)).toMatchObject({applied: 3, plan, backups: 3});
	});

	test('is suggested with all names of the databases', async () => {
		const project = await fleetProject(['a', 'b']);
		project.migration('20260104_000000_drop', drop);
		project.write('list.txt', 'tenants/b.db\n');
		const {code, stderr} = await project.lite('upgrade', '--db', 'tenants/a.db', '--db=tenants/[a].db', '--db-list', 'list.txt');
		expect(code).toBe(3);
		expect(stderr).toContain("lite-migr upgrade --db tenants/a.db --db 'tenants/[a].db' --db-list list.txt --yes\n");
	});

	test('to a plan does not cover another one', async () => {
		const project = await fleetProject(['a', 'b']);
		project.migration('20260104_000000_drop', drop);
		const dry = await project.lite('upgrade', ...pattern, '--dry-run', '--json');
		expect(dry.code).toBe(0);
		const {plan, applied} = last(dry.stdout) as {plan: string; applied: number};
		expect(applied).toBe(2);
		expect(project.appliedIn('a')).toEqual([start]);
		project.tenant('b', (db) => db.exec("UPDATE user SET age = '7'"));
		const other = await project.lite('upgrade', ...pattern, '--plan', plan);
		expect(other.code).toBe(3);
		expect(other.stderr).toContain(`changed since you looked: ${plan} is no longer the plan`);
		expect([project.appliedIn('a'), project.appliedIn('b')]).toEqual([[start], [start]]);
	});

	test('is asked for what statements do, which is tried on copies first', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		project.migration('20260104_000000_clean.sql', 'DELETE FROM post WHERE id = 9;\n');
		const {code, stdout} = await project.lite('upgrade', ...pattern, '--no-backup', '--json', '--to', titles);
		expect([code, last(stdout)]).toMatchObject([0, {applied: 3}]);
		spoil(project, 'b');
		const refused = await project.lite('upgrade', ...pattern, '--no-backup');
		expect(refused.code).toBe(3);
		expect(refused.stdout).toContain('▲ tenants/b.db   post: 1 of 4 rows is deleted\n');
		expect(['a', 'b', 'c'].map((name) => project.appliedIn(name).length)).toEqual([3, 3, 3]);
		const plan = /--plan ([0-9a-f]{8})/.exec(refused.stderr)?.[1];
		const dry = await project.lite('upgrade', ...pattern, '--dry-run', '--json');
		if (plan !== undefined) expect(last(dry.stdout)).toMatchObject({plan});
		const confirmed = await project.lite('upgrade', ...pattern, '--no-backup', '--plan', String(last(dry.stdout).plan));
		expect(confirmed.code).toBe(0);
		expect(project.tenant('b', (db) => db.value('SELECT count(*) FROM post'))).toBe(3);
	});
});

describe('downgrade of several databases', () => {
	test('undoes the last migration of each, and leaves those alone that have none', async () => {
		const project = await fleetProject(['a', 'b']);
		await project.lite('upgrade', ...pattern, '--no-backup');
		const {code, stdout} = await project.lite('downgrade', ...pattern, '--no-backup', '--json');
		expect(code).toBe(0);
		expect(last(stdout)).toMatchObject({direction: 'downgrade', applied: 2, groups: [{at: names, count: 2}]});
		expect(project.appliedIn('a')).toEqual([start, names]);
	});

	test('of databases at different migrations needs a target, so a repeated command never undoes one more', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		await project.lite('upgrade', ...pattern, '--no-backup');
		expect((await project.lite('downgrade', '--db', 'tenants/a.db', '--yes', '--no-backup')).code).toBe(0);
		for (const flags of [['--yes'], ['--yes', '--keep-going'], ['--yes', '--steps', '1']]) {
			const {code, stdout, stderr} = await project.lite('downgrade', ...pattern, '--no-backup', ...flags);
			expect([code, stdout + stderr]).toEqual([3, expect.stringContaining('the databases would undo different migrations, so nothing was written')]);
			expect(stdout + stderr).toContain(`│ 1 database would undo ${names}`);
		}
		expect(project.appliedIn('a')).toEqual([start, names]);
		expect(project.appliedIn('b')).toEqual([start, names, titles]);
		expect((await project.lite('downgrade', ...pattern, '--no-backup', '--yes', '--to', names)).code).toBe(0);
		expect(['a', 'b', 'c'].map((tenant) => project.appliedIn(tenant))).toEqual(Array(3).fill([start, names]));
	});

	test('upgrades by a number of steps need a target as well, so a repeated command never applies one more', async () => {
		const project = await fleetProject(['a', 'b']);
		expect((await project.lite('upgrade', '--db', 'tenants/a.db', '--steps', '1', '--no-backup')).code).toBe(0);
		const {code, stdout, stderr} = await project.lite('upgrade', ...pattern, '--no-backup', '--steps', '1');
		expect([code, stdout + stderr]).toEqual([3, expect.stringContaining('the databases would apply different migrations, so nothing was written')]);
		expect(stdout + stderr).toContain(`│ 1 database would apply ${names}`);
		expect([project.appliedIn('a'), project.appliedIn('b')]).toEqual([[start, names], [start]]);
		expect((await project.lite('upgrade', ...pattern, '--no-backup', '--to', names)).code).toBe(0);
		expect([project.appliedIn('a'), project.appliedIn('b')]).toEqual(Array(2).fill([start, names]));
		// All of them apply the same migration now.
		expect((await project.lite('upgrade', ...pattern, '--no-backup', '--steps', '1')).code).toBe(0);
		expect([project.appliedIn('a'), project.appliedIn('b')]).toEqual(Array(2).fill([start, names, titles]));
	});

	test('that continues after failures needs a target, if a database that fails is at another migration', async () => {
		const project = await fleetProject(['a', 'b', 'c']);
		await project.lite('upgrade', ...pattern, '--no-backup');
		project.tenant('c', (db) => db.exec('CREATE VIEW drift AS SELECT title FROM post'));
		const flags = [...pattern, '--no-backup', '--yes', '--keep-going'];
		// All databases are at the same migration.
		expect((await project.lite('downgrade', ...flags)).code).toBe(1);
		expect(project.appliedIn('a')).toEqual([start, names]);
		const {code, stdout, stderr} = await project.lite('downgrade', ...flags);
		expect([code, stdout + stderr]).toEqual([3, expect.stringContaining('1 database that cannot be changed may be at another migration')]);
		expect(['a', 'b'].map((tenant) => project.appliedIn(tenant))).toEqual(Array(2).fill([start, names]));
	});

	test('of databases at different migrations runs as planned', async () => {
		const project = await fleetProject(['a', 'b']);
		await project.lite('upgrade', ...pattern, '--no-backup');
		await project.lite('downgrade', '--db', 'tenants/a.db', '--yes', '--no-backup');
		const dry = await project.lite('downgrade', ...pattern, '--no-backup', '--dry-run', '--json');
		expect((await project.lite('downgrade', ...pattern, '--no-backup', '--plan', String(last(dry.stdout).plan))).code).toBe(0);
		expect([project.appliedIn('a'), project.appliedIn('b')]).toEqual([[start], [start, names]]);
	});

	test('of databases whose files are gone uses the stored downgrades of each', async () => {
		const project = await fleetProject(['a', 'b']);
		await project.lite('upgrade', ...pattern, '--no-backup');
		project.removeMigration(titles);
		const {code, stdout} = await project.lite('downgrade', ...pattern, '--no-backup', '--json', '--yes', '--accept-edited');
		expect([code, last(stdout)]).toMatchObject([0, {applied: 2, failed: []}]);
	});
});

describe('status and check of several databases', () => {
	test('status groups them by state, and JSON has one line for each', async () => {
		const project = await fleetProject(['a', 'b', 'c', 'd']);
		await project.lite('upgrade', '--db', 'tenants/b.db', '--no-backup');
		project.tenant('d', (db) => db.exec('CREATE TABLE by_hand (a)'));
		const {code, stdout} = await project.lite('status', ...pattern);
		expect(code).toBe(0);
		expect(stdout).toContain(`2 databases   at ${start}\n  ○ 2 migrations are pending`);
		expect(stdout).toContain(`1 database   at ${titles}\n  ✔ up to date\n  tenants/b.db\n`);
		expect(stdout).toContain('! drift: + table by_hand: not in any migration\n');
		const json = linesOf((await project.lite('status', ...pattern, '--json')).stdout);
		expect(json).toHaveLength(5);
		const single = linesOf((await project.lite('status', '--db', 'tenants/b.db', '--json')).stdout);
		expect(json[1]).toEqual({type: 'status', ...single[0]});
		expect(json.at(-1)).toMatchObject({type: 'fleet', total: 4, failed: [], groups: [{at: start, count: 2}, {count: 1}, {count: 1}]});
	});

	test('check ends with 0 if all agree, with 4 if one differs, and with 1 if one cannot be read', async () => {
		const project = await fleetProject(['a', 'b']);
		expect(await project.lite('check', ...pattern)).toMatchObject({
			code: 4,
			stdout: expect.stringContaining("run lite-migr upgrade --db 'tenants/*.db'\n"),
		});
		await project.lite('upgrade', ...pattern, '--no-backup');
		const good = await project.lite('check', ...pattern);
		expect(good).toMatchObject({code: 0, stdout: '✔ models, migrations and 2 databases agree\n'});
		project.tenant('b', (db) => db.exec('CREATE TABLE by_hand (a)'));
		const bad = await project.lite('check', ...pattern, '--json');
		expect(bad.code).toBe(4);
		expect(linesOf(bad.stdout)).toMatchObject([
			{type: 'check', database: expect.stringMatching(/a\.db$/), ok: true},
			{type: 'check', ok: false, problems: [{kind: 'drift', hint: expect.stringContaining('lite-migr baseline --db tenants/b.db')}]},
			{type: 'fleet', total: 2, failed: []},
		]);
		project.tenant('a', (db) => db.exec('CREATE TABLE by_hand (a)'));
		expect((await project.lite('check', ...pattern)).stdout).toContain('lite-migr baseline --db tenants/a.db');
		appendFileSync(project.at('tenants/c.db'), 'text');
		const failed = await project.lite('check', ...pattern);
		expect(failed.code).toBe(1);
		expect(failed.stderr).toContain('✗ tenants/c.db   database: c.db is not a SQLite database');
	});
});
