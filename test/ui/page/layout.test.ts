import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {spansWidth} from '../../../source/ui/page/fit.ts';
import {blank, line, prose} from '../../../source/ui/page/line.ts';
import {layout, type Page} from '../../../source/ui/page/page.ts';
import {wide} from '../keys/typed.ts';
import {pageText} from './text.ts';

const page: Page = {
	title: line('Title'),
	top: [line('asked')],
	body: Array.from({length: 30}, (_, index) => line(`row ${index}`)),
	bottom: [line('sum')],
	hints: [
		{keys: '↑↓', label: 'move'},
		{keys: 'esc', label: 'stop'},
	],
};

describe('a page', () => {
	test('is lower than the screen and no wider, at any size', () => {
		fc.assert(
			fc.property(
				fc.integer({min: 40, max: 200}),
				fc.integer({min: 10, max: 60}),
				fc.array(fc.string({maxLength: 300}), {maxLength: 40}),
				fc.nat(60),
				fc.nat(60),
				(columns, rows, body, top, bottom) => {
					const look = {columns, rows, isAscii: false};
					const lines = body.map((text, index) => (index % 3 === 0 ? blank : index % 3 === 1 ? prose(4, text) : line(text)));
					const shown = layout({...page, body: lines, top: lines.slice(0, top), bottom: lines.slice(0, bottom)}, look);
					expect(shown.rows.length).toBeLessThan(rows);
					for (const row of shown.rows) expect(spansWidth(row.spans)).toBeLessThanOrEqual(columns);
				},
			),
		);
	});

	test('marks a title that needs more than two rows as cut', () => {
		const rows = pageText(
			{...page, title: prose(2, 'Upgrade app.db   20260101_000000_start → 20260102_000000_second → 20260103_000000_third')},
			{
				...wide,
				columns: 40,
			},
		).split('\n');
		expect(rows.slice(0, 3)).toEqual(['Upgrade app.db   20260101_000000_start →', '  20260102_000000_second → …', '']);
	});

	test('keeps the action and the way out in its hints, however narrow it is', () => {
		const hints = [
			{keys: 'enter', label: 'write the file'},
			{keys: 'tab', label: 'SQL', isExtra: true},
			{keys: 'f', label: 'set a value'},
			{keys: 'esc', label: 'stop'},
		];
		const hintsAt = (columns: number) =>
			pageText({...page, hints}, {...wide, columns, rows: 12})
				.split('\n')
				.at(-1);
		expect(hintsAt(80)).toBe('enter write the file   tab SQL   f set a value   esc stop   ? keys');
		expect(hintsAt(50)).toBe('enter write the file  f set a value  esc stop  ?');
		expect(hintsAt(40)).toBe('enter write the file  esc stop  ? keys');
		expect(hintsAt(30)).toBe('enter write the file  esc stop');
	});

	test('keeps the selected line in view and shows how much is hidden', () => {
		for (let index = 0; index < 30; index++) {
			expect(pageText({...page, focus: {first: index, last: index}}, wide)).toContain(`row ${index}\n`);
		}
		expect(pageText({...page, focus: {first: 20, last: 20}}, wide)).toMatch(/↑ \d+ more[\s\S]*row 20\n[\s\S]*↓ \d+ more/);
	});

	test('marks all hidden rows: marks and rows add up', () => {
		const text = pageText({...page, focus: {first: 20, last: 20}}, wide);
		const hidden = [...text.matchAll(/(\d+) more/g)].reduce((sum, match) => sum + Number(match[1]), 0);
		expect(hidden + text.match(/row \d+/g)!.length).toBe(30);
	});

	test('keeps the fixed parts above and below the body', () => {
		expect(pageText(page, wide).split('\n')).toEqual(expect.arrayContaining(['Title', 'asked', 'sum', '↑↓ move   esc stop   ? keys']));
	});

	test('omits empty lines first if there is little room', () => {
		const text = pageText({...page, body: [line('a'), blank, line('b')]}, {...wide, rows: 10});
		expect(text.split('\n')).toEqual(['Title', 'asked', 'a', 'b', 'sum', '↑↓ move   esc stop   ? keys']);
	});

	test('scrolls as far as the last row', () => {
		const {body, rows} = layout({...page, offset: 1000}, wide);
		expect(body.offset).toBe(body.total - body.visible);
		expect(pageText({...page, offset: 1000}, wide)).toContain('row 29\n');
		expect(rows.length).toBe(23);
	});

	test('breaks its hints into two rows at most', () => {
		const hints = Array.from({length: 12}, (_, index) => ({keys: `k${index}`, label: 'does this'}));
		const rows = pageText({...page, hints}, {...wide, columns: 40})
			.split('\n')
			.slice(-2);
		expect(rows).toEqual(['k0 does this  k1 does this  k2 does this', 'k3 does this  k11 does this  ? keys']);
	});
});
