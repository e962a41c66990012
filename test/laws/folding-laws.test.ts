import fc from 'fast-check';
import {describe, test} from 'vitest';
import {checkFolding} from './check-folding.ts';
import {caseDice, caseFrom, nextChange, nextDice} from './generate/case.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(100, 20261122);
const {numRuns: runs} = sample;

describe('two changes written into one migration', () => {
	test(
		`do the same as one after the other, for ${runs} generated schemas with rows`,
		async () => {
			await fc.assert(
				fc.asyncProperty(caseDice, nextDice, async (dice, next) => {
					const first = caseFrom(dice);
					await checkFolding(first, nextChange(first.to, next));
				}),
				sample,
			);
		},
		runs * 1000,
	);
});
