import {mkdirSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {betterSqlite3Module} from '../../../../source/core/sqlite/driver/better-sqlite3.ts';
import {currentDriver} from '../../../../source/core/sqlite/driver/choose.ts';
import {temporaryFolder} from '../temporary-folder.ts';

const folders = temporaryFolder();
const installed = createRequire(import.meta.url).resolve('better-sqlite3');

/** Creates a project with a better-sqlite3 that says it is another version, and has this text in its native code. */
function projectWith(version: string, code: string | undefined): string {
	const folder = join(folders.path, `project-${version}`);
	const files = {
		'package.json': JSON.stringify({name: 'better-sqlite3', version}),
		'index.js': `module.exports = class OfProject extends require(${JSON.stringify(installed)}) {};\n`,
		...(code === undefined ? {} : {'build/Release/better_sqlite3.node': code}),
	};
	for (const [name, text] of Object.entries(files)) {
		const path = join(folder, 'node_modules/better-sqlite3', name);
		mkdirSync(join(path, '..'), {recursive: true});
		writeFileSync(path, text);
	}
	return folder;
}

// The tests of node:sqlite hide the package, so no copy of it loads.
const isHidden = currentDriver().name === 'node:sqlite';

test.skipIf(isHidden).each([
	['11.10.0', '_ZN4node25AddEnvironmentCleanupHookE', true],
	['12.11.1', '_ZN4node25AddEnvironmentCleanupHookE', true],
	['13.0.0', undefined, true],
	['10.1.0', '_ZN4node25AddEnvironmentCleanupHookE', false],
	['14.0.0', undefined, false],
	// Compiled with the headers of Node.js 24.19.
	['12.11.1', '\0_ZN4node28RemoveEnvironmentCleanupHookEPN2v87IsolateEPFvPvES3_\0', false],
	// Without native code: its own error would not help, if another copy works.
	['12.11.1', undefined, false],
])('better-sqlite3 %s of the project, with the native code %j, is used: %s', (version, code, isUsed) => {
	expect(betterSqlite3Module(projectWith(version, code)).name === 'OfProject').toBe(isUsed);
});
