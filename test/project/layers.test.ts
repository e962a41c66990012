import {spawnSync} from 'node:child_process';
import {copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Lines that violate the import rules, each in a separate file. */
const violations: Readonly<Record<string, string>> = {
	'source/core/schema/upwards.ts': "import {x} from '../ddl/right.ts';",
	'source/core/ddl/upwards.ts': "import {x} from '../operations/right.ts';",
	'source/core/operations/upwards.ts': "import {x} from '../diff/right.ts';",
	'source/core/diff/upwards.ts': "import type {x} from '../plan/right.ts';",
	'source/core/plan/upwards.ts': "import {x} from '../script/right.ts';",
	'source/core/script/upwards.ts': "import {x} from '../sqlite/right.ts';",
	'source/core/sqlite/upwards.ts': "import {x} from '../models/right.ts';",
	'source/core/sqlite/to-engines.ts': "import {x} from '../engines/right.ts';",
	'source/core/engines/upwards.ts': "import {x} from '../migrations/right.ts';",
	'source/core/engines/process.ts': 'export const x = process.env;',
	'source/core/sqlite/to-modules.ts': "import {x} from '../modules/right.ts';",
	'source/core/modules/upwards.ts': "import {x} from '../models/right.ts';",
	'source/core/models/python/upwards.ts': "import {x} from '../../migrations/right.ts';",
	'source/core/migrations/upwards.ts': "import {x} from '../pull/right.ts';",
	'source/core/migrations/to-testing.ts': "import {x} from '../testing/right.ts';",
	'source/core/sqlite/to-testing.ts': "import {x} from '../testing/right.ts';",
	'source/core/testing/native.ts': "import x from 'better-sqlite3';",
	'source/core/text/upwards.ts': "import {x} from '../sqlite/right.ts';",
	'source/core/runtime/upwards.ts': "import {x} from '../schema/right.ts';",
	'source/core/runtime/node.ts': "import {join as x} from 'node:path';",
	'source/core/runtime/process.ts': 'export const x = process.env;',
	'source/core/config/upwards.ts': "import {x} from '../models/right.ts';",
	'source/core/to-ui.ts': "import {x} from '../ui/right.ts';",
	'source/core/to-commands.ts': "import {x} from '../commands/right.ts';",
	'source/core/lazily.ts': "export const x = () => import('../ui/right.ts');",
	'source/ui/to-commands.ts': "import {x} from '../commands/right.ts';",
	'source/commands/to-ui.ts': "import {x} from '../ui/right.ts';",
	'source/commands/ink.ts': "import {Text as x} from 'ink';",
	'source/commands/lazy-ink.ts': "export const x = () => import('ink');",
	'source/core/plan/react.ts': "import {useState as x} from 'react';",
	'source/core/plan/console.ts': "console.log('x');",
	'source/core/plan/process.ts': 'export const x = process.pid;',
	'source/core/plan/imported-process.ts': "import {pid as x} from 'node:process';",
	'source/core/migrations/native.ts': "import x from 'better-sqlite3';",
	'source/core/sqlite/native.ts': "import x from 'better-sqlite3';",
	'source/core/sqlite/node.ts': "import * as x from 'node:sqlite';",
	'source/core/migrations/node.ts': "import * as x from 'node:sqlite';",
	'source/ui/native.ts': "import x from 'better-sqlite3';",
	'source/core/ddl/circle-a.ts': "import {b as x} from './circle-b.ts';",
	'source/core/plan/circle-of-types-a.ts': "import type {b as x} from './circle-of-types-b.ts';",
	'source/core/ddl/default.ts': 'const x = 1;\nexport default x;',
};

/** Lines that are allowed in these files. */
const allowed: Readonly<Record<string, string>> = {
	'source/core/sqlite/driver/native.ts': "import x from 'better-sqlite3';",
	'source/core/sqlite/driver/node.ts': "import * as x from 'node:sqlite';",
	'source/core/migrations/down.ts': "import {x} from '../models/right.ts';",
	'source/core/migrations/to-runtime.ts': "import {x} from '../runtime/right.ts';",
	'source/core/testing/down.ts': "import {x} from '../migrations/right.ts';",
	'source/core/engines/down.ts': "import {x} from '../sqlite/right.ts';",
	'source/core/migrations/to-engines.ts': "import {x} from '../engines/right.ts';",
	'source/core/models/down.ts': "import {x} from '../modules/right.ts';",
	'source/core/modules/down.ts': "import {x} from '../sqlite/right.ts';",
	'source/ui/ink.ts': "import {Text as x} from 'ink';",
	'source/ui/core.ts': "import {x} from '../core/plan/right.ts';",
	'source/commands/core.ts': "import {x} from '../core/migrations/right.ts';",
	'source/commands/process.ts': 'export const y = process.pid;\nexport const x = 1;',
};

let folder: string;
let flagged: ReadonlySet<string>;

beforeAll(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), 'lite-migr-layers-')));
	const write = (file: string, text: string) => {
		mkdirSync(dirname(join(folder, file)), {recursive: true});
		writeFileSync(join(folder, file), text);
	};
	const folders = [
		'schema',
		'ddl',
		'operations',
		'diff',
		'plan',
		'script',
		'sqlite',
		'engines',
		'modules',
		'models',
		'migrations',
		'pull',
		'runtime',
		'testing',
	].map((name) => `core/${name}`);
	for (const name of [...folders, 'ui', 'commands']) write(`source/${name}/right.ts`, 'export const x = 1;\n');
	for (const [file, text] of Object.entries({...violations, ...allowed})) {
		write(
			file,
			`${text}\n${/\bx\b.* from|^import x/.test(text) ? (text.startsWith('import type') ? 'export type Y = typeof x;\n' : 'export const y = x;\n') : ''}`,
		);
	}
	write('source/core/ddl/circle-b.ts', "import {y} from './circle-a.ts';\nexport const b = () => y;\n");
	write('source/core/plan/circle-of-types-b.ts', "import type {Y} from './circle-of-types-a.ts';\nexport const b = (y: Y) => y;\n");
	write('.gitignore', 'node_modules/\n');
	copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
	symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
	const {stdout} = spawnSync(join(root, 'node_modules/.bin/biome'), ['lint', '--reporter=json', '--max-diagnostics=none', '--vcs-enabled=false'], {
		cwd: folder,
		encoding: 'utf8',
	});
	const report = JSON.parse(stdout) as {
		readonly diagnostics: readonly {readonly severity: string; readonly location: {readonly path: string | {readonly file: string}}}[];
	};
	flagged = new Set(
		report.diagnostics
			.filter(({severity}) => severity === 'error')
			.map(({location}) => (typeof location.path === 'string' ? location.path : location.path.file)),
	);
});

afterAll(() => rmSync(folder, {recursive: true, force: true}));

test.each(Object.keys(violations))('the linter refuses %s', (file) => {
	expect([...flagged]).toContain(file);
});

test.each(Object.keys(allowed))('the linter accepts %s', (file) => {
	expect([...flagged]).not.toContain(file);
});
