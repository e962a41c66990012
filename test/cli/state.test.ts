import {renameSync, unlinkSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

const user = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n';

async function start(): Promise<ProjectFolder> {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': user});
	expect((await project.lite('create', 'start')).code).toBe(0);
	expect((await project.lite('upgrade')).code).toBe(0);
	return project;
}

const json = async (project: ProjectFolder, command: string) => JSON.parse((await project.lite(command, '--json')).stdout);

describe('status and check', () => {
	test('of an existing database explain how to adopt it, not how to write a first migration', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': user});
		expect((await project.lite('status')).stdout).toBe(
			'app.db   does not exist yet; to create it, run lite-migr upgrade\n\n  no migrations yet; to write the first one, run lite-migr create <name>\n',
		);
		project.database((db) => db.exec(user));
		const {stdout} = await project.lite('status');
		expect(stdout).toContain('\n\n  no migrations yet\n\n');
		expect(stdout).toContain('run lite-migr baseline <name>:');
	});

	test('report no difference if everything agrees', async () => {
		const project = await start();
		expect(await project.lite('check')).toEqual({code: 0, stdout: '✔ models, migrations and app.db agree\n', stderr: ''});
		expect(await json(project, 'check')).toEqual({ok: true, problems: []});
		expect(await json(project, 'status')).toEqual({
			database: join(project.path, 'app.db'),
			exists: true,
			applied: [
				{
					name: expect.stringMatching(/_start$/),
					appliedAt: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
					checksum: expect.stringMatching(/^[\da-f]{64}$/),
					durationMs: expect.any(Number),
				},
			],
			pending: [],
			edited: [],
			missing: [],
			drift: [],
			ahead: [],
			questions: 0,
			inSync: true,
		});
		expect((await project.lite('status')).stdout).toMatch(/● \d+_\d+_start +\d{4}-.*\n\n {2}✔ no drift, no edited files\n$/);
	});

	test('status reports the state of the database even if the models are missing or do not load', async () => {
		const project = projectFolder({
			'migrate.toml': toml,
			'migrations/20260101_000000_a.sql': '-- upgrade\nCREATE TABLE a (x);\n-- downgrade\nDROP TABLE a;\n',
		});
		const before = await project.lite('status', '--json');
		expect([before.code, before.stderr]).toEqual([0, '']);
		expect(JSON.parse(before.stdout)).toMatchObject({
			exists: false,
			pending: [{name: '20260101_000000_a'}],
			modelsError: {code: 'config'},
			inSync: false,
		});
		await project.lite('upgrade');
		project.write('models/a.sql', 'CREATE TABLE a (\n  x,\n');
		const after = await json(project, 'status');
		expect(after).toMatchObject({
			applied: [{name: '20260101_000000_a'}],
			pending: [],
			modelsError: {code: 'model', location: {file: join(project.path, 'models/a.sql')}},
			inSync: false,
		});
		expect((await project.lite('check', '--json')).code).toBe(1);
	});

	test('check needs no database', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': user});
		expect(await project.lite('check')).toMatchObject({
			code: 4,
			stdout: '✗ models are ahead of migrations by 1 change\n    + user\n  run lite-migr create <name>\n',
		});
		await project.lite('create', 'start');
		expect(await project.lite('check')).toMatchObject({code: 0, stdout: '✔ models and migrations agree\n'});
		expect(project.files('.')).not.toContain('app.db');
	});

	test('list model changes that are not in any migration, including questions', async () => {
		const project = await start();
		project.write('models/schema.sql', 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL);\nCREATE TABLE tag (n);\n');
		const checked = await project.lite('check');
		expect(checked.code).toBe(4);
		expect(checked.stdout).toBe(
			'✗ models are ahead of migrations by 1 change, 1 question\n    + tag\n    ? user.full_name is new and user.name is gone\n  run lite-migr create <name>\n',
		);
		expect(await json(project, 'status')).toMatchObject({ahead: ['+ tag'], questions: 1, inSync: false});
	});

	test('explain how to record changes that the database already has but no migration contains', async () => {
		const project = await start();
		project.database((db) => db.exec('ALTER TABLE user ADD COLUMN age INTEGER; CREATE TABLE tag (n)'));
		project.write('models/schema.sql', `${user.replace(');', ', age INTEGER);')}CREATE TABLE tag (n);\n`);
		expect((await project.lite('create', 'same')).stdout).toContain('no differences');
		const checked = await project.lite('check');
		expect(checked.code).toBe(4);
		expect(checked.stdout).toContain('run lite-migr baseline <name>: the database already has these changes');
		expect((await project.lite('baseline', 'by_hand')).code).toBe(0);
		expect(await project.lite('check')).toMatchObject({code: 0});
	});

	test('list pending migrations, and whether they lose data', async () => {
		const project = await start();
		project.database((db) => db.exec("INSERT INTO user VALUES (1, 'x')"));
		project.write('models/schema.sql', 'CREATE TABLE other (id INTEGER PRIMARY KEY);\n');
		await project.lite('create', 'other', '--drop', 'user', '--no-renames');
		expect(await json(project, 'status')).toMatchObject({pending: [{destructive: true}], inSync: false});
		expect((await project.lite('status')).stdout).toMatch(/○ \d+_\d+_other +pending, ▲ loses data/);
		expect(await json(project, 'check')).toMatchObject({ok: false, problems: [{kind: 'pending', items: [expect.stringMatching(/_other$/)]}]});
	});

	const rebuilt = (columns: string, values: string, more = '') =>
		`CREATE TABLE n (id INTEGER PRIMARY KEY, ${columns});\nINSERT INTO n SELECT id, ${values} FROM user;\n${more}DROP TABLE user;\nALTER TABLE n RENAME TO user;\n`;

	test.each([
		['copies a table with all its columns', rebuilt('name TEXT NOT NULL', 'name'), false],
		['copies a table and renames a column', rebuilt('full_name TEXT', 'user.name'), false],
		['copies a table without a column', rebuilt('x', 'NULL'), true],
		['copies a table with other values', rebuilt('name TEXT', "name || ''"), true],
		['converts a column', rebuilt('name INTEGER', 'name'), true],
		['deletes rows of the copy', rebuilt('name TEXT', 'name', 'DELETE FROM n WHERE id > 1;\n'), true],
		['deletes rows before the copy', `DELETE FROM user WHERE id > 1;\n${rebuilt('name TEXT', 'name')}`, true],
		['copies some of the rows', rebuilt('name TEXT', 'name').replace('FROM user', 'FROM user WHERE id > 1'), true],
		['skips rows', rebuilt('name TEXT UNIQUE', 'name').replace('INSERT', 'INSERT OR IGNORE'), true],
		['drops a table that has no copy', 'DROP TABLE user;\nCREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\n', true],
	])('say whether a file of statements may lose data if it %s', async (_what, statements, destructive) => {
		const project = await start();
		project.database((db) => db.exec("INSERT INTO user VALUES (1, 'x'), (2, 'y')"));
		project.write('migrations/29990101_000000_rebuild.sql', `-- upgrade\n${statements}`);
		expect(await json(project, 'status')).toMatchObject({pending: [{destructive}]});
	});

	test('show the history even if a pending migration does not fit, and name that migration with its line', async () => {
		const project = await start();
		const bad = 'migrations/29990101_000000_bad.sql';
		project.write(bad, '-- upgrade\n\nALTER TABLE nowhere ADD COLUMN x;\n');
		const {code, stdout, stderr} = await project.lite('status');
		expect([code, stderr]).toEqual([0, '']);
		expect(stdout).toMatch(/● \d+_\d+_start +\d{4}-.*\n {2}○ 29990101_000000_bad +pending, ✗ cannot be applied\n/);
		expect(stdout).toContain(`✗ no such table: nowhere\n    │ ${bad}:3\n    │ ALTER TABLE nowhere ADD COLUMN x: running the statement\n`);
		const problem = {code: 'migration', message: 'no such table: nowhere', location: {file: join(project.path, bad), line: 3}};
		const found = await json(project, 'status');
		expect(found).toMatchObject({
			applied: {length: 1},
			pending: [{name: '29990101_000000_bad', destructive: false}],
			pendingError: problem,
			inSync: false,
		});
		expect(await project.lite('create', 'more')).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/29990101_000000_bad.sql:3\n {2}│ .*\n {2}fix this pending migration, or remove its file/),
		});
		project.write(bad, 'ALTER TABLE "never closed');
		expect(await json(project, 'status')).toMatchObject({pendingError: {location: {file: join(project.path, bad)}}});
	});

	test('name applied files that were edited or are missing', async () => {
		const project = await start();
		const file = `migrations/${project.files('migrations')[0]}`;
		project.write(file, `${project.read(file)}export const x = 1;\n`);
		expect(await json(project, 'status')).toMatchObject({edited: [expect.stringMatching(/_start$/)], inSync: false});
		expect((await project.lite('check')).stdout).toContain('1 applied migration was edited after it was applied');
		unlinkSync(join(project.path, file));
		expect(await json(project, 'status')).toMatchObject({missing: [expect.stringMatching(/_start$/)], inSync: false});
		expect(await json(project, 'check')).toMatchObject({ok: false, problems: [{kind: 'missing'}]});
		expect((await project.lite('status')).stdout).toContain('! its file is missing');
	});

	test('ignore line endings and trailing whitespace', async () => {
		const project = await start();
		const file = `migrations/${project.files('migrations')[0]}`;
		project.write(file, project.read(file).replaceAll('\n', '  \r\n'));
		expect((await project.lite('check')).code).toBe(0);
	});

	test('name drift, and offer no reset', async () => {
		const project = await start();
		project.database((db) => db.exec('CREATE TABLE stray (x); CREATE INDEX user_name ON user (name); ALTER TABLE user ADD COLUMN age'));
		const checked = await project.lite('check');
		expect(checked.code).toBe(4);
		expect(checked.stdout).toContain('+ table stray: not in any migration');
		expect(checked.stdout).toContain('+ index user_name: not in any migration');
		expect(checked.stdout).toContain('~ table user: changed by hand');
		expect(checked.stdout).not.toMatch(/reset/i);
		expect(await json(project, 'status')).toMatchObject({drift: expect.arrayContaining(['+ table stray: not in any migration']), inSync: false});
		expect((await project.lite('create', 'mend')).code).toBe(3);
	});

	test('skip ignored objects, and the tables of other tools', async () => {
		const project = await start();
		project.database((db) => db.exec('CREATE TABLE legacy_x (x); CREATE TABLE alembic_version (x)'));
		project.write('migrate.toml', `${toml}ignore = ["legacy_*"]\n`);
		expect((await project.lite('check')).code).toBe(0);
	});

	test('check an adopted schema that the migrations do not build from scratch', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': user.replace('name TEXT', 'name INTEGER')});
		project.database((db) => db.exec(user));
		expect((await project.lite('create', 'first')).code).toBe(0);
		expect((await project.lite('upgrade', '--yes')).code).toBe(0);
		const checked = await project.lite('check');
		expect(checked.code).toBe(4);
		expect(checked.stdout).toContain('! drift cannot be checked');
		expect(checked.stdout).toContain('✗ upgrade cannot build a new database from the migrations');
		project.write('migrate.toml', `${toml}new_databases = false\n`);
		expect(await project.lite('check')).toMatchObject({
			code: 0,
			stdout: expect.stringContaining('accepted by new_databases = false in migrate.toml'),
		});
		expect(await json(project, 'check')).toMatchObject({ok: true, problems: [], accepted: [{kind: 'newDatabase'}]});
	});
});

