import type {ChildProcess} from 'node:child_process';
import {readdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, onTestFinished, test} from 'vitest';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import type {Finished} from '../cli/built-bin.ts';
import {freePorts} from './ports.ts';
import {type ScriptFault, startProxy} from './proxy.ts';
import {type RemoteProject, remoteProject} from './remote-project.ts';
import {type Access, newFolder, type Rig, startCluster, startD1, startRqlite, startSqld} from './rigs.ts';

const engines = [
	['d1', startD1],
	['libsql', startSqld],
	['rqlite', startRqlite],
] as const;

/** Rows of the table that the upgrade copies. */
const rows = 20_000;

let projects: RemoteProject[] = [];

afterEach(() => {
	for (const project of projects) expect(project.printed()).not.toMatch(/secret|^\s+at |internal error/m);
	projects = [];
});

/** Starts a server. The project has a parent with rows, a child, and a pending migration that copies the parent. */
async function prepared(start: () => Promise<Rig>): Promise<{readonly rig: Rig; readonly project: RemoteProject; readonly old: readonly string[]}> {
	const rig = await start();
	onTestFinished(() => rig.stop());
	const project = await projectWithRows(rig);
	return {rig, project, old: await project.contents()};
}

async function projectWithRows(access: Access): Promise<RemoteProject> {
	const project = remoteProject(access);
	projects.push(project);
	project.write(
		'migrations/20260101_000000_start.sql',
		'-- upgrade\nCREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\nCREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE CASCADE);\n',
	);
	expect(await project.lite('upgrade')).toMatchObject({code: 0});
	await project.exec(
		`INSERT INTO user WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, 'name ' || i FROM n`,
		'INSERT INTO post VALUES (1, 1), (2, 2)',
	);
	project.write(
		'models/schema.sql',
		'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);\nCREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE CASCADE);\n',
	);
	expect(await project.lite('create', 'unique')).toMatchObject({code: 0});
	return project;
}

/** Runs upgrade through a proxy with a fault. */
async function upgradeWith(rig: Rig, project: RemoteProject, fault: ScriptFault): Promise<Finished> {
	const proxy = await startProxy(rig.port, false, fault);
	try {
		return await project.liteWith({through: rig.at(proxy.port)}, 'upgrade');
	} finally {
		await proxy.close();
	}
}

/** Checks that a lost answer is not reported as unchanged. */
function expectUnknown({code, stderr}: Finished): void {
	expect(stderr).toMatch(/✗ .*the answer of .* was lost: [\s\S]*it is unknown whether .* was changed[\s\S]*run lite-migr status/);
	expect(stderr).not.toMatch(/nothing was|unchanged|rolled back/);
	expect(code).toBe(1);
}

