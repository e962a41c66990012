import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {expect, test} from 'vitest';

/** All of them run with `npm run test:node-sqlite`. */
const sample = ['test/core/sqlite', 'test/laws/laws.test.ts', 'test/pitfalls/20-', 'test/pitfalls/23-'];

test('a sample of the tests passes on node:sqlite', {timeout: 300_000}, () => {
	// Another process, because this one has loaded better-sqlite3.
	const {status, stdout} = spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...sample], {
		encoding: 'utf8',
		env: {...process.env, TEST_TOTALS: undefined},
	});
	expect(status, stdout).toBe(0);
	expect(stdout).toMatch(/Tests .*\d{3} passed/);
});
