/**
 * Runs the tests of the package in other tools: `npm run test:packages`. Installs the tools if they are missing, and packs lite-migr. Arguments are
 * passed to Vitest: `npm run test:packages -- bundles`.
 */
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {isInstalled} from '../installed.ts';

const root = join(import.meta.dirname, '../..');

function run(command: string, given: readonly string[], cwd: string, environment: Readonly<Record<string, string>> = {}): void {
	const {status} = spawnSync(command, given, {cwd, stdio: 'inherit', env: {...process.env, ...environment}});
	if (status !== 0) throw new Error(`${command} ${given[0]} failed`);
}

if (!isInstalled(import.meta.dirname)) run('npm', ['ci', '--ignore-scripts'], import.meta.dirname);

// Outside the repository, so nothing is found in its node_modules.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-packages-')));
try {
	run('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], root);
	const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
	const installed = join(folder, 'installed');
	writeFileSync(join(folder, 'package.json'), '{"private": true}');
	run('npm', ['install', '--prefix', installed, '--no-audit', '--no-fund', tarball], folder);
	const tests = ['vitest', 'run', '--project', 'packages', ...process.argv.slice(2)];
	run('npx', tests, root, {TEST_PACKAGES: '1', PACKED: tarball, INSTALLED: installed});
} catch (error) {
	console.error((error as Error).message);
	process.exitCode = 1;
} finally {
	rmSync(folder, {recursive: true, force: true});
}