/** Checks that the database is as before or completely upgraded, and that another upgrade finishes. */
async function expectWholeAndFinish(project: RemoteProject, old: readonly string[]): Promise<void> {
	const now = await project.contents();
	const isRow = (sql: string): boolean => sql.startsWith('INSERT');
	if (now.some((sql) => sql.includes('UNIQUE'))) expect(now.filter(isRow)).toEqual(old.filter(isRow));
	else expect(now).toEqual(old);
	expect(await project.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
	expect(await project.lite('check')).toMatchObject({code: 0});
	expect((await project.contents()).filter(isRow)).toEqual(old.filter(isRow));
	expect(await project.values('SELECT count(*), count(DISTINCT name) FROM _lite_migr')).toEqual([2, 2]);
}

describe.each(engines)('%s', (kind, start) => {
	test('says that it cannot reach a server that is not running', async () => {
		const {rig, project, old} = await prepared(start);
		const [free = 0] = await freePorts(1);
		for (const command of ['status', 'check', 'diff', 'upgrade', 'pull']) {
			const refused = await project.liteWith({through: rig.at(free)}, command);
			expect(refused).toMatchObject({code: 1, stdout: '', stderr: expect.stringMatching(/✗ cannot reach .*: connection refused\n/)});
		}
		await expectWholeAndFinish(project, old);
	});

	test.each([
		['none', 'cut before'],
		['a half', 'cut in the middle'],
	] as const)('does not know the outcome if the connection is cut when the server has %s of the script', async (_, fault) => {
		const {rig, project, old} = await prepared(start);
		expectUnknown(await upgradeWith(rig, project, fault));
		expect(await project.contents()).toEqual(old);
		await expectWholeAndFinish(project, old);
	});

	test.each([
		['the connection is cut', 'cut after'],
		['a gateway answers with a page of its own', 'page'],
		['a gateway answers that it has lost the server', 'bad gateway'],
	] as const)('reads the history if %s after the commit', async (_, fault) => {
		const {rig, project, old} = await prepared(start);
		expect(await upgradeWith(rig, project, fault)).toMatchObject({
			code: 0,
			stdout: expect.stringMatching(/the answer of .* was lost, but its history shows that everything was applied/),
			stderr: '',
		});
		await expectWholeAndFinish(project, old);
	});

	test('does not know the outcome if the server is killed in the middle, and a second upgrade finishes', async () => {
		const {rig, project, old} = await prepared(start);
		expectUnknown(await upgradeWith(rig, project, () => void rig.kill()));
		await rig.restart();
		await expectWholeAndFinish(project, old);
	});

	test.each(['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
		'is whole after %s while the server runs the script, and leaves no copy of its rows',
		async (signal) => {
			const {rig, project, old} = await prepared(start);
			const temporary = newFolder();
			onTestFinished(() => rmSync(temporary, {recursive: true}));
			let child: ChildProcess | undefined;
			const proxy = await startProxy(rig.port, false, () => void child?.kill(signal));
			const env = {TMPDIR: temporary};
			const onStart = (started: ChildProcess) => {
				child = started;
			};
			const {code, stdout, stderr} = await project.liteWith({through: rig.at(proxy.port), env, onStart}, 'upgrade');
			await proxy.close();
			// The batch cannot be taken back, so the command waits for its answer.
			if (signal !== 'SIGKILL') expect({code, stderr, isDone: /^applied/m.test(stdout)}).toEqual({code: 0, stderr: '', isDone: true});
			const copies = () => readdirSync(temporary).filter((name) => name !== 'node-compile-cache');
			expect(copies()).toHaveLength(signal === 'SIGKILL' ? 1 : 0);
			expect(await project.liteWith({env}, 'upgrade', '--dry-run')).toMatchObject({code: 0});
			expect(copies()).toEqual([]);
			await expectWholeAndFinish(project, old);
		},
	);

	test('keeps rows that another client adds and values that it changes before the script arrives', async () => {
		const {rig, project} = await prepared(start);
		const before = async (): Promise<void> =>
			await project.exec(
				`INSERT INTO user VALUES (${rows + 1}, 'new')`,
				'INSERT INTO post VALUES (3, 1)',
				"UPDATE user SET name = 'changed' WHERE id = 1",
			);
		expect(await upgradeWith(rig, project, {before})).toMatchObject({code: 0, stderr: ''});
		expect(await project.values('SELECT count(*) FROM user')).toEqual([rows + 1]);
		expect(await project.values(`SELECT name FROM user WHERE id IN (1, ${rows + 1}) ORDER BY id`)).toEqual(['changed', 'new']);
		expect(await project.values('SELECT count(*) FROM post')).toEqual([3]);
		await expectWholeAndFinish(project, await project.contents());
	});

	test('does not drop rows that another client adds after the plan was shown', async () => {
		const {rig, project} = await prepared(start);
		expect(await project.lite('upgrade')).toMatchObject({code: 0});
		project.migration('gone', 'DROP TABLE post;');
		const plan = /--plan (\w+)/.exec((await project.lite('upgrade')).stderr)?.[1] ?? '';
		const proxy = await startProxy(rig.port, false, {before: async () => await project.exec('INSERT INTO post VALUES (3, 1)')});
		const refused = await project.liteWith({through: rig.at(proxy.port)}, 'upgrade', '--plan', plan);
		await proxy.close();
		expect(refused).toMatchObject({
			code: 3,
			stdout: expect.stringMatching(/another client changed .* in the meantime: nothing was applied/),
			stderr: expect.stringContaining('nothing was changed'),
		});
		expect(await project.values('SELECT count(*) FROM post')).toEqual([3]);
		expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0, stdout: expect.stringContaining('3 rows')});
	});

	test('changes nothing if another client adds a row that does not fit before the script arrives', async () => {
		const {rig, project} = await prepared(start);
		const before = async (): Promise<void> => await project.exec(`INSERT INTO user VALUES (${rows + 1}, 'name 1')`);
		const refused = await upgradeWith(rig, project, {before});
		expect(refused).toMatchObject({code: 1, stderr: expect.stringMatching(/duplicate value[\s\S]*nothing was changed/)});
		expect(await project.values('SELECT count(*) FROM user')).toEqual([rows + 1]);
		expect(await project.values('SELECT count(*) FROM _lite_migr')).toEqual([1]);
	});

	test('applies a migration once if two upgrades run at the same time', async () => {
		const {project, old} = await prepared(start);
		const both = await Promise.all([project.lite('upgrade'), project.lite('upgrade')]);
		expect(both).toMatchObject([
			{code: 0, stderr: ''},
			{code: 0, stderr: ''},
		]);
		const outcomes = both.map(({stdout}) => (/^applied/m.test(stdout) ? 'applied' : /nothing is pending/.test(stdout) ? 'nothing' : stdout));
		expect(outcomes.toSorted()).toEqual(['applied', 'nothing']);
		await expectWholeAndFinish(project, old);
	});

	test('a copy that is read while another upgrade changes the schema is read again', async () => {
		const {project} = await prepared(start);
		expect(await project.lite('upgrade')).toMatchObject({code: 0});
		for (const [from, to] of [
			['name', 'label'],
			['label', 'title'],
			['title', 'name'],
		]) {
			project.migration(`${to}`, `ALTER TABLE user RENAME COLUMN ${from} TO ${to};\nUPDATE user SET ${to} = ${to} || '.';`);
			const both = await Promise.all([project.lite('upgrade', '--yes'), project.lite('upgrade', '--yes')]);
			expect(both).toMatchObject([
				{code: 0, stderr: ''},
				{code: 0, stderr: ''},
			]);
		}
		expect(await project.values('SELECT count(*), count(DISTINCT name), max(length(name)) FROM user')).toEqual([rows, rows, 'name 20000...'.length]);
		expect(await project.values('SELECT count(*), count(DISTINCT name) FROM _lite_migr')).toEqual([5, 5]);
	});

	test('applies the first migration once if two upgrades run at the same time', async () => {
		const rig = await start();
		onTestFinished(() => rig.stop());
		const project = remoteProject(rig);
		projects.push(project);
		project.migration('start', 'CREATE TABLE user (id INTEGER PRIMARY KEY);');
		const both = await Promise.all([project.lite('upgrade'), project.lite('upgrade')]);
		expect(both).toMatchObject([
			{code: 0, stderr: ''},
			{code: 0, stderr: ''},
		]);
		expect(await project.values('SELECT count(*) FROM _lite_migr')).toEqual([1]);
	});

	test('changes nothing if a statement fails', async () => {
		const {project, old} = await prepared(start);
		const name = project.migration('bad', "INSERT INTO post VALUES (3, 1);\nINSERT INTO user VALUES (1, 'twice');");
		const failed = await project.lite('upgrade');
		expect(failed).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(new RegExp(`${name} failed: [\\s\\S]*${name}.sql:3[\\s\\S]*nothing was changed`)),
		});
		expect(await project.contents()).toEqual(old);
	});

	test('changes nothing if a statement works on the copy, but not on the server', async () => {
		const {project, old} = await prepared(start);
		const sql = kind === 'd1' ? 'CREATE VIRTUAL TABLE area USING rtree(id, low, high);' : "CREATE TABLE made AS SELECT unistr('x') AS x;";
		project.migration('newer', sql);
		const failed = await project.lite('upgrade');
		expect(failed).toMatchObject({code: 1, stderr: expect.stringMatching(/nothing was changed: .* is still at 20260101_000000_start/)});
		expect(await project.contents()).toEqual(old);
	});

	test('does not know the outcome if the server does not answer in time', async () => {
		const {rig, project, old} = await prepared(start);
		const proxy = await startProxy(rig.port, false, 'no answer');
		const {target, options} = rig.at(proxy.port);
		const engine = await openEngine(target, {...options, timeout: 1});
		const outcome = await engine.apply(['CREATE TABLE _lite_migr_guard (x)', 'DROP TABLE _lite_migr_guard']);
		engine.close();
		await proxy.close();
		expect(outcome).toMatchObject({kind: 'unknown', error: {code: 'outcomeUnknown', message: expect.stringContaining('no answer within 1 s')}});
		await expectWholeAndFinish(project, old);
	});
});

