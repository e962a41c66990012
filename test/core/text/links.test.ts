import {describe, expect, test} from 'vitest';
import {hyperlink, linkFinder, withLinks} from '../../../source/core/text/links.ts';

const existing = [
	'/shop/migrations/1_a.ts',
	'/shop/backups',
	'/shop/app.db',
	'/backups/app-1.db',
	'/shop/a b.sql',
	'/shop/über.sql',
	'/shop/m.test.ts',
];
const find = linkFinder({cwd: '/shop', host: 'box', exists: (path) => existing.includes(path)});
const linksIn = (text: string) => find(text).flatMap(({text: shown, target}) => (target === undefined ? [] : [[shown, target]]));

describe('links', () => {
	test.each([
		['✔ wrote migrations/1_a.ts   3 changes', 'migrations/1_a.ts', 'file://box/shop/migrations/1_a.ts'],
		['migrations/1_a.ts:14:3, table user', 'migrations/1_a.ts', 'file://box/shop/migrations/1_a.ts'],
		['backup first: backups/ (12 MB)', 'backups/', 'file://box/shop/backups'],
		['app.db is at 0012', 'app.db', 'file://box/shop/app.db'],
		['backup /backups/app-1.db.', '/backups/app-1.db', 'file://box/backups/app-1.db'],
		['über.sql', 'über.sql', 'file://box/shop/%C3%BCber.sql'],
		['m.test.ts', 'm.test.ts', 'file://box/shop/m.test.ts'],
		['see https://sqlite.org/lang.html#x.', 'https://sqlite.org/lang.html#x', 'https://sqlite.org/lang.html#x'],
		['see (https://sqlite.org)', 'https://sqlite.org', 'https://sqlite.org/'],
	])('%s', (text, shown, target) => {
		expect(linksIn(text)).toEqual([[shown, target]]);
		expect(
			find(text)
				.map((part) => part.text)
				.join(''),
		).toBe(text);
	});

	test.each(['migrations/2_b.ts', 'user.name', 'app.db-wal', 'app.db.bak', 'xapp.db', '1/2', 'and/or', 'lite-migr upgrade', '…/1_a.ts', ''])(
		'%s is not a link',
		(text) => {
			expect(linksIn(text)).toEqual([]);
		},
	);

	test('a target has no control characters, spaces or bytes that end the sequence', () => {
		const all = linkFinder({cwd: '/a\u0007b \u001b\\c', host: 'ev\u0007il', exists: () => true});
		for (const text of ['x.ts', 'http://h/\u202ea\u00a0b', 'http://h/a;b', 'http://h/\u0007x.ts'])
			for (const {target} of all(text)) expect(target ?? 'none').toMatch(/^[!-~]+$/);
		expect(all('x.ts')[0]?.target).toBe('file:///a%07b%20%1B%5Cc/x.ts');
	});

	test('a value of a megabyte is not searched', () => {
		const started = performance.now();
		expect(linksIn(`${'a/'.repeat(500_000)}.sql app.db`)).toEqual([]);
		expect(performance.now() - started).toBeLessThan(500);
	});

	test('colors stay around the text of a link', () => {
		expect(withLinks('\u001b[2mapp.db\u001b[22m, x', find)).toBe(
			`\u001b[2m${hyperlink({text: 'app.db', target: 'file://box/shop/app.db'})}\u001b[22m, x`,
		);
	});
});
