import fc from 'fast-check';
import {expect, test} from 'vitest';
import {sameDefinitions} from '../core/models/prisma/same-definitions.ts';
import {prismaSql} from './engine.ts';
import {generatedSchema} from './generated-schema.ts';

test('generated schemas give the same tables as the migrations that Prisma writes for them', async () => {
	const numRuns = Number(process.env.PRISMA ?? '300');
	const rejected = new Map<string, number>();
	await fc.assert(
		fc.asyncProperty(generatedSchema, async (text) => {
			const sql = await prismaSql(text).catch((error: unknown) => {
				// P1012: the schema is not valid, such as two relations that could cascade in a circle.
				if ((error as {readonly code?: string}).code !== 'P1012') throw error;
				const [reason = ''] = /error: [^\n]{0,60}/.exec((error as Error).message) ?? [];
				rejected.set(reason, (rejected.get(reason) ?? 0) + 1);
				return undefined;
			});
			fc.pre(sql !== undefined);
			const {expected, actual} = sameDefinitions(text, sql ?? '');
			expect(actual).toEqual(expected);
		}),
		{numRuns},
	);
	const count = [...rejected.values()].reduce((sum, each) => sum + each, 0);
	expect(count, [...rejected].map(([reason, times]) => `${times} × ${reason}`).join('\n')).toBeLessThan(numRuns / 2);
});
