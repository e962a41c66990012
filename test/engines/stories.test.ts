import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {splitStatements} from '../../source/core/ddl/split.ts';
import {type RemoteProject, remoteProject} from './remote-project.ts';
import {type Access, startCluster, startD1, startSqld} from './rigs.ts';
import {begin, firstModels, rows, wholeStory} from './story.ts';

interface Started {
	readonly access: Access;
	/** The value of `db_path`. */
	readonly db: string;
	readonly stop: () => Promise<void>;
}

async function d1(): Promise<Started> {
	const rig = await startD1();
	return {access: rig, db: rig.db, stop: rig.stop};
}

/** The file that workerd has open, so that every row is read back through D1. */
async function d1Local(): Promise<Started> {
	const rig = await startD1();
	await remoteProject(rig).values('SELECT 1');
	return {access: rig, db: 'd1-local:shop', stop: rig.stop};
}

async function sqld(): Promise<Started> {
	const rig = await startSqld();
	return {access: rig, db: rig.db, stop: rig.stop};
}

/** Through a node that does not lead. */
async function cluster(): Promise<Started> {
	const {nodes, leader, stop} = await startCluster();
	const leading = await leader();
	const access = nodes.find((_, node) => node !== leading) as Access;
	return {access, db: access.db, stop};
}

describe.each([
	['D1', d1],
	['a local D1 database of wrangler', d1Local],
	['sqld', sqld],
	['a cluster of rqlite', cluster],
] as const)('%s', (_, start) => {
	let started: Started;
	let project: RemoteProject;

	beforeEach(async () => {
		started = await start();
		project = remoteProject(started.access, {db: started.db});
	});

	afterEach(async () => {
		expect(project.printed()).not.toMatch(/secret|_cf_/);
		await started?.stop();
	});

	test('goes from an empty folder to a changed schema and back', async () => {
		project = await wholeStory(started.access, started.db);
	});

	test('runs exactly the plan of a dry run, and needs consent for a loss', async () => {
		await begin(project);
		const before = await project.contents();
		const name = project.migration('clean', "DELETE FROM post WHERE title = 'x';");
		const planOf = (text: string): string => /--plan (\w+)/.exec(text)?.[1] ?? '';

		const refused = await project.lite('upgrade');
		expect(refused).toMatchObject({code: 3, stderr: expect.stringMatching(/nothing was changed: |everything was rolled back: /)});
		const dry = await project.lite('upgrade', '--dry-run');
		expect(dry).toMatchObject({code: 0, stderr: '', stdout: expect.stringMatching(/▲ post: 1 of 3 rows is deleted[\s\S]* is untouched/)});
		expect(planOf(dry.stdout)).toBe(planOf(refused.stderr));
		expect(await project.contents()).toEqual(before);

		await project.exec("INSERT INTO post (id, user_id, title) VALUES (8, 2, 'x')");
		const outdated = await project.lite('upgrade', '--plan', planOf(dry.stdout));
		expect(outdated).toMatchObject({code: 3, stderr: expect.stringContaining('plan')});
		expect(await project.contents()).toHaveLength(before.length + 1);

		const plan = planOf(outdated.stderr);
		expect(await project.lite('upgrade', '--plan', plan)).toMatchObject({code: 0, stdout: expect.stringContaining(name)});
		expect(await project.values('SELECT id FROM post ORDER BY id')).toEqual([2, 7]);
		expect(await project.lite('downgrade', '--yes')).toMatchObject({code: 1, stderr: expect.stringContaining('it has no downgrade')});
		project.migration('more', 'DELETE FROM note;', 'SELECT 1;');
		expect(await project.lite('upgrade', '--yes')).toMatchObject({code: 0, stdout: expect.stringContaining('3 rows changed')});
		expect(await project.values('SELECT count(*) FROM note')).toEqual([0]);
	});

	test('lists the columns of a table if a fill names another one', async () => {
		await begin(project);
		project.write('models/schema.sql', firstModels.replace('email TEXT', 'email TEXT NOT NULL CHECK (length(email) > 2)'));
		expect(await project.lite('create', 'strict', '--fill', 'user.email=nick')).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/no such column: nick\n[\s\S]*an SQL expression over the current columns: id, email, manager_id\n$/),
		});
	});

	test('adopts an existing database, pulls its models and prints SQL for it', async () => {
		await project.exec(...firstModels.trim().split('\n'), ...rows);
		const before = await project.contents();
		expect((await project.lite('status')).stdout).toContain('lite-migr baseline');
		const baseline = await project.lite('baseline', 'adopted');
		expect(baseline).toMatchObject({code: 0, stderr: ''});
		expect(await project.contents()).toEqual(before);

		const pulled = await project.lite('pull');
		expect(pulled).toMatchObject({code: 0, stderr: ''});
		expect(project.read('models/schema.ts')).toMatch(/table\('user'[\s\S]*table\('post'[\s\S]*table\('note'/);
		expect(await project.lite('check')).toMatchObject({code: 0});
		expect((await project.lite('pull', '--dry-run', '--format', 'sql')).stdout).toContain('CREATE INDEX post_user');

		await project.exec('ALTER TABLE note ADD COLUMN extra TEXT');
		expect(await project.lite('check')).toMatchObject({code: 4, stdout: expect.stringContaining('table note: changed by hand')});
		expect((await project.lite('status')).stdout).toContain('table note: changed by hand');
		expect(await project.lite('baseline', 'extra')).toMatchObject({code: 0, stderr: ''});

		project.migration('title', 'ALTER TABLE post ADD COLUMN subtitle TEXT;', 'ALTER TABLE post DROP COLUMN subtitle;');
		const printed = await project.lite('upgrade', '--sql');
		expect(printed).toMatchObject({code: 0, stderr: '', stdout: expect.stringContaining('ADD COLUMN subtitle')});
		const statements = splitStatements(printed.stdout).map(({text}) => text);
		await project.exec(...statements.filter((sql) => !/^(?:BEGIN|COMMIT|PRAGMA foreign_keys)/.test(sql)));
		expect(await project.lite('upgrade')).toMatchObject({code: 0, stdout: expect.stringContaining('nothing is pending')});
		expect(await project.values("SELECT count(*) FROM pragma_table_info('post') WHERE name = 'subtitle'")).toEqual([1]);
	});
});

test('D1 imports the migrations of wrangler, including which ones are applied', async () => {
	const rig = await startD1();
	try {
		const project = remoteProject(rig);
		project.write('wrangler-migrations/0001_start.sql', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\n');
		project.write('wrangler-migrations/0002_mail.sql', 'ALTER TABLE user ADD COLUMN mail TEXT;\n');
		await project.exec(
			'CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)',
			"INSERT INTO d1_migrations (name) VALUES ('0001_start.sql')",
			"INSERT INTO user VALUES (1, 'Ann')",
		);
		const taken = await project.lite('baseline', '--from', 'wrangler-migrations');
		expect(taken).toMatchObject({code: 0, stdout: expect.stringContaining('wrangler')});
		expect((await project.lite('status')).stdout).toMatch(/● 0001_start[\s\S]*○ 0002_mail/);
		expect(await project.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
		expect(await project.values('SELECT id, name, mail FROM user')).toEqual([1, 'Ann', null]);
		expect(project.printed()).not.toMatch(/_cf_|secret/);
	} finally {
		await rig.stop();
	}
});
