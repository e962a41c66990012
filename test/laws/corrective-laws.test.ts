import fc from 'fast-check';
import {describe, test} from 'vitest';
import {checkCorrective} from './check-corrective.ts';
import {caseDice, caseFrom} from './generate/case.ts';

const runs = Number(process.env.LAWS ?? 50);
const fixed = process.env.LAWS === undefined ? '20261123' : undefined;
const chosen = process.env.LAWS_SEED ?? fixed;
const seed = chosen === undefined ? {} : {seed: Number(chosen)};

describe('a corrective migration', () => {
	test(
		`fits databases with and without drift, and changes nothing in those without, for ${runs} generated schemas with rows`,
		async () => {
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => checkCorrective(caseFrom(dice))),
				{numRuns: runs, ...seed, endOnFailure: process.env.LAWS_SHRINK === 'no'},
			);
		},
		runs * 1000,
	);
});
