import {execFile} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';

test('private copies of concurrent runs do not disturb each other, and none is left', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-copies-'));
	try {
		const run = () => promisify(execFile)(process.execPath, [join(import.meta.dirname, 'private-copies.ts'), folder]);
		await Promise.all([run(), run(), run(), run()]);
		expect(readdirSync(folder)).toEqual([]);
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
});
