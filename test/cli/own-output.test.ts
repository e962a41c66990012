import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {closeSync, constants, openSync, readFileSync, readSync} from 'node:fs';
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
