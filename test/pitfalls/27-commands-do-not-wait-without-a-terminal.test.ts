import {spawn} from 'node:child_process';
import pty from '@lydell/node-pty';
import {describe, expect, test} from 'vitest';
import {builtBin} from '../cli/built-bin.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

/** Creates a project where every command has a question. */
async function questionable(): Promise<ProjectFolder> {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT);\n',
		'migrations/20260101_000000_start.ts':
			"export function upgrade(op) { op.createTable('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, nick TEXT)'); }\nexport function downgrade(op) { op.dropTable('user'); }\n",
	});
	expect((await project.lite('upgrade')).code).toBe(0);
	project.database((db) => db.exec("INSERT INTO user VALUES (1, 'Ann', 'A')"));
	return project;
}

const commands = [
	['create names', 3],
	['diff', 3],
	['downgrade', 3],
	['pull', 3],
	['', 2],
	['create', 2],
	['restore', 0],
	['status', 0],
] as const;

describe('pitfall 27: without a terminal, a command', () => {
	test('does not wait for an input that is open but silent', async () => {
		const project = await questionable();
		for (const [command, code] of commands) {
			const child = spawn(process.execPath, [builtBin(), ...command.split(' ').filter((word) => word !== '')], {
				cwd: project.path,
				stdio: ['pipe', 'ignore', 'ignore'],
			});
			const ended = await new Promise((resolve) => child.on('exit', resolve));
			expect({command, ended}).toEqual({command, ended: code});
			child.stdin.destroy();
		}
	});

	test('does not wait for keys if CI is set, even in a terminal', async () => {
		const project = await questionable();
		for (const [command, code] of commands) {
			const argv = command.split(' ').filter((word) => word !== '');
			const terminal = pty.spawn(process.execPath, [builtBin(), ...argv], {
				cwd: project.path,
				cols: 100,
				rows: 30,
				env: {...process.env, CI: 'true'},
			});
			const ended = await new Promise((resolve) => {
				terminal.onExit(({exitCode}) => resolve(exitCode));
			});
			expect({command, ended}).toEqual({command, ended: code});
		}
	});

	test('exits with 3 and the flags that answer the questions, and succeeds with these flags', async () => {
		const project = await questionable();
		const {code, stdout, stderr} = await project.builtLite('create', 'names');
		expect(code).toBe(3);
		expect(stderr).toMatch(/open; nothing was written \(exit 3\)\n$/);
		expect(stdout).toContain('--rename user.name=full_name');
		expect(project.files('migrations')).toHaveLength(1);
		expect(await project.builtLite('create', 'names', '--rename', 'user.name=full_name', '--drop', 'user.nick')).toMatchObject({code: 0, stderr: ''});
		expect(await project.builtLite('upgrade')).toMatchObject({code: 3, stderr: expect.stringContaining('user.nick will be dropped with 1 value')});
		expect(await project.builtLite('upgrade', '--yes')).toMatchObject({code: 0, stderr: ''});
		expect(project.database((db) => db.all('SELECT * FROM user'))).toEqual([{id: 1, full_name: 'Ann'}]);
	});

	test('asks nothing if only one answer is possible', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': 'CREATE TABLE a (x TEXT);\n'});
		project.database((db) =>
			db.exec(
				'CREATE TABLE a (x TEXT); CREATE TABLE gone (y INTEGER, z TEXT); CREATE INDEX gone_y ON gone (y); CREATE TRIGGER gone_t AFTER INSERT ON gone BEGIN SELECT 1; END',
			),
		);
		const {questions} = JSON.parse((await project.lite('diff', '--json')).stdout);
		expect(questions.map(({id}: {readonly id: string}) => id)).toEqual(['drop:gone']);
	});
});
