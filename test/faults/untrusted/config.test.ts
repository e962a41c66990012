import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {projectFolder, toml} from '../../project-folder.ts';

const commands = ['status', 'check', 'diff', 'create x', 'upgrade', 'downgrade', 'pull', 'baseline x', 'squash x', 'restore'];

describe('migrate.toml with', () => {
	test.each([
		['a wrong type', `${toml}wait = "long"\n`, 'wait must be a number of seconds', 5],
		['a path that is a number', '[migrate]\ndb_path = 7\n', 'db_path must be a path in quotes', 2],
		['an empty path', '[migrate]\nmodels_dir = ""\n', 'models_dir must be a path in quotes, or a list of paths', 2],
		['a path with a zero byte', '[migrate]\ndb_path = "a\\u0000b"\n', 'db_path must be a path in quotes', 2],
		['an unknown key', `${toml}model_dir = "x"\n`, 'unknown key model_dir', 5],
		['an unknown key that would act on a terminal', `${toml}"\\u001b[2J" = 1\n`, 'unknown key \\x1b[2J', 5],
		['a key of every object', `${toml}__proto__ = 1\n`, 'unknown key __proto__', 5],
		['an unknown table', `${toml}[migrations]\nx = 1\n`, 'unknown table [migrations]', 5],
		['an unknown value', `${toml}backup = "sometimes"\n`, 'backup must be "auto", "always" or "never"', 5],
		['a list with a wrong type', `${toml}ignore = ["a", 1]\n`, 'ignore must be a list of names, such as ["legacy_*"]', 5],
		['a value twice', `${toml}db_path = "x"\n`, /^not valid TOML/, 5],
		['half a line', '[migrate]\ndb_path = \n', /^not valid TOML/, 2],
		['nothing in it', '', 'the [migrate] table is missing', undefined],
		['no TOML in it', '\x00\x01\x02', /^not valid TOML/, 1],
	] as const)('%s is refused by every command, with file and line', async (_name, text, message, line) => {
		const project = projectFolder({'migrate.toml': text, 'models/.keep': '', 'migrations/.keep': ''});
		for (const command of _name === 'a wrong type' ? commands : ['upgrade']) {
			const {code, stdout, stderr} = await project.lite(...command.split(' '), '--json');
			expect({command, code}).toEqual({command, code: 2});
			expect(JSON.parse(stdout)).toMatchObject({
				error: {
					code: 'config',
					message: typeof message === 'string' ? message : expect.stringMatching(message),
					location: {file: join(project.path, 'migrate.toml'), ...(line === undefined ? {} : {line})},
				},
			});
			expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
		}
		expect(project.files('.')).toEqual(['migrate.toml', 'migrations', 'models']);
	});
});

describe('a path that', () => {
	const project = (change: string) =>
		projectFolder({
			'migrate.toml': `[migrate]\n${change}\n`,
			'models/a.sql': 'CREATE TABLE a (x);\n',
			'migrations/20260101_000000_a.sql': 'CREATE TABLE a (x);\n',
		});

	test.each([
		['is in a missing folder', 'db_path = "./nowhere/app.db"', 'upgrade', 1, /^✗ the folder \S*nowhere for the database does not exist\n/],
		['is a folder instead of the database', 'db_path = "./models"', 'upgrade', 1, /^✗ \S*models is a folder, not a database file\n/],
		['is a file instead of the migrations', 'migrations_dir = "./migrate.toml"', 'upgrade', 2, /^✗ migrations_dir is a file, not a folder\n/],
		['is a missing folder of models', 'models_dir = "./nowhere"', 'diff', 2, /^✗ .*nowhere/],
		['is a file instead of the backups', 'backup = "always"\nbackup_dir = "./migrate.toml"', 'upgrade', 1, /^✗ cannot take a backup: /],
		['ends in whitespace', 'db_path = "./app.db "', 'upgrade', 2, /^✗ the database name ends in whitespace: "\S*app\.db "\n/],
	] as const)('%s is reported, and nothing is created', async (_name, change, command, code, message) => {
		const folder = project(change);
		if (change.includes('backup')) folder.database((db) => db.exec('CREATE TABLE b (x); INSERT INTO b VALUES (1)'));
		const before = folder.files('.');
		const finished = await folder.lite(command);
		expect(finished).toMatchObject({code, stderr: expect.stringMatching(message)});
		expect(folder.files('.')).toEqual(before);
	});

	test('is passed as --config or --db and does not exist is reported', async () => {
		const folder = project('db_path = "./app.db"');
		expect(await folder.lite('status', '--config', 'nowhere.toml')).toMatchObject({
			code: 2,
			stderr: expect.stringMatching(/^✗ cannot read the configuration: no such file\n/),
		});
		expect(await folder.lite('pull', '--db', 'nowhere.db')).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/^✗ no database at \S*nowhere\.db\n/),
		});
		mkdirSync(join(folder.path, 'sub'));
		expect(await folder.lite('upgrade', '--db', 'sub')).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/^✗ \S*sub is a folder, not a database file\n/),
		});
	});
});

describe('create and other commands that take a name', () => {
	test.each(['../x', '/tmp/x', 'a/b', 'a\\b', '.', '..', 'a b', 'x.ts', 'ä', 'a\nb', '\x1b[2J', '$(touch hacked)', 'a;b', 'x'.repeat(101)])(
		'refuse the name %j',
		async (name) => {
			const project = projectFolder({'migrate.toml': toml, 'models/a.sql': 'CREATE TABLE a (x);\n', 'migrations/.keep': ''});
			project.database((db) => db.exec('CREATE TABLE b (x)'));
			for (const command of name === '../x' ? ['create', 'baseline', 'squash'] : ['create']) {
				const {code, stderr} = await project.lite(command, name);
				expect({command, code}).toEqual({command, code: 2});
				expect(stderr).toMatch(/is not a valid migration name/);
				expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
			}
			expect(project.files('migrations')).toEqual(['.keep']);
			expect(project.files('..')).not.toContain('x.ts');
		},
	);
});
