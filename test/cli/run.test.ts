import {execFileSync, spawnSync} from 'node:child_process';
import {closeSync, existsSync, openSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';
import {builtBin} from './built-bin.ts';

const user = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);\n';

/** Creates a project with one applied migration and two rows. */
async function start(more = ''): Promise<ProjectFolder> {
	const project = projectFolder({'migrate.toml': toml + more, 'models/schema.sql': user});
	expect((await project.lite('create', 'start')).code).toBe(0);
	expect((await project.lite('upgrade')).code).toBe(0);
	project.database((db) => db.exec("INSERT INTO user VALUES (1, 'Tom', 25), (2, 'Ann', 31)"));
	return project;
}

function events(stdout: string): {type: string; [key: string]: unknown}[] {
	return stdout
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));
}

async function dropAge(project: ProjectFolder): Promise<string> {
	project.write('models/schema.sql', user.replace(', age INTEGER', ''));
	expect((await project.lite('create', 'drop_age', '--drop', 'user.age')).code).toBe(0);
	return project.files('migrations').at(-1)?.replace(/\.ts$/, '') ?? '';
}

const columns = (project: ProjectFolder) => project.database((db) => db.tuples('SELECT name FROM pragma_table_info(?)', 'user')).flat();

describe('upgrade', () => {
	test('reports the applied migrations, the backup, and how to undo the run', async () => {
		const project = await start();
		const name = await dropAge(project);
		const {code, stdout, stderr} = await project.lite('upgrade', '--yes');
		expect([code, stderr]).toEqual([0, '']);
		expect(stdout).toMatch(/^backup {3}backups\/app-\d{8}T\d{6}-\S*drop_age\.db {3}/m);
		expect(stdout).toMatch(new RegExp(`^applied {2}${name} {3}\\d+ ms {3}user: `, 'm'));
		expect(stdout).toMatch(new RegExp(`^app\\.db is at ${name} `, 'm'));
		expect(stdout).toMatch(
			/^ {2}restore {2}lite-migr restore \S+ {3}restores rows and values, too\n {2}undo {5}lite-migr downgrade --to \d+_\d+_start {3}structure only: user\.age comes back without its values; /m,
		);
		const restore = /^ {2}restore {2}lite-migr restore (\S+)/m.exec(stdout)?.[1] ?? '';
		expect((await project.lite('restore', restore, '--yes')).code).toBe(0);
		expect(columns(project)).toEqual(['id', 'name', 'age']);
	});

	test('has nothing to do the second time, and reports the current migration', async () => {
		const project = await start();
		expect(await project.lite('upgrade')).toMatchObject({
			code: 0,
			stdout: expect.stringMatching(/^nothing is pending: app\.db is at \d+_\d+_start\n$/),
		});
	});

	test('ends with exit code 3 if a DELETE would remove rows without consent, and status says that it may lose data', async () => {
		const project = await start();
		project.write('migrations/99990101_000000_old.sql', '-- upgrade\nDELETE FROM user WHERE age > 30;\n');
		const {code, stderr} = await project.lite('upgrade');
		expect(code).toBe(3);
		expect(stderr).toContain('user: 1 of 2 rows is deleted');
		expect(stderr).toContain('everything was rolled back: app.db is still at');
		expect(JSON.parse((await project.lite('status', '--json')).stdout).pending).toEqual([{name: '99990101_000000_old', destructive: true}]);
		expect(project.database((db) => db.value('SELECT count(*) FROM user'))).toBe(2);
		expect((await project.lite('upgrade', '--yes')).code).toBe(0);
		expect(project.database((db) => db.all('SELECT id FROM user'))).toEqual([{id: 1}]);
	});

	test('ends with exit code 3 before it loses data without consent', async () => {
		const project = await start();
		await dropAge(project);
		const {code, stderr} = await project.lite('upgrade');
		expect(code).toBe(3);
		expect(stderr).toContain('user.age will be dropped with 2 values');
		expect(stderr).toContain('nothing was written: app.db is at');
		expect(stderr).toContain('lite-migr upgrade --yes');
		expect(stderr).toMatch(/^ {2}to confirm exactly this plan, run lite-migr upgrade --plan [0-9a-f]{8}$/m);
		expect(columns(project)).toEqual(['id', 'name', 'age']);
	});

	test('prints one JSON event per line, and the result last', async () => {
		const project = await start();
		const name = await dropAge(project);
		const waiting = await project.lite('upgrade', '--json');
		expect([waiting.code, events(waiting.stdout).at(-1)]).toMatchObject([3, {type: 'failed', code: 'answerNeeded'}]);
		const done = await project.lite('upgrade', '--json', '--yes');
		expect(done.code).toBe(0);
		const reported = events(done.stdout);
		expect(reported[0]).toMatchObject({type: 'start', direction: 'upgrade', migrations: [name], dryRun: false});
		expect(reported.map(({type}) => type)).toEqual(
			expect.arrayContaining(['preflight', 'backup', 'migrationStart', 'stepStart', 'stepDone', 'migrationDone']),
		);
		expect(reported.at(-1)).toMatchObject({type: 'done', currentMigration: name, applied: [{name}]});
	});

	test('reports where it failed, and that nothing was changed', async () => {
		const project = await start();
		project.write('migrations/29990101_000000_bad.sql', '-- upgrade\nCREATE TABLE q (id);\nINSERT INTO user (id, name) VALUES (1, 2);\n');
		const {code, stdout, stderr} = await project.lite('upgrade', '--yes');
		expect(code).toBe(1);
		expect(stderr).toMatch(/^✗ 29990101_000000_bad failed: /);
		expect(stderr).toContain('migrations/29990101_000000_bad.sql:3');
		expect(stderr).toContain('rolled back');
		expect(stdout).not.toContain('applied');
		expect(project.database((db) => db.value("SELECT count(*) FROM sqlite_schema WHERE name = 'q'"))).toBe(0);
		expect(events((await project.lite('upgrade', '--yes', '--json')).stdout).at(-1)).toMatchObject({
			type: 'failed',
			migration: '29990101_000000_bad',
		});
	});

	test('tries everything on a copy with --dry-run', async () => {
		const project = await start();
		await dropAge(project);
		const {code, stdout} = await project.lite('upgrade', '--dry-run');
		expect(code).toBe(0);
		expect(stdout).toContain('▲ user.age will be dropped with 2 values');
		expect(stdout).toMatch(/^tried {4}\S+_drop_age/m);
		expect(stdout).toContain('app.db is untouched');
		expect(columns(project)).toEqual(['id', 'name', 'age']);
		expect((await project.lite('status', '--json')).stdout).toContain('"destructive":true');
	});

	test('prints the SQL that would run', async () => {
		const project = await start();
		await dropAge(project);
		const {code, stdout} = await project.lite('upgrade', '--sql');
		expect(code).toBe(0);
		expect(stdout).toMatch(/^-- lite-migr upgrade of app\.db/);
		expect(stdout).toContain('DROP COLUMN age');
		expect(JSON.parse((await project.lite('upgrade', '--sql', '--json')).stdout)).toMatchObject({
			migrations: [expect.stringContaining('drop_age')],
			withCode: [],
		});
		expect(columns(project)).toEqual(['id', 'name', 'age']);
		await project.lite('upgrade', '--yes');
		expect((await project.lite('upgrade', '--sql')).stdout).toBe('-- nothing to do\n');
	});

	test('stops at its target', async () => {
		const project = projectFolder({'migrate.toml': toml});
		for (const number of [1, 2, 3])
			project.write(
				`migrations/2026010${number}_000000_m${number}.sql`,
				`-- upgrade\nCREATE TABLE m${number} (x);\n-- downgrade\nDROP TABLE m${number};\n`,
			);
		const at = async () => JSON.parse((await project.lite('status', '--json')).stdout).applied.map(({name}: {name: string}) => name.slice(-2));
		project.write('models/m.sql', '');
		expect((await project.lite('upgrade', '--steps', '1')).code).toBe(0);
		expect(await at()).toEqual(['m1']);
		expect((await project.lite('upgrade', '--to', 'm2')).code).toBe(0);
		expect(await at()).toEqual(['m1', 'm2']);
		expect((await project.lite('upgrade', '--to', 'm9')).code).toBe(2);
		expect(await project.lite('downgrade', '--to', 'm3')).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('cannot downgrade to 20260103_000000_m3: it is not applied'),
		});
		expect((await project.lite('upgrade', '--to', 'm2')).stdout).toBe('nothing to apply: app.db is at 20260102_000000_m2\n');
		expect(await project.lite('upgrade', '--to', 'm1')).toEqual({
			code: 0,
			stderr: '',
			stdout:
				'! 20260101_000000_m1 is already applied, and so are later migrations; to go back to it, run lite-migr downgrade --to 20260101_000000_m1\nnothing to apply: app.db is at 20260102_000000_m2\n',
		});
		expect((await project.lite('upgrade')).code).toBe(0);
		expect((await project.lite('downgrade', '--to', '20260101_000000_m1', '--yes')).code).toBe(0);
		expect(await at()).toEqual(['m1']);
	});

	test.each([
		[['a'], ['a']],
		[['b'], ['a', 'b']],
		[['c'], ['a', 'b']],
		[[], []],
	])('reports the committed migrations if code ends the process: alone %j, committed %j', async (alone, committed) => {
		const project = projectFolder({'migrate.toml': toml});
		for (const name of ['a', 'b', 'c']) {
			project.write(
				`migrations/1_${name}.ts`,
				`export const transaction = ${!alone.includes(name)}; export function upgrade(op) { op.createTable('CREATE TABLE ${name} (x)'); ${name === 'c' ? 'op.run(() => process.exit(0));' : ''} }`,
			);
		}
		const dry = await project.builtLite('upgrade', '--json', '--dry-run');
		expect(events(dry.stdout).at(-1)).toMatchObject({type: 'failed', committed: [], state: 'a dry run: app.db is untouched'});
		const {code, stdout} = await project.builtLite('upgrade', '--json');
		expect(code).toBe(1);
		expect(events(stdout).at(-1)).toMatchObject({type: 'failed', migration: '1_c', committed: committed.map((name) => `1_${name}`)});
		const {applied} = JSON.parse((await project.lite('status', '--json')).stdout);
		expect(applied.map(({name}: {name: string}) => name)).toEqual(committed.map((name) => `1_${name}`));
	});

	test('takes no backup with --no-backup', async () => {
		const project = await start();
		await dropAge(project);
		expect((await project.lite('upgrade', '--yes', '--no-backup')).stdout).not.toContain('backup');
		expect(project.files('.')).not.toContain('backups');
	});

	test.each(['SIGINT', 'SIGTERM'] as const)('rolls back on %s and ends with 130', async (signal) => {
		const project = projectFolder({'migrate.toml': toml, 'models/big.sql': 'CREATE TABLE big (id INTEGER PRIMARY KEY, n INTEGER, t TEXT);\n'});
		project.database((db) =>
			db.exec(`CREATE TABLE big (id INTEGER PRIMARY KEY, n TEXT, t TEXT);
				WITH RECURSIVE counter (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counter WHERE i < 400000)
				INSERT INTO big SELECT i, i, printf('%0100d', i) FROM counter;`),
		);
		expect((await project.lite('create', 'number')).code).toBe(0);
		const {code, stdout} = await project.builtLiteWith(
			{
				onStart: (child) => {
					let seen = '';
					const listen = (text: string) => {
						seen += text;
						if (!seen.includes('"type":"progress"')) return;
						child.stdout?.off('data', listen);
						child.kill(signal);
					};
					child.stdout?.on('data', listen);
				},
			},
			'upgrade',
			'--yes',
			'--json',
			'--no-backup',
		);
		expect(code).toBe(130);
		expect(events(stdout).at(-1)).toMatchObject({type: 'failed', code: 'cancelled', state: expect.stringContaining('rolled back')});
		expect(
			project.database((db) => [
				db.value("SELECT type FROM pragma_table_info('big') WHERE name = 'n'"),
				db.value('SELECT count(*) FROM big'),
				db.value('PRAGMA integrity_check'),
			]),
		).toEqual(['TEXT', 400_000, 'ok']);
	});

	test.skipIf(!existsSync('/dev/full'))('reports that its output cannot be written, and commits nothing that was not shown', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': user});
		expect((await project.lite('create', 'start')).code).toBe(0);
		const full = openSync('/dev/full', 'w');
		const {status, stderr} = spawnSync(process.execPath, [builtBin(), 'upgrade', '--json'], {
			cwd: project.path,
			stdio: ['ignore', full, 'pipe'],
			encoding: 'utf8',
		});
		closeSync(full);
		expect(status).toBe(1);
		expect(stderr).toMatch(/^[✗x] (?:\S+ failed: )?cannot write the output: no space left on the disk\n/);
		expect(stderr).not.toMatch(/^\s+│? *at /m);
		expect(project.database((db) => db.value('SELECT count(*) FROM sqlite_schema'))).toBe(0);
	});

	test('requires --accept-edited if an applied file was edited', async () => {
		const project = await start();
		const file = `migrations/${project.files('migrations')[0]}`;
		project.write(file, `${project.read(file)}\n// changed\nexport const x = 1;\n`);
		project.write('models/schema.sql', `${user}CREATE TABLE more (x);\n`);
		await project.lite('create', 'more');
		const {code, stderr} = await project.lite('upgrade');
		expect(code).toBe(3);
		expect(stderr).toContain('edited after they were applied: ');
		expect(stderr).toContain('run lite-migr upgrade --accept-edited (--yes does not cover it)');
		expect((await project.lite('upgrade', '--yes')).code).toBe(3);
		expect((await project.lite('upgrade', '--accept-edited')).code).toBe(0);
	});
});

