import {rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
// @ts-expect-error: the package has no types.
import initSqlJs from 'sql.js';
import {afterAll, describe, expect, test} from 'vitest';
import {
	type BundleOutcome,
	type BundleRunner,
	checkBundle,
	inTransaction,
	onBetterSqlite3,
	onNodeSqlite,
	onSqlJs,
	type SqlJs,
} from './check-bundle.ts';
import {caseDice, caseFrom} from './generate/case.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(12, 20261130);
const {numRuns: runs} = sample;
const file = join(tmpdir(), `lite-migr-bundle-law-${process.pid}.db`);
const sqlJs: SqlJs = await initSqlJs();

afterAll(() => rmSync(file, {force: true}));

describe('a bundle', () => {
	test.each([
		['better-sqlite3', onBetterSqlite3],
		['better-sqlite3, in an open transaction with foreign keys on', inTransaction],
		['node:sqlite', onNodeSqlite(file)],
		['sql.js', onSqlJs(sqlJs)],
	] as const satisfies readonly (readonly [string, BundleRunner])[])(
		`gives the schema of the models and keeps every row, and the release before undoes it, in ${runs} generated cases: %s`,
		async (name, run) => {
			const found: Record<BundleOutcome, number> = {kept: 0, undone: 0, refused: 0, orphans: 0, impossible: 0};
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => {
					found[await checkBundle(caseFrom(dice), run)] += 1;
				}),
				sample,
			);
			if (process.env.LAWS !== undefined) console.info(found);
			expect(found.kept + found.undone).toBeGreaterThan((name === 'sql.js' ? 0.6 : 0.9) * runs);
			expect(found.undone).toBeGreaterThan(0.3 * runs);
		},
		runs * 1000,
	);
});
