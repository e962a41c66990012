import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {builtBin} from '../cli/built-bin.ts';

/** Returns the imports and the URLs next to the code whose target is computed. Bundlers look for the files and warn, unless a comment stops them. */
function computedTargets(code: string): readonly string[] {
	const imports = [...code.matchAll(/\bimport\((?!\s*["'`])[^)]{0,80}/g)].map(([text]) => text);
	const urls = [...code.matchAll(/\bnew URL\((?!(["'`])[^"'`]*\1,)(?:[^()]|\([^()]*\))*import\.meta\.url\s*\)/g)].map(([text]) => text);
	return [...imports, ...urls].filter((text) => !text.includes('webpackIgnore'));
}

describe('the package', () => {
	beforeAll(() => void builtBin(), 120_000);

	test('computes no path that a bundler would look for', () => {
		const dist = dirname(builtBin());
		const files = readdirSync(dist, {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.js'));
		const found = files.flatMap((name) => computedTargets(readFileSync(join(dist, name), 'utf8')).map((text) => `${name}: ${text}`));
		expect(found).toEqual([]);
	});

	test.each(['import(url.href)', "new URL(e?import.meta.url.includes('/chunks/')?`../a.js`:`./a.js`:`./a.ts`,import.meta.url)"])(
		'would be found with %s',
		(code) => {
			expect(computedTargets(code)).toEqual([code.startsWith('import') ? 'import(url.href' : code]);
		},
	);
});
