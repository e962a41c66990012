import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {projectFolder, toml} from '../project-folder.ts';
import {builtBin} from './built-bin.ts';

const commands = ['init', 'create', 'upgrade', 'downgrade', 'status', 'diff', 'check', 'pull', 'baseline', 'squash', 'restore'];

describe('help', () => {
	test('lists every command and the exit codes', async () => {
		const help = await projectFolder().lite('--help');
		expect(help.code).toBe(0);
		for (const command of commands) expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
		expect(help.stdout).toContain('130');
	});

	test.each(commands)('%s has its own help, however it is requested', async (command) => {
		const {lite} = projectFolder();
		const help = await lite(command, '--help');
		expect(help.code).toBe(0);
		expect(help.stderr).toBe('');
		expect(help.stdout).toMatch(new RegExp(`^lite-migr ${command}`));
		expect(help.stdout).toContain('Examples');
		expect(help.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
		expect((await lite('help', command)).stdout).toBe(help.stdout);
		const json = JSON.parse((await lite('--json', 'help', command)).stdout);
		expect(json.commands).toEqual([expect.objectContaining({name: command})]);
		expect((await lite('help', command, '--json')).stdout).toBe(`${JSON.stringify(json)}\n`);
		expect((await lite(command, '--json', '--help')).stdout).toBe(`${JSON.stringify(json)}\n`);
	});

	test('--version prints only the version', async () => {
		expect(await projectFolder().builtLite('--version')).toEqual({code: 0, stdout: '1.0.0\n', stderr: ''});
		expect((await projectFolder().lite('--version', '--json')).stdout).toBe('{"version":"1.0.0"}\n');
	});
});

describe('invalid usage', () => {
	test('without a command and a terminal, help goes to stderr', async () => {
		const {code, stdout, stderr} = await projectFolder().builtLite();
		expect([code, stdout]).toEqual([2, '']);
		expect(stderr).toContain('lite-migr <command>');
	});

	test.each([
		[['upgarde'], 'unknown command upgarde', 'did you mean lite-migr upgrade?'],
		[['nonsense'], 'unknown command nonsense', 'commands: init, create'],
		[['--', 'status'], 'unexpected argument status: a command cannot follow --\n', 'run lite-migr <command> [flags]'],
		[['upgrade', '--bogus'], 'unknown flag --bogus', 'lite-migr help upgrade'],
		[['upgrade', '--no-bakup'], 'unknown flag --no-bakup', 'did you mean --no-backup?'],
		[['create'], 'create needs a name', 'lite-migr create <name>'],
		[['create', '../../evil'], "'../../evil' is not a valid migration name", 'letters, digits, _ and -'],
		[['create', 'a', 'b'], 'create takes one argument', ''],
		[['upgrade', '--steps', 'x'], '--steps must be a whole number of at least 1, not x\n', ''],
		[['upgrade', '--steps', '0'], '--steps must be a whole number of at least 1, not 0\n', ''],
		[['upgrade', '--steps', '-1'], '--steps must be a whole number of at least 1, not -1\n', ''],
		[['upgrade', '--steps', '1.5'], '--steps must be a whole number of at least 1, not 1.5\n', ''],
		[['downgrade', '--steps=-2'], '--steps must be a whole number of at least 1, not -2\n', ''],
		[['upgrade', '--wait', '-2'], '--wait must be a number, not -2\n', ''],
		[['create', 'a', '--rename', 'nonsense'], '--rename: cannot read nonsense', 'TABLE.OLD=NEW'],
		[['create', 'a', '--answers', 'none.toml'], 'cannot read the answers file: no such file\n', ''],
		[['create', 'a', '--answers', '.'], 'cannot read the answers file: it is a folder\n', ''],
		[['constructor'], 'unknown command constructor', ''],
	])('%j is reported on stderr, with a suggestion', async (argv, message, hint) => {
		const {lite, files} = projectFolder({'migrate.toml': toml, 'models/a.sql': '', 'migrations/.keep': ''});
		const {code, stdout, stderr} = await lite(...argv);
		expect(code).toBe(2);
		expect(stdout).toBe('');
		expect(stderr).toContain(message);
		expect(stderr).toContain(hint);
		expect(stderr).not.toMatch(/^\s+at /m);
		expect(files('migrations')).toEqual(['.keep']);
	});

	test('--json without a command is an error like any other', async () => {
		const {code, stdout, stderr} = await projectFolder().lite('--json');
		expect(code).toBe(2);
		expect(stderr).toMatch(/^✗ no command given\n {2}use one of these commands: init, create, /);
		expect(JSON.parse(stdout)).toMatchObject({error: {code: 'usage', message: 'no command given', exitCode: 2}});
	});

	test('with --json, the error is also printed to stdout', async () => {
		const {code, stdout, stderr} = await projectFolder().lite('status', '--json');
		expect(code).toBe(2);
		expect(stderr).toContain('no migrate.toml in ');
		expect(JSON.parse(stdout)).toEqual({
			error: {
				code: 'config',
				message: expect.stringContaining('no migrate.toml in '),
				hint: 'run lite-migr init to create it',
				location: null,
				details: [],
				exitCode: 2,
				help: 'lite-migr help --error config',
			},
		});
	});

	test('a flag cannot move the cursor through its error', async () => {
		const {stderr} = await projectFolder().lite('status', '--\u001b[2J\u202e');
		expect(stderr).toContain('--\\x1b[2J\\u202e');
		expect(stderr).not.toContain('\u001b');
	});
});

describe('configuration', () => {
	test('is found in a parent folder, and its paths are relative to it', async () => {
		const {lite, path, write} = projectFolder({'migrate.toml': toml, 'models/a.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);'});
		write('deep/down/.keep', '');
		const {lite: liteWith} = await import('./lite.ts');
		const created = await liteWith(`${path}/deep/down`, ['create', 'start']);
		expect(created.code).toBe(0);
		expect((await lite('status', '--json')).stdout).toContain('_start');
	});

	test.each([
		['db_pth = "x"', 5, 'unknown key db_pth', 'did you mean db_path?'],
		['wait = "long"', 5, 'wait must be a number of seconds', ''],
		['wait = ', 5, 'not valid TOML', ''],
	])('%s is an error with its line', async (line, number, message, hint) => {
		const {code, stderr} = await projectFolder({'migrate.toml': `${toml}${line}\n`}).lite('status');
		expect(code).toBe(2);
		expect(stderr).toContain(message);
		expect(stderr).toContain(`migrate.toml:${number}`);
		expect(stderr).toContain(hint);
	});

	test('--config and --db override the configuration that is found', async () => {
		const {lite, write} = projectFolder({'migrate.toml': toml});
		write('other/my.toml', toml);
		write('other/models/a.sql', 'CREATE TABLE a (x);');
		const status = JSON.parse((await lite('status', '--json', '--config', 'other/my.toml', '--db', 'elsewhere.db')).stdout);
		expect(status.database).toMatch(/elsewhere\.db$/);
		expect(status.ahead).toEqual(['+ a']);
	});
});

describe('init', () => {
	test('reports which folder is missing for its configuration', async () => {
		const {lite} = projectFolder();
		const {code, stderr} = await lite('init', '--config', 'nowhere/my.toml');
		expect([code, stderr]).toEqual([1, '✗ cannot write nowhere/my.toml: its folder does not exist\n  create the folder nowhere first\n']);
	});

	test('writes migrate.toml and the migrations folder, and never overwrites', async () => {
		const {lite, read, write, files} = projectFolder();
		expect((await lite('init')).code).toBe(0);
		expect(read('migrate.toml')).toBe(toml);
		expect(files('migrations')).toEqual([]);
		write('migrate.toml', '# mine\n[migrate]\n');
		expect((await lite('init')).code).toBe(0);
		expect(read('migrate.toml')).toBe('# mine\n[migrate]\n');
		const {code, stderr} = await lite('init', '--db', 'x.db');
		expect([code, read('migrate.toml')]).toEqual([2, '# mine\n[migrate]\n']);
		expect(stderr).toContain('never overwrites');
	});

	test('accepts paths', async () => {
		const {lite, read, files} = projectFolder();
		await lite('init', '--db', 'data/shop.db', '--migrations', 'db/steps', '--models', 'src/models');
		expect(read('migrate.toml')).toBe('[migrate]\ndb_path = "data/shop.db"\nmigrations_dir = "db/steps"\nmodels_dir = "src/models"\n');
		expect(files('db')).toEqual(['steps']);
	});
});

describe('the process', () => {
	const oldNode = ['/usr/bin/node', '/usr/local/bin/node']
		.filter(existsSync)
		.find((node) => Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], {encoding: 'utf8'})) < 22);

	test.skipIf(oldNode === undefined)('reports the required version on an old Node', () => {
		const {status, stderr, stdout} = spawnSync(oldNode ?? '', [builtBin(), 'status'], {encoding: 'utf8'});
		expect([status, stdout]).toEqual([2, '']);
		expect(stderr).toContain('requires Node 22.18 or newer');
	});

	test('ends with exit code 1 if a model ends it or never loads', async () => {
		const ending = projectFolder({'migrate.toml': toml, 'models/a.mjs': 'process.exit(0);'});
		expect(await ending.builtLite('diff')).toMatchObject({code: 1, stderr: expect.stringContaining('ended the process')});
		const waiting = projectFolder({'migrate.toml': toml, 'models/a.mjs': 'await new Promise(() => {}); export {};'});
		expect((await waiting.builtLite('diff')).code).toBe(1);
	});

	test('prints one JSON error with --json if a model ends it', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/a.mjs': 'process.exit(0);'});
		const {code, stdout} = await project.builtLite('check', '--json');
		expect(code).toBe(1);
		expect(JSON.parse(stdout)).toMatchObject({error: {code: 'model', message: expect.stringContaining('ended the process')}});
	});

	test('names the line of a model whose promise fails after it has loaded', async () => {
		const late = "Promise.reject(new Error('too late'));\nawait new Promise((done) => setTimeout(done, 200));\nexport {};\n";
		const project = projectFolder({'migrate.toml': toml, 'models/a.mjs': late});
		const text = await project.builtLite('diff');
		expect(text.code).toBe(1);
		expect(text.stderr).toContain('✗ uncaught error in a model or a migration: too late\n  │ models/a.mjs:1\n');
		const {stdout} = await project.builtLite('check', '--json');
		expect(JSON.parse(stdout)).toMatchObject({error: {code: 'model', location: {file: project.at('models/a.mjs'), line: 1}}});
	});

	test('reserves stdout for JSON and SQL: output of models and migrations goes to stderr', async () => {
		const project = projectFolder({
			'migrate.toml': toml,
			'models/a.mjs': "console.log('from a model'); export {};",
			'migrations/20260101_000000_a.js':
				"export function upgrade(op) {\n\tprocess.stdout.write('from a migration\\n');\n\top.run(() => console.log('from code'));\n}\n",
		});
		const parsed = (text: string) =>
			text
				.trim()
				.split('\n')
				.map((line) => JSON.parse(line));
		const status = await project.builtLite('status', '--json');
		expect([parsed(status.stdout).length, status.stderr]).toEqual([1, expect.stringContaining('from a model')]);
		expect((await project.builtLite('upgrade', '--sql')).stdout).not.toContain('from a migration');
		const upgrade = await project.builtLite('upgrade', '--yes', '--json');
		expect(parsed(upgrade.stdout).at(-1)).toMatchObject({type: 'done'});
		expect(upgrade.stderr).toContain('from code');
		expect((await project.builtLite('diff')).stdout).toContain('from a model');
	});

	test('does not wait for handles that a model leaves open', async () => {
		const project = projectFolder({
			'migrate.toml': toml,
			'models/a.mjs': 'setInterval(() => {}, 1000); export {};',
			'models/b.sql': 'CREATE TABLE b (x);',
		});
		expect((await project.builtLite('create', 'start')).code).toBe(0);
	});

	test('continues if the reader closes the pipe', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/a.sql': 'CREATE TABLE a (x);'});
		await project.builtLite('create', 'start');
		const {code} = await project.builtLiteWith({onStart: (child) => child.stdout?.destroy()}, 'upgrade');
		expect(code).toBe(0);
		expect(project.database((db) => db.value("SELECT count(*) FROM sqlite_schema WHERE name = 'a'"))).toBe(1);
	});
});
