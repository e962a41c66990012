import fc from 'fast-check';
import {describe, test} from 'vitest';
import {checkLaws} from './check-laws.ts';
import {caseDice, caseFrom} from './generate/case.ts';

const runs = Number(process.env.LAWS ?? 100);
const seed = process.env.LAWS_SEED === undefined ? {} : {seed: Number(process.env.LAWS_SEED)};

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
