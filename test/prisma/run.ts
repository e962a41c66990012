/**
 * Compares the loader with the engine of Prisma Migrate: `npm run test:prisma`. Installs the engine if it is missing. With RECORD=1, writes the SQL of
 * the engine for `test/core/models/prisma/fixtures`. With PRISMA=5000, generates that many schemas.
 */
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {isInstalled} from '../installed.ts';

function run(command: string, given: readonly string[], cwd: string): number {
	const {status} = spawnSync(command, given, {cwd, stdio: 'inherit', env: {...process.env, TEST_PRISMA: '1'}});
	return status ?? 1;
}

const isReady = isInstalled(import.meta.dirname) || run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], import.meta.dirname) === 0;
process.exitCode = isReady ? run('npx', ['vitest', 'run', '--project', 'prisma', ...process.argv.slice(2)], join(import.meta.dirname, '../..')) : 1;
