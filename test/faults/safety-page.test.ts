import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';

const tests = join(import.meta.dirname, '..');
const page = readFileSync(join(tests, '../docs/safety.md'), 'utf8');
// All table rows except the headers.
const rows = page
	.split('\n')
	.filter((line, index, lines) => line.startsWith('| ') && !line.startsWith('| ---') && !lines[index + 1]?.startsWith('| ---'));
const named = rows.map((row) => {
	const [, file = '', title = ''] = /\| `([^`]+)` “([^”]+)” \|$/.exec(row) ?? [];
	return {row, file, title};
});

/** Returns the titles of the tests and groups in a file, as written there. */
function titlesIn(file: string): readonly string[] {
	const text = readFileSync(join(tests, file), 'utf8');
	return [...text.matchAll(/\(\s*(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1,\s*(?:async\b|\(|\{|function\b)/g)].map(([, , title = '']) =>
		title.replaceAll(/\\(.)/g, '$1'),
	);
}

describe('the tables of docs/safety.md', () => {
	test('name a test in every row', () => {
		expect(rows.length).toBeGreaterThan(50);
		expect(named.filter(({file, title}) => file === '' || title === '').map(({row}) => row)).toEqual([]);
	});

	test.each(named)('quote a test that exists: $file has “$title”', ({file, title}) => {
		expect(titlesIn(file)).toContain(title);
	});

	test('name every test file about faults, and every pitfall from 23 on', () => {
		const files = [
			...readdirSync(join(tests, 'faults'), {recursive: true, encoding: 'utf8'}).map((name) => `faults/${name}`),
			...readdirSync(join(tests, 'pitfalls'))
				.filter((name) => /^(?:2[3-9]|3\d)-/.test(name))
				.map((name) => `pitfalls/${name}`),
		].filter((name) => name.endsWith('.test.ts') && name !== 'faults/safety-page.test.ts');
		expect(files.filter((name) => !named.some(({file}) => file === name))).toEqual([]);
	});
});
