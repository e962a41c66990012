import {rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {checkScript, type Outcome, onBetterSqlite3, onNodeSqlite, type ScriptRunner, withoutShields} from './check-script.ts';
import {caseDice, caseFrom} from './generate/case.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(25, 20261130);
const {numRuns: runs} = sample;
const file = join(tmpdir(), `lite-migr-script-law-${process.pid}.db`);

afterAll(() => rmSync(file, {force: true}));

/** Checks generated cases, and returns how many had each outcome. */
async function outcomes(run: ScriptRunner, legacyAlterTable: boolean): Promise<Record<Outcome, number>> {
	const found = {kept: 0, refused: 0, orphans: 0, stopped: 0, unwritable: 0};
	await fc.assert(
		fc.asyncProperty(caseDice, async (dice) => {
			found[await checkScript(caseFrom(dice), run, {legacyAlterTable})] += 1;
		}),
		sample,
	);
	return found;
}

describe('a guarded script with foreign keys on', () => {
	test.each([
		['better-sqlite3', onBetterSqlite3, true],
		['better-sqlite3, without legacy_alter_table', onBetterSqlite3, false],
		['node:sqlite', onNodeSqlite(file), true],
	] as const)(
		`gives the same schema and rows as an upgrade, in ${runs} generated cases: %s`,
		async (_name, run, legacyAlterTable) => {
			const found = await outcomes(run, legacyAlterTable);
			const {kept} = found;
			if (process.env.LAWS !== undefined) console.info(found);
			expect(kept).toBeGreaterThan(0.9 * runs);
		},
		runs * 1000,
	);

	test(
		`is stopped by its guards, or keeps everything, without its shields, in ${runs} generated cases`,
		async () => {
			const {kept, stopped, orphans} = await outcomes(withoutShields, true);
			if (process.env.LAWS !== undefined) console.info({kept, stopped, orphans});
			expect(stopped + orphans).toBeGreaterThan(0);
		},
		runs * 1000,
	);
});
