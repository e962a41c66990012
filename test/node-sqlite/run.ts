/**
 * Runs the tests on node:sqlite, in this process and in all that it starts. Arguments are passed to Vitest:
 * `npm run test:node-sqlite -- test/core/sqlite`.
 */
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
const hide = pathToFileURL(join(import.meta.dirname, 'hide-better-sqlite3.mjs'));
const folders = process.argv.length > 2 ? process.argv.slice(2) : ['core', 'laws', 'faults', 'pitfalls', 'cli'].map((name) => `test/${name}`);
// They open connections of better-sqlite3 themselves, and of node:sqlite too. testing.test.ts has lite-migr/test without better-sqlite3.
const without = ['--exclude', 'test/core/testing/**'];
const env = {...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${hide}`};
process.exitCode = spawnSync(process.execPath, [vitest, 'run', ...without, ...folders], {stdio: 'inherit', env}).status ?? 1;
