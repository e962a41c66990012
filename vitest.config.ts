import {defineConfig} from 'vitest/config';

// Written by .ci/run, which counts the tests from this report.
const totals = process.env.TEST_TOTALS;

const shared = {
	environment: 'node' as const,
	testTimeout: 30_000,
	hookTimeout: 60_000,
	// Native code (SQLite, pseudo-terminals) and module hooks need a separate process.
	pool: 'forks' as const,
};

export default defineConfig({
	test: {
		maxWorkers: 2,
		reporters: totals === undefined ? ['default'] : ['default', ['json', {outputFile: totals}]],
		projects: [
			{
				test: {
					...shared,
					name: 'node',
					include: ['test/**/*.test.ts'],
					exclude: ['test/ui/**'],
					// Node's own import(), as in production: models and migrations are loaded with it.
					experimental: {viteModuleRunner: false, nodeLoader: false},
				},
			},
			{
				test: {
					...shared,
					name: 'ui',
					include: ['test/**/*.test.tsx', 'test/ui/**/*.test.ts'],
				},
			},
		],
	},
});
