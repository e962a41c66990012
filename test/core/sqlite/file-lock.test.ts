import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {tryFileLock, waitForFileLock} from '../../../source/core/sqlite/file-lock.ts';
import {otherProcess} from './other-process.ts';
import {temporaryFolder, thrownBy} from './temporary-folder.ts';

const folder = temporaryFolder();

const holder = `
	import {waitForFileLock} from 'source/core/sqlite/file-lock.ts';
	const lock = await waitForFileLock(process.argv[1]);
	console.log('locked');
	process.stdin.resume();
	await new Promise((resolve) => setTimeout(resolve, 60_000));
	lock.remove();
`;

const counter = `
	import {readFileSync, writeFileSync} from 'node:fs';
	import {setTimeout as delay} from 'node:timers/promises';
	import {waitForFileLock} from 'source/core/sqlite/file-lock.ts';
	const [, path, file] = process.argv;
	for (let index = 0; index < 25; index++) {
		const lock = await waitForFileLock(path, {wait: 600});
		const number = Number(readFileSync(file, 'utf8'));
		await delay(1);
		writeFileSync(file, String(number + 1));
		lock.remove();
	}
`;

async function heldByAnother(path: string) {
	const other = otherProcess(holder, path);
	await other.says('locked');
	return other;
}

describe('a file lock', () => {
	test('is held by only one of several processes, even if each of them removes the file', async () => {
		const [path, file] = [folder.at('lock'), folder.at('count')];
		writeFileSync(file, '0');
		const processes = Array.from({length: 4}, () => otherProcess(counter, path, file));
		for (const {ended, output} of processes) expect([await ended, output()]).toEqual([0, '']);
		expect(readFileSync(file, 'utf8')).toBe('100');
		expect(existsSync(path)).toBe(false);
	});

	test('is released when its process is killed', async () => {
		const path = folder.at('lock');
		const other = await heldByAnother(path);
		other.child.kill('SIGKILL');
		expect(await other.ended).toBe('SIGKILL');
		tryFileLock(path, 0)?.remove();
		expect(existsSync(path)).toBe(false);
	});

	test('of another process is refused immediately, or after the wait, with the program that holds it', async () => {
		const path = folder.at('lock');
		const other = await heldByAnother(path);
		expect(await thrownBy(() => tryFileLock(path, 0))).toMatchObject({code: 'SQLITE_BUSY'});
		await expect(waitForFileLock(path, {wait: 0})).rejects.toMatchObject({
			code: 'locked',
			message: expect.stringMatching(/^lock is still locked by .+ after 0 s$/),
		});
		other.child.kill();
		await other.ended;
	});

	test('can be taken again after a release, which leaves the file, and after a removal', async () => {
		const path = folder.at('lock');
		(await waitForFileLock(path)).release();
		expect(existsSync(path)).toBe(true);
		tryFileLock(path, 0)?.remove();
		expect(existsSync(path)).toBe(false);
		(await waitForFileLock(path)).remove();
		expect(existsSync(path)).toBe(false);
	});

	test('of a file in a missing folder fails with the reason', async () => {
		await expect(waitForFileLock(folder.at('missing/lock'))).rejects.toMatchObject({
			code: 'files',
			message: expect.stringContaining('does not exist'),
		});
	});
});
