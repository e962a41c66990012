import {expect, test} from 'vitest';
import {freshProject} from './fresh-project.ts';

const packed = process.env.PACKED ?? '';

test('publint has nothing to report', async () => {
	const {code, output} = await freshProject().run('publint', packed, '--strict');
	expect({code, output}).toEqual({code: 0, output: expect.stringContaining('All good!')});
});

test('types resolve from ES modules, CommonJS and bundlers', async () => {
	// Every supported version of Node.js can require an ES module. Resolvers before "exports" find only the main entry.
	const {code, output} = await freshProject().run('attw', packed, '--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-emoji');
	expect({code, output}).toMatchObject({code: 0});
});
