/** Runs the tests with real servers: `npm run test:engines`. Installs the servers if they are missing. */
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';

const root = join(import.meta.dirname, '../..');

function run(command: string, given: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
	const {status} = spawnSync(command, given, {cwd: root, stdio: 'inherit', env: {...process.env, ...environment}});
	if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(join(import.meta.dirname, 'node_modules/wrangler'))) run('npm', ['ci', '--prefix', 'test/engines', '--ignore-scripts']);
run('npx', ['vitest', 'run', '--project', 'engines', ...process.argv.slice(2)], {TEST_ENGINES: '1'});