test.each([
	['upgrade', '--bogus'],
	['downgrade', '--steps', '0'],
	['upgrade', '--config', 'nowhere.toml'],
])('%s %s that cannot start still ends with an event', async (...argv) => {
	const {code, stdout} = await (await start()).lite(...argv, '--json');
	expect(code).toBe(2);
	const [last, ...more] = events(stdout);
	expect(more).toEqual([]);
	expect(last).toMatchObject({type: 'failed', code: expect.stringMatching(/^(usage|config)$/), migration: null, committed: [], backup: null});
	expect(last).toMatchObject({state: 'nothing was written', error: {message: last?.message, exitCode: 2}});
});

test('create prints an error and no events even if the migration is named like a run command', async () => {
	const {code, stdout} = await (await start()).lite('create', 'upgrade', '--config', 'nowhere.toml', '--json');
	expect([code, Object.keys(JSON.parse(stdout))]).toEqual([2, ['error']]);
});

test('the undo command that a run suggests is for the database that it changed', async () => {
	const project = await start();
	await dropAge(project);
	const {code, stdout} = await project.lite('upgrade', '--db', "o'neil & co.db", '--yes');
	expect(code).toBe(0);
	const undo = /^ {2}undo {5}lite-migr (.*)$/m.exec(stdout)?.[1] ?? '';
	expect(undo).toBe("downgrade --db 'o'\\''neil & co.db' --steps 2");
	expect(execFileSync('sh', ['-c', `"$0" "$1" ${undo} --yes --json`, process.execPath, builtBin()], {cwd: project.path, encoding: 'utf8'})).toContain(
		"\"undo\":[\"lite-migr upgrade --db 'o'\\\\''neil & co.db'\"",
	);
	expect(JSON.parse((await project.lite('status', '--json')).stdout).applied).toHaveLength(1);
	const refused = await project.lite('downgrade', '--config=migrate.toml');
	expect(refused.stderr).toContain('run lite-migr downgrade --config migrate.toml --yes');
	expect(refused.stderr).toMatch(/run lite-migr downgrade --config migrate\.toml --plan [0-9a-f]{8}$/m);
});

