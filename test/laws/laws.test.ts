import fc from 'fast-check';
import {describe, test} from 'vitest';
import {checkLaws} from './check-laws.ts';
import {caseDice, caseFrom} from './generate/case.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(60, 20261122);
const {numRuns: runs} = sample;

describe('the laws', () => {
	test(
		`hold for ${runs} generated changes of a schema with rows`,
		async () => {
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => {
					await checkLaws(caseFrom(dice));
				}),
				sample,
			);
		},
		runs * 1000,
	);
});
