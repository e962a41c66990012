import {spawnSync} from 'node:child_process';
import {chmodSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';

/**
 * Runs the tests on other versions of Node than the one `npm test` installs: the oldest supported version, and the newest of two release lines.
 * Arguments are passed to Vitest: `npm run test:nodes -- test/core/models`.
 */
const versions = ['22.18.0', '22', '26'];

const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
const failed = versions.filter((version) => !passes(version));
console.log(failed.length === 0 ? `✔ Node ${versions.join(', ')}` : `✗ Node ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(version: string): boolean {
	const folder = mkdtempSync(join(tmpdir(), 'lite-migr-node-'));
	// Some tests run this Node as another user, who needs access to the folder.
	chmodSync(folder, 0o755);
	try {
		const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, `node@${version}`], {stdio: 'inherit'});
		if (installed.status !== 0) return false;
		const bin = join(folder, 'node_modules/.bin');
		const env = {...process.env, PATH: [bin, process.env.PATH].join(delimiter)};
		console.log(`\nNode ${spawnSync(join(bin, 'node'), ['--version'], {encoding: 'utf8'}).stdout.trim()}`);
		return spawnSync(join(bin, 'node'), [vitest, 'run', ...process.argv.slice(2)], {stdio: 'inherit', env}).status === 0;
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}
