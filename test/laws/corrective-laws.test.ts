import fc from 'fast-check';
import {describe, test} from 'vitest';
import {checkCorrective} from './check-corrective.ts';
import {caseDice, caseFrom} from './generate/case.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(100, 20261123);
const {numRuns: runs} = sample;

describe('a corrective migration', () => {
	test(
		`fits databases with and without drift, and changes nothing in those without, for ${runs} generated schemas with rows`,
		async () => {
			await fc.assert(
				fc.asyncProperty(caseDice, async (dice) => checkCorrective(caseFrom(dice))),
				sample,
			);
		},
		runs * 1000,
	);
});
