import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {closeSync, constants, existsSync, openSync, readFileSync, readSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {projectFolder, toml} from '../project-folder.ts';
import {builtBin} from './built-bin.ts';

const models = Array.from({length: 3000}, (_, index) => `CREATE TABLE a_table_with_a_long_name_${index} (id INTEGER PRIMARY KEY);\n`).join('');

test.skipIf(process.platform === 'win32')('all output reaches a slow reader of a pipe that must not block', {timeout: 30_000}, async () => {
	const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': models});
	const expected = spawnSync(process.execPath, [builtBin(), 'diff'], {cwd: project.path, encoding: 'utf8'}).stdout;
	expect(expected.length).toBeGreaterThan(100_000);
	const pipe = join(project.path, 'pipe');
	execFileSync('mkfifo', [pipe]);
	const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
	const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
	const child = spawn(process.execPath, [builtBin(), 'diff'], {cwd: project.path, stdio: ['ignore', writer, 'inherit']});
	closeSync(writer);
	const status = new Promise((resolve) => child.on('close', resolve));
	const bytes = Buffer.alloc(8192);
	const parts: Buffer[] = [];
	for (;;) {
		await delay(5);
		const count = readNow(reader, bytes);
		if (count === 0) break;
		if (count !== undefined) parts.push(Buffer.from(bytes.subarray(0, count)));
	}
	closeSync(reader);
	expect(await status).toBe(0);
	expect(Buffer.concat(parts).toString()).toBe(expected);
});

test.skipIf(process.platform === 'win32')('a run commits and releases its lock although nobody reads its events yet', {timeout: 30_000}, async () => {
	const tables = Array.from({length: 1000}, (_, index) => `op.createTable('CREATE TABLE t${index} (id INTEGER PRIMARY KEY)');\n`).join('');
	const project = projectFolder({
		'migrate.toml': toml,
		'migrations/20260101_000000_start.ts': `export function upgrade(op: import('lite-migr').MigrationBuilder) {\n${tables}}\n`,
	});
	const pipe = join(project.path, 'pipe');
	execFileSync('mkfifo', [pipe]);
	const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
	const writer = openSync(pipe, constants.O_WRONLY);
	const child = spawn(process.execPath, [builtBin(), 'upgrade', '--json'], {cwd: project.path, stdio: ['ignore', writer, 'inherit']});
	closeSync(writer);
	const status = new Promise((resolve) => child.on('close', resolve));
	const isCommitted = () =>
		existsSync(join(project.path, 'app.db')) && project.database((db) => db.value("SELECT count(*) FROM sqlite_schema WHERE name = 't999'")) === 1;
	for (let tries = 0; tries < 200 && !isCommitted(); tries += 1) await delay(50);
	expect(isCommitted()).toBe(true);
	const bytes = Buffer.alloc(65_536);
	let text = '';
	for (let count = readNow(reader, bytes); count !== 0; count = readNow(reader, bytes)) {
		if (count === undefined) await delay(5);
		else text += bytes.toString('utf8', 0, count);
	}
	closeSync(reader);
	expect(await status).toBe(0);
	expect(text.length).toBeGreaterThan(100_000);
	expect(JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({type: 'done'});
});

test.skipIf(!existsSync('/dev/full')).each([['status'], ['diff', '--json'], ['--version']])(
	'%s reports that its output cannot be written',
	(...argv) => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': models});
		const full = openSync('/dev/full', 'w');
		const {status, stderr} = spawnSync(process.execPath, [builtBin(), ...argv], {
			cwd: project.path,
			stdio: ['ignore', full, 'pipe'],
			encoding: 'utf8',
		});
		closeSync(full);
		expect([status, stderr]).toEqual([1, expect.stringMatching(/^[✗x] cannot write the output: no space left on the disk\n/)]);
	},
);

/** Returns undefined if there is nothing to read yet. */
function readNow(reader: number, bytes: Buffer): number | undefined {
	try {
		return readSync(reader, bytes);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
		return undefined;
	}
}

test('what a model prints comes before the output about it, in a file and in a pipe', () => {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/user.ts':
			"import {table, text} from 'lite-migr';\nprocess.stdout.write('from the model\\n');\nexport const user = table('user', {name: text()});\n",
	});
	const file = openSync(join(project.path, 'out.txt'), 'w');
	const inFile = spawnSync(process.execPath, [builtBin(), 'diff'], {cwd: project.path, stdio: ['ignore', file, 'pipe'], encoding: 'utf8'});
	closeSync(file);
	const inPipe = spawnSync(process.execPath, [builtBin(), 'diff'], {cwd: project.path, encoding: 'utf8'});
	expect([inFile.status, inPipe.status, inFile.stderr, inPipe.stderr]).toEqual([0, 0, '', '']);
	expect(inPipe.stdout).toMatch(/^(?:from the model\n)+.*user/s);
	expect(readFileSync(join(project.path, 'out.txt'), 'utf8')).toBe(inPipe.stdout);
	const json = spawnSync(process.execPath, [builtBin(), 'diff', '--json'], {cwd: project.path, encoding: 'utf8'});
	expect(JSON.parse(json.stdout)).toBeTruthy();
	expect(json.stderr).toMatch(/^(?:from the model\n)+$/);
});

test.skipIf(!existsSync('/dev/full'))('output that cannot be written is an error, even if the command itself is done', () => {
	const project = projectFolder({'migrate.toml': toml});
	const full = openSync('/dev/full', 'w');
	for (const argv of [['status'], ['status', '--json'], ['help']]) {
		const {status, stderr} = spawnSync(process.execPath, [builtBin(), ...argv], {
			cwd: project.path,
			stdio: ['ignore', full, 'pipe'],
			encoding: 'utf8',
		});
		// The sign depends on the locale.
		expect([status, stderr]).toEqual([1, expect.stringMatching(/^[✗x] cannot write the output: no space left on the disk\n$/)]);
	}
	closeSync(full);
});