describe('baseline', () => {
	test('adopts a database without changing it, and names its previous tool', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': `${user}CREATE INDEX un ON user (name);\n`});
		project.database((db) =>
			db.exec(
				`${user}CREATE INDEX un ON user (name); INSERT INTO user VALUES (1, 'x'); CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('ae1')`,
			),
		);
		const before = project.database((db) =>
			db.tuples("SELECT type, name, sql, rootpage FROM sqlite_schema WHERE name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 2"),
		);
		const {code, stdout} = await project.lite('baseline', 'start');
		expect(code).toBe(0);
		expect(stdout).toContain('alembic');
		expect(stdout).toContain('no table was changed');
		const after = project.database((db) =>
			db.tuples("SELECT type, name, sql, rootpage FROM sqlite_schema WHERE name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY 2"),
		);
		expect(after).toEqual(before);
		expect(project.database((db) => [db.value('SELECT count(*) FROM user'), db.value('SELECT version_num FROM alembic_version')])).toEqual([
			1,
			'ae1',
		]);
		expect((await project.lite('check')).code).toBe(0);
		expect(await project.lite('baseline', 'again')).toMatchObject({code: 1, stderr: expect.stringContaining('there is nothing to adopt')});
	});

	test('marks existing migrations as applied if they create exactly this schema', async () => {
		const project = await start();
		const [file = ''] = project.files('migrations');
		unlinkSync(join(project.path, 'app.db'));
		project.database((db) => db.exec(user.replace('TEXT NOT NULL', 'TEXT')));
		const differs = await project.lite('baseline', 'start');
		expect(differs).toMatchObject({code: 1, stderr: expect.stringContaining('table user differs')});
		unlinkSync(join(project.path, 'app.db'));
		project.database((db) => db.exec(user));
		const other = await project.lite('baseline', 'other');
		expect(other).toMatchObject({code: 1, stderr: expect.stringContaining(file.replace('.ts', ''))});
		expect((await project.lite('baseline', 'start')).code).toBe(0);
		expect(project.files('migrations')).toEqual([file]);
		expect((await project.lite('check')).code).toBe(0);
	});

	test('has nothing to adopt without a database or in an empty one', async () => {
		const project = projectFolder({'migrate.toml': toml});
		expect(await project.lite('baseline', 'start')).toMatchObject({code: 1, stderr: expect.stringContaining('no database at')});
		project.database((db) => db.exec('SELECT 1'));
		expect(await project.lite('baseline', 'start')).toMatchObject({code: 1, stderr: expect.stringContaining('nothing to adopt')});
		expect(project.files('.')).not.toContain('migrations');
	});
});

