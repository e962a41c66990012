/**
 * Runs the tests on node:sqlite, in this process and in all that it starts. Arguments are passed to Vitest:
 * `npm run test:node-sqlite -- test/core/sqlite`.
 */
import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
const hide = pathToFileURL(join(import.meta.dirname, 'hide-better-sqlite3.mjs'));
const tests = join(import.meta.dirname, '..');
// The tests of core/testing open connections of better-sqlite3 themselves, and of node:sqlite too. testing.test.ts has lite-migr/test without better-sqlite3.
const core = readdirSync(join(tests, 'core')).filter((name) => name !== 'testing');
const all = [...core.map((name) => `core/${name}`), 'laws', 'faults', 'pitfalls', 'cli'].map((name) => `test/${name}`);
const folders = process.argv.length > 2 ? process.argv.slice(2) : all;
const env = {...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${hide}`};
process.exitCode = spawnSync(process.execPath, [vitest, 'run', '--project', '!node-sqlite', ...folders], {stdio: 'inherit', env}).status ?? 1;
