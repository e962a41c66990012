import {execFile, spawnSync} from 'node:child_process';
import {chmodSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
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

test.runIf(process.platform !== 'win32')('abandoned copies are removed for a user without a name too, as in a container', () => {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-nameless-'));
	chmodSync(folder, 0o777);
	try {
		const copies = new URL('../../../../source/core/migrations/run/private-copy.ts', import.meta.url).href;
		const code = `
			import {writeFileSync} from 'node:fs';
			import {removeAbandonedCopies} from '${copies}';
			const copy = process.argv[1] + '/.lite-migr-dry-run-00000000-0000-0000-0000-000000000000.db';
			for (const file of [copy, copy + '.lock']) writeFileSync(file, '');
			removeAbandonedCopies([process.argv[1]]);`;
		// Only root can become another user.
		const nameless = process.getuid?.() === 0 ? {uid: 54_321, gid: 54_321} : {};
		const {stderr, status} = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', code, folder], {...nameless, encoding: 'utf8'});
		expect({stderr, status}).toEqual({stderr: '', status: 0});
		expect(readdirSync(folder)).toEqual([]);
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
});
