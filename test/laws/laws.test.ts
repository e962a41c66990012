import fc from 'fast-check';
import {describe, test} from 'vitest';
import {checkLaws} from './check-laws.ts';
import {caseDice, caseFrom} from './generate/case.ts';

const runs = Number(process.env.LAWS ?? 50);
// Without LAWS, the cases are always the same, so a failure is caused by the change. LAWS=1000 generates new cases.
const fixed = process.env.LAWS === undefined ? '20261122' : undefined;
const chosen = process.env.LAWS_SEED ?? fixed;
const seed = chosen === undefined ? {} : {seed: Number(chosen)};

describe('the laws', () => {
	test(
		`hold for ${runs} generated changes of a schema with rows`,
		async () => {
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => {
					await checkLaws(caseFrom(dice));
				}),
				{numRuns: runs, ...seed, endOnFailure: process.env.LAWS_SHRINK === 'no'},
			);
		},
		runs * 1000,
	);
});