describe('downgrade', () => {
	test('undoes the last migration', async () => {
		const project = await start();
		project.write('models/schema.sql', user.replace('name TEXT', 'full_name TEXT'));
		await project.lite('create', 'names', '--rename', 'user.name=full_name');
		await project.lite('upgrade');
		const {code, stdout} = await project.lite('downgrade');
		expect(code).toBe(0);
		expect(stdout).toMatch(/^undone +\S+_names/m);
		expect(stdout).toMatch(/^ {2}undo {5}lite-migr upgrade$/m);
		expect(project.database((db) => db.tuples('SELECT name FROM user'))).toEqual([['Tom'], ['Ann']]);
	});

	test('ends with exit code 3 before it drops rows without consent, and finally has nothing to undo', async () => {
		const project = await start();
		expect((await project.lite('downgrade')).code).toBe(3);
		expect((await project.lite('downgrade', '--yes')).code).toBe(0);
		expect(await project.lite('downgrade')).toMatchObject({code: 0, stdout: 'nothing to undo: app.db has no migrations applied\n'});
	});
});

describe('a plan', () => {
	/** Returns the plan id that a dry run prints. */
	const planOf = async (project: ProjectFolder, ...argv: readonly string[]) => {
		const {code, stdout} = await project.lite(...argv, '--dry-run');
		expect(code).toBe(0);
		return /^plan ([0-9a-f]{8})$/m.exec(stdout)?.[1] ?? '';
	};

	test('is printed by a dry run even if it shows losses, and can be run by its id', async () => {
		const project = await start();
		const name = await dropAge(project);
		const plan = await planOf(project, 'upgrade');
		const dry = await project.lite('upgrade', '--dry-run', '--json');
		expect([dry.code, events(dry.stdout).at(-1)]).toMatchObject([0, {type: 'done', dryRun: true, plan}]);
		expect(columns(project)).toContain('age');
		const {code, stdout} = await project.lite('upgrade', '--plan', plan, '--json');
		expect([code, events(stdout).at(-1)]).toMatchObject([0, {type: 'done', currentMigration: name, plan}]);
		expect(columns(project)).not.toContain('age');
	});

	test('ends with exit code 3 if a row that it would lose has changed since then, and leaves the database unchanged', async () => {
		const project = await start();
		await dropAge(project);
		const plan = await planOf(project, 'upgrade');
		project.database((db) => db.exec('UPDATE user SET age = 26 WHERE id = 1'));
		const {code, stderr} = await project.lite('upgrade', '--plan', plan);
		expect(code).toBe(3);
		expect(stderr).toContain(`app.db or its migrations changed since you looked: ${plan} is no longer the plan`);
		expect(columns(project)).toContain('age');
		expect(project.files('.')).not.toContain('backups');
		const [, now = ''] = /^ {2}to run it, run lite-migr upgrade --plan ([0-9a-f]{8})$/m.exec(stderr) ?? [];
		expect((await project.lite('upgrade', '--plan', now)).code).toBe(0);
	});

	test('takes precedence over --yes', async () => {
		const project = await start();
		await dropAge(project);
		const plan = await planOf(project, 'upgrade');
		project.database((db) => db.exec('UPDATE user SET age = 26 WHERE id = 1'));
		expect((await project.lite('upgrade', '--plan', plan, '--yes')).code).toBe(3);
	});

	test('of a downgrade is printed, and can be run', async () => {
		const project = await start();
		const plan = await planOf(project, 'downgrade');
		expect((await project.lite('downgrade', '--plan', plan)).code).toBe(0);
		expect(project.database((db) => db.value('SELECT count(*) FROM _lite_migr'))).toBe(0);
	});

	test.each([
		[['--plan', 'abc'], 'abc is not a plan id'],
		[['--plan', '3f9c1a2g'], '3f9c1a2g is not a plan id'],
		[['--plan', '3f9c1a2b', '--sql'], '--plan and --sql cannot be used together'],
		[['--plan'], '--plan needs a value'],
	])('%j is invalid usage, and nothing runs', async (argv, message) => {
		const project = await start();
		await dropAge(project);
		const {code, stderr} = await project.lite('upgrade', ...argv);
		expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
		expect(columns(project)).toContain('age');
	});

	test('does not cover edited files, and needs no --yes', async () => {
		const project = await start();
		const file = `migrations/${project.files('migrations')[0]}`;
		project.write(file, `${project.read(file)}\nexport const x = 1;\n`);
		await dropAge(project);
		const plan = await planOf(project, 'upgrade', '--accept-edited');
		expect((await project.lite('upgrade', '--plan', plan, '--yes')).code).toBe(3);
		expect((await project.lite('upgrade', '--plan', plan, '--accept-edited')).code).toBe(0);
	});
});

test('the output of --sql does the same in the sqlite3 shell', async ({skip}) => {
	try {
		execFileSync('sqlite3', ['--version']);
	} catch {
		skip('there is no sqlite3 shell here');
	}
	const project = await start();
	project.write('models/schema.sql', user.replace('age INTEGER', 'age TEXT'));
	await project.lite('create', 'age');
	const {stdout} = await project.lite('upgrade', '--sql');
	execFileSync('sqlite3', ['-bail', `${project.path}/app.db`], {input: stdout});
	expect(project.database((db) => db.tuples('SELECT id, age, typeof(age) FROM user'))).toEqual([
		[1, '25', 'text'],
		[2, '31', 'text'],
	]);
	expect(await project.lite('upgrade')).toMatchObject({code: 0, stdout: expect.stringContaining('nothing is pending')});
	expect((await project.lite('check')).code).toBe(0);
});
