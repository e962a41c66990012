import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {brokenLinks} from '../../site/links.ts';
import {addressOf, sections} from '../../site/navigation.ts';

const root = join(import.meta.dirname, '../..');
const inDocs = readdirSync(join(root, 'docs'), {recursive: true, encoding: 'utf8'})
	.filter((name) => name.endsWith('.md'))
	.map((name) => `docs/${name}`);
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/RESULTS.md', 'llms.txt', 'site/index.md', ...inDocs];
const listed = sections.flatMap((section) => section.pages.map(({path}) => path));

describe('the links of a page', () => {
	test.each(pages)('lead to files and headings that exist: %s', (page) => {
		expect(brokenLinks(join(root, page))).toEqual([]);
	});

	test('are reported with their line if the file or the heading does not exist', () => {
		const text = [
			'# Safety',
			'[a file](models.md) [a heading](#safety) [another one](models.md#the-table-language) [the web](https://sqlite.org)',
			'[no file](none.md) ![no picture](screenshots/none.svg)',
			'`[code](none.md)` [no heading](#none)',
			'```md',
			'[a code block](none.md)',
			'```',
			'[no heading there](models.md#none)',
		].join('\n');
		expect(brokenLinks(join(root, 'docs/safety.md'), text)).toEqual([
			{line: 3, link: 'none.md'},
			{line: 3, link: 'screenshots/none.svg'},
			{line: 4, link: '#none'},
			{line: 8, link: 'models.md#none'},
		]);
	});
});

describe('the navigation of the site', () => {
	test('lists every page under docs/', () => {
		const lists = ['docs/README.md', 'docs/decisions/README.md'];
		expect(inDocs.filter((page) => !listed.includes(page) && !lists.includes(page))).toEqual([]);
	});

	test('has a different address for every page', () => {
		const addresses = listed.map(addressOf);
		expect(addresses.filter((address, index) => addresses.indexOf(address) !== index)).toEqual([]);
	});

	test('includes every page that the home page links to', () => {
		const home = readFileSync(join(root, 'site/index.md'), 'utf8');
		const links = [...home.matchAll(/^ +link: \/([^#\n]*)/gm)].map(([, address = '']) => address.replace(/\/$/, '/index'));
		expect(links.length).toBeGreaterThan(3);
		expect(links.filter((address) => !listed.map(addressOf).includes(address))).toEqual([]);
	});

	test('shows every screenshot on the page about screens', () => {
		const page = readFileSync(join(root, 'docs/screens.md'), 'utf8');
		const pictures = readdirSync(join(root, 'docs/screenshots'));
		expect(pictures.filter((name) => !page.includes(`(screenshots/${name})`))).toEqual([]);
	});
});
