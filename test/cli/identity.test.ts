import {renameSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {digestOf} from '../faults/database-state.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

const [start, more, last] = ['20260101_000000_start', '20260102_000000_more', '20260103_000000_last'];
const models = 'CREATE TABLE user (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);\n';

async function json(project: ProjectFolder, ...argv: readonly string[]) {
	return JSON.parse((await project.lite(...argv, '--json')).stdout.trim().split('\n').at(-1) ?? '');
}

/** A database with a row, to which `more` has added 1. */
async function counted(): Promise<ProjectFolder> {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': models,
		[`migrations/${start}.sql`]: `-- upgrade\n${models}INSERT INTO user VALUES (1, 0);\n\n-- downgrade\nDROP TABLE user;\n`,
		[`migrations/${more}.sql`]: '-- upgrade\nUPDATE user SET n = n + 1;\n\n-- downgrade\nUPDATE user SET n = n - 1;\n',
	});
	expect(await project.lite('upgrade')).toMatchObject({code: 0});
	return project;
}

const n = (project: ProjectFolder) => project.database((db) => db.value('SELECT n FROM user'));
const move = (project: ProjectFolder, from: string, to: string) =>
	renameSync(join(project.path, `migrations/${from}.sql`), join(project.path, `migrations/${to}.sql`));

describe('the renamed file of an applied migration', () => {
	test('is reported by status and check, and upgrade --yes only records its new name', async () => {
		const project = await counted();
		move(project, more, last);
		expect((await project.lite('status')).stdout).toContain(`! renamed: it was applied as ${more}`);
		expect(await json(project, 'status')).toMatchObject({
			applied: [{name: start}, {name: last, renamedFrom: more}],
			pending: [],
			missing: [],
			inSync: false,
		});
		expect(await project.lite('check')).toMatchObject({
			code: 4,
			stdout: `✗ 1 applied migration was renamed\n    ${more} → ${last}\n  run lite-migr upgrade: it records the new names and does not run them again\n`,
		});
		const before = digestOf(`${project.path}/app.db`);
		expect(await project.lite('upgrade', '--dry-run')).toMatchObject({code: 0});
		expect(digestOf(`${project.path}/app.db`)).toBe(before);
		expect(await project.lite('upgrade', '--yes')).toMatchObject({
			code: 0,
			stdout: `! ${more} is applied, and its file is now called ${last}: it does not run again\nnothing is pending: app.db is at ${last}\n`,
		});
		expect(n(project)).toBe(1);
		expect(await project.lite('check')).toMatchObject({code: 0});
	});

	test('is squashed under its new name, and undone by printed SQL', async () => {
		const project = await counted();
		move(project, more, last);
		const {stdout} = await project.lite('downgrade', '--sql');
		project.database((db) => db.exec(stdout));
		expect(project.database((db) => db.all('SELECT name FROM _lite_migr'))).toEqual([{name: start}]);
		expect(await project.lite('upgrade')).toMatchObject({code: 0});
		move(project, last, more);
		expect(await project.lite('squash', 'whole')).toMatchObject({code: 0});
		expect(await project.lite('check')).toMatchObject({code: 0});
		expect(n(project)).toBe(1);
	});
});

describe('a database that is newer than the files', () => {
	test('is reported by every command, is not written by upgrade, and steps back without the files', async () => {
		const project = await counted();
		project.remove(`migrations/${more}.sql`);
		const before = digestOf(`${project.path}/app.db`);
		for (const argv of [['upgrade'], ['upgrade', '--yes'], ['upgrade', '--dry-run']]) {
			const {code, stderr} = await project.lite(...argv);
			expect({argv, code}).toEqual({argv, code: 1});
			expect(stderr).toContain(
				`✗ app.db is newer than this program: the last migration here is ${start}\n  │ applied to the database, and not here: ${more}\n`,
			);
			expect(stderr).toContain(`lite-migr downgrade --to ${start}`);
		}
		expect(await json(project, 'upgrade', '--yes')).toMatchObject({type: 'failed', code: 'databaseNewer'});
		expect(await json(project, 'check')).toMatchObject({problems: [{kind: 'databaseNewer', items: [more]}]});
		expect(await json(project, 'status')).toMatchObject({databaseNewer: true, missing: [more], applied: [{name: start}, {name: more, stored: true}]});
		expect((await project.lite('status')).stdout).toContain('the database is newer than this program');
		expect(digestOf(`${project.path}/app.db`)).toBe(before);

		expect(await project.lite('downgrade', '--to', start)).toMatchObject({
			code: 3,
			stderr: expect.stringContaining(`${more} has no file, so it is undone with the downgrade stored in the database`),
		});
		expect(digestOf(`${project.path}/app.db`)).toBe(before);
		expect(await project.lite('downgrade', '--to', start, '--yes')).toMatchObject({code: 0});
		expect(n(project)).toBe(0);
		expect(await project.lite('check')).toMatchObject({code: 0});
	});
});

describe('undoing a baseline', () => {
	test('drops no existing object, with or without --yes, and can be reversed', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': models});
		project.database((db) => db.exec(`${models} INSERT INTO user VALUES (1, 7)`));
		expect(await project.lite('baseline', 'start')).toMatchObject({code: 0});
		const [{name}] = (await json(project, 'status')).applied;
		for (const yes of [[], ['--yes']]) {
			const {code, stdout} = await project.lite('downgrade', ...yes);
			expect(code).toBe(0);
			expect(stdout).toContain(`! ${name} was marked as applied here, not run: only its record is removed, and no table changes\n`);
			expect(stdout).toContain(`undo     lite-migr baseline ${name}\n`);
			expect(n(project)).toBe(7);
			expect(await project.lite('baseline', name)).toMatchObject({code: 0});
		}
		expect(await project.lite('check')).toMatchObject({code: 0});
	});

	test('keeps the rows of a table if its migration was imported from another tool as applied', async () => {
		const project = projectFolder({
			'migrate.toml': toml,
			'models/schema.sql': models,
			'theirs/00001_start.sql': `-- +goose Up\n${models}-- +goose Down\nDROP TABLE user;\n`,
		});
		project.database((db) =>
			db.exec(`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER);
				INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1); ${models} INSERT INTO user VALUES (1, 7)`),
		);
		expect(await project.lite('baseline', '--from', 'theirs')).toMatchObject({code: 0});
		expect(await project.lite('downgrade', '--yes')).toMatchObject({code: 0});
		expect(n(project)).toBe(7);
	});

	test('keeps the rows of a table even if a squash replaced the baseline', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': models});
		project.database((db) => db.exec(`${models} INSERT INTO user VALUES (1, 7)`));
		await project.lite('baseline', 'start');
		project.write('models/schema.sql', `${models}CREATE TABLE tag (x);\n`);
		for (const argv of [['create', 'tag'], ['upgrade'], ['squash', 'whole'], ['downgrade', '--yes']])
			expect((await project.lite(...argv)).code, argv.join(' ')).toBe(0);
		expect(n(project)).toBe(7);
	});
});