describe('restore', () => {
	test('says what happens to a table that exists on one side only', async () => {
		const project = await start();
		project.database((db) => db.exec("INSERT INTO user VALUES (1, 'Ann')"));
		expect((await project.lite('downgrade', '--yes')).code).toBe(0);
		project.database((db) => db.exec('CREATE TABLE since (x)'));
		const {backups} = await json(project, 'restore');
		const shown = await project.lite('restore', backups[0].id);
		expect(shown.stdout).toContain('  - since   not in the backup; it is empty\n');
		expect(shown.stdout).toContain('  + user   is restored with 1 row\n');
	});

	test('accepts a path that starts in the folder of the command', async () => {
		const project = await start();
		project.database((db) => db.exec("INSERT INTO user VALUES (1, 'Ann')"));
		expect((await project.lite('downgrade', '--yes')).code).toBe(0);
		const [name = ''] = project.files('backups');
		renameSync(project.at(join('backups', name)), project.at('moved.db'));
		expect((await project.lite('restore', 'moved.db', '--yes')).code).toBe(0);
		expect(project.all('SELECT * FROM user')).toEqual([{id: 1, name: 'Ann'}]);
	});

	test('lists backups, shows what one would change, and restores it with --yes', async () => {
		const project = await start();
		expect((await project.lite('restore')).stdout).toContain('no backups of app.db in backups');
		project.database((db) => db.exec("INSERT INTO user VALUES (1, 'Tom'), (2, 'Ann')"));
		project.write('models/schema.sql', 'CREATE TABLE user (id INTEGER PRIMARY KEY);\n');
		await project.lite('create', 'drop_name', '--drop', 'user.name');
		await project.lite('upgrade', '--yes');
		project.database((db) => db.exec('INSERT INTO user VALUES (3)'));
		const {backups} = await json(project, 'restore');
		expect(backups).toEqual([
			{
				id: expect.stringMatching(/^\d{8}T\d{6}$/),
				path: expect.any(String),
				bytes: expect.any(Number),
				beforeMigration: expect.stringMatching(/drop_name$/),
			},
		]);
		const [{id}] = backups;
		expect((await project.lite('restore')).stdout).toMatch(new RegExp(`^${id} +.*kB +before \\S+drop_name\n\n {2}next: lite-migr restore ${id}`));
		const shown = await project.lite('restore', id);
		expect(shown.code).toBe(3);
		expect(shown.stdout).toMatch(/~ user +3 → 2 rows, different definition +▲ 1 row lost/);
		expect(shown.stdout).toContain('1 migration pending again');
		expect(shown.stderr).toContain(`lite-migr restore ${id} --yes`);
		expect(project.database((db) => db.value('SELECT count(*) FROM user'))).toBe(3);
		const done = await project.lite('restore', id, '--yes');
		expect(done.code).toBe(0);
		expect(done.stdout).toMatch(/the previous database is kept as backups\/app-/);
		expect(project.database((db) => db.tuples('SELECT name FROM user'))).toEqual([['Tom'], ['Ann']]);
	});

	test('lists the existing backups if the requested one does not exist', async () => {
		const project = await start();
		expect(await project.lite('restore', '20200101T000000')).toMatchObject({
			code: 2,
			stderr: expect.stringContaining('no backup 20200101T000000'),
		});
		expect(await project.lite('restore', '--yes')).toMatchObject({code: 2, stderr: expect.stringContaining('needs a backup')});
	});
});
