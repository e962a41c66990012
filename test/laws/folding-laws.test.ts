import fc from 'fast-check';
import {describe, test} from 'vitest';
import {checkFolding} from './check-folding.ts';
import {caseDice, caseFrom, nextChange, nextDice} from './generate/case.ts';

const runs = Number(process.env.LAWS ?? 50);
const fixed = process.env.LAWS === undefined ? '20261122' : undefined;
const chosen = process.env.LAWS_SEED ?? fixed;
const seed = chosen === undefined ? {} : {seed: Number(chosen)};

describe('two changes written into one migration', () => {
	test(
		`do the same as one after the other, for ${runs} generated schemas with rows`,
		async () => {
			await fc.assert(
				fc.asyncProperty(caseDice, nextDice, async (dice, next) => {
					const first = caseFrom(dice);
					await checkFolding(first, nextChange(first.to, next));
				}),
				{numRuns: runs, ...seed, endOnFailure: process.env.LAWS_SHRINK === 'no'},
			);
		},
		runs * 1000,
	);
});
