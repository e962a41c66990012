/** Runs the tests with real servers: `npm run test:engines`. Installs the servers if they are missing. */
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {installServers} from './servers.ts';

await installServers();
const {status} = spawnSync('npx', ['vitest', 'run', '--project', 'engines', ...process.argv.slice(2)], {
	cwd: join(import.meta.dirname, '../..'),
	stdio: 'inherit',
	env: {...process.env, TEST_ENGINES: '1'},
});
process.exitCode = status ?? 1;