test('d1 reports problems with the token, the account or the name of the database', async () => {
	const {rig, project, old} = await prepared(startD1);
	for (const command of ['status', 'check', 'diff', 'upgrade', 'pull']) {
		const refused = await project.liteWith({env: {CLOUDFLARE_API_TOKEN: 'wrong-secret'}}, command);
		expect(refused).toMatchObject({
			code: 2,
			stdout: '',
			stderr: expect.stringMatching(/✗ d1 shop refused access[\s\S]*check .*CLOUDFLARE_API_TOKEN/),
		});
	}
	const missing = await project.liteWith({env: {CLOUDFLARE_ACCOUNT_ID: 'other'}}, 'upgrade');
	expect(missing).toMatchObject({code: 2, stderr: expect.stringContaining('✗ d1 shop does not exist')});
	const unset = await project.liteWith({env: {CLOUDFLARE_API_TOKEN: undefined}}, 'upgrade');
	expect(unset).toMatchObject({code: 2, stderr: expect.stringContaining('set CLOUDFLARE_API_TOKEN')});
	const unknown = await project.lite('upgrade', '--db', 'd1:shp');
	expect(unknown).toMatchObject({code: 2, stderr: expect.stringContaining('did you mean shop?')});
	expect(rig.db).toBe('d1:shop');
	await expectWholeAndFinish(project, old);
});

