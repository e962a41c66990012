import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {defineConfig} from 'vitest/config';
import {memoryFolder} from './test/memory-folder.ts';

// Written by .ci/run, which counts the tests from this report.
const totals = process.env.TEST_TOTALS;

// Node's default cache, which the built command uses too. Without it, each process would compile all that it imports.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');

// The complete tests of faults use the disk.
const memory = process.env.TMPDIR === undefined && process.env.FAULTS === undefined ? memoryFolder() : undefined;
if (memory !== undefined) process.env.TMPDIR = memory;

const shared = {
	environment: 'node' as const,
	testTimeout: 30_000,
	hookTimeout: 60_000,
	// Native code (SQLite, pseudo-terminals) and module hooks need a separate process.
	pool: 'forks' as const,
	// The processes share the cores, so threads that help the garbage collector only get in the way.
	execArgv: ['--single-threaded-gc'],
};

/** Tests that load models as modules: the module hooks and Node's module cache outlive a test file. */
const loadsModules = ['core/modules', 'core/models', 'core/models/drizzle', 'core/pull', 'public-schemas'].map(
	(folder) => `test/${folder}/*.test.ts`,
);

/** Node's own import(), as in production: models and migrations are loaded with it. */
const native = {viteModuleRunner: false, nodeLoader: false} as const;

/** The tests that every run repeats on node:sqlite. All of them run with `npm run test:node-sqlite`. */
const onNodeSqlite = [
	'test/node-sqlite/driver.test.ts',
	'test/core/sqlite/**/*.test.ts',
	'test/laws/laws.test.ts',
	'test/pitfalls/20-*.test.ts',
	'test/pitfalls/23-*.test.ts',
];
const hideBetterSqlite3 = `--import=${pathToFileURL(join(import.meta.dirname, 'test/node-sqlite/hide-better-sqlite3.mjs'))}`;

/** Tests with real servers. */
const sample = 'test/engines/sample.test.ts';
const servers = {...shared, testTimeout: 120_000, hookTimeout: 120_000, experimental: native};

// Tools that take a while to install, which test/packages/run.ts does.
const packages = {
	test: {
		...shared,
		name: 'packages',
		include: ['test/packages/*.test.ts'],
		testTimeout: 600_000,
		hookTimeout: 600_000,
		experimental: native,
	},
};

// The engine of Prisma Migrate, which test/prisma/run.ts installs.
const prisma = {
	test: {...shared, name: 'prisma', include: ['test/prisma/*.test.ts'], testTimeout: 600_000, experimental: native},
};

export default defineConfig({
	test: {
		// More than the two cores of a small machine, because many tests wait: for processes, screens, servers and disks.
		maxWorkers: 4,
		reporters: totals === undefined ? ['default'] : ['default', ['json', {outputFile: totals}]],
		projects: [
			// One process for each file.
			{test: {...shared, name: 'models', include: loadsModules, experimental: native}},
			// A few processes for all files: starting one and importing the sources takes longer than most of the tests.
			{
				test: {
					...shared,
					name: 'node',
					isolate: false,
					include: ['test/**/*.test.ts'],
					exclude: [
						'test/ui/**',
						'test/engines/**',
						'test/packages/**',
						'test/prisma/**',
						'test/node-sqlite/driver.test.ts',
						'**/node_modules/**',
						...loadsModules,
					],
					experimental: native,
				},
			},
			{
				test: {
					...shared,
					name: 'node-sqlite',
					isolate: false,
					include: onNodeSqlite,
					experimental: native,
					execArgv: [...shared.execArgv, hideBetterSqlite3],
					// For the processes that the tests start.
					env: {NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${hideBetterSqlite3}`},
				},
			},
			// A sample in every run, which installs the servers. test/engines/run.ts runs the others.
			{test: {...servers, name: 'servers', include: [sample]}},
			...(process.env.TEST_ENGINES === undefined
				? []
				: [{test: {...servers, name: 'engines', include: ['test/engines/*.test.ts'], exclude: [sample]}}]),
			...(process.env.TEST_PACKAGES === undefined ? [] : [packages]),
			...(process.env.TEST_PRISMA === undefined ? [] : [prisma]),
			{
				test: {
					...shared,
					name: 'ui',
					isolate: false,
					include: ['test/**/*.test.tsx', 'test/ui/**/*.test.ts'],
				},
			},
		],
	},
});