test('rqlite says that the password is wrong', async () => {
	const folder = newFolder();
	const users = join(folder, 'users.json');
	writeFileSync(users, JSON.stringify([{username: 'ann', password: 'right-secret', perms: ['all']}]));
	const rig = await startRqlite(['-auth', users], {RQLITE_USER: 'ann', RQLITE_PASSWORD: 'right-secret'});
	onTestFinished(async () => {
		await rig.stop();
		rmSync(folder, {recursive: true});
	});
	const project = remoteProject(rig);
	projects.push(project);
	project.migration('start', 'CREATE TABLE user (id INTEGER PRIMARY KEY);');
	for (const command of ['status', 'upgrade']) {
		const refused = await project.liteWith({env: {RQLITE_PASSWORD: 'wrong-secret'}}, command);
		expect(refused).toMatchObject({code: 2, stdout: '', stderr: expect.stringMatching(/refused access[\s\S]*check .*RQLITE_PASSWORD/)});
	}
	expect(await project.lite('upgrade')).toMatchObject({code: 0});
});

test('libsql says that the token is wrong', async () => {
	const sqld = await startSqld(['--http-auth', `basic:${Buffer.from('user:password').toString('base64')}`]);
	onTestFinished(() => sqld.stop());
	const project = remoteProject(sqld);
	projects.push(project);
	project.migration('start', 'CREATE TABLE user (id INTEGER PRIMARY KEY);');
	for (const command of ['status', 'upgrade']) {
		const refused = await project.liteWith({env: {LIBSQL_AUTH_TOKEN: 'wrong-secret'}}, command);
		expect(refused).toMatchObject({code: 2, stdout: '', stderr: expect.stringMatching(/refused access[\s\S]*check .*LIBSQL_AUTH_TOKEN/)});
	}
});

test('an upgrade of an rqlite cluster is whole after its leader was killed in the middle', async () => {
	const cluster = await startCluster();
	onTestFinished(() => cluster.stop());
	const leader = await cluster.leader();
	const access = cluster.nodes.find((_, node) => node !== leader) as Access;
	const project = await projectWithRows(access);
	const old = await project.contents();
	const proxy = await startProxy(
		Number(new URL(access.target.kind === 'rqlite' ? access.target.url : '').port),
		false,
		() => void cluster.kill(leader),
	);
	const through = {...access, db: `rqlite://127.0.0.1:${proxy.port}`};
	const finished = await project.liteWith({through}, 'upgrade');
	await proxy.close();
	if (finished.code !== 0 && finished.stderr.includes('the answer of')) expectUnknown(finished);
	else if (finished.code !== 0) expect(finished.stderr).toContain('nothing was changed');
	await expectWholeAndFinish(project, old);
});
