import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {aligned} from '../../../source/ui/page/columns.ts';
import {cutSpans, padded, rowsOf, spansWidth, widthOf} from '../../../source/ui/page/fit.ts';
import {line, prose, ruled, span, textOf} from '../../../source/ui/page/line.ts';

const look = {columns: 20, rows: 24, isAscii: false};
const texts = (rows: readonly Parameters<typeof textOf>[0][]): string[] => rows.map((row) => textOf(row).trimEnd());

describe('cutting', () => {
	test('keeps a text that fits, and marks a cut', () => {
		expect(textOf(cutSpans([span('abcdef')], 6, '…'))).toBe('abcdef');
		expect(textOf(cutSpans([span('abc'), span('def')], 5, '…'))).toBe('abcd…');
		expect(textOf(cutSpans([span('/a/long/path/app.db')], 8, '…', true))).toBe('…/app.db');
	});

	test('counts wide characters by columns, and never cuts one in half', () => {
		expect(widthOf('名前')).toBe(4);
		expect(textOf(cutSpans([span('名前名前')], 6, '…'))).toBe('名前…');
		expect(padded('名前名前', 6)).toBe('名前… ');
	});
});

describe('wrapping', () => {
	test('includes the inserted flags that name the database', () => {
		const addressed = {...look, columns: 40, address: ' --db a.db'};
		expect(texts(rowsOf(prose(7, '  undo ', span('lite-migr downgrade --steps 1', 'accent')), addressed))).toEqual([
			'  undo lite-migr downgrade --db a.db',
			'       --steps 1',
		]);
	});

	test('breaks at words and indents further rows', () => {
		expect(texts(rowsOf(prose(2, 'one two three four five six'), look))).toEqual(['one two three four', '  five six']);
	});

	test('keeps words apart if only the spaces between them do not fit', () => {
		expect(texts(rowsOf(prose(2, 'nineteen characters', span('   2 more')), look))).toEqual(['nineteen characters', '  2 more']);
	});

	test('repeats a left rule on every row', () => {
		expect(texts(rowsOf(ruled('one two three four five'), look))).toEqual(['│ one two three four', '│ five']);
	});

	test('breaks a word that is longer than a row', () => {
		expect(texts(rowsOf(prose(0, 'x'.repeat(45)), look))).toEqual(['x'.repeat(20), 'x'.repeat(20), 'x'.repeat(5)]);
	});

	test('loses no letter and no row is too wide, for any text and width', () => {
		fc.assert(
			fc.property(
				fc.array(fc.string({unit: 'grapheme'}), {maxLength: 8}),
				fc.integer({min: 10, max: 60}),
				fc.integer({min: 0, max: 8}),
				(parts, columns, hang) => {
					const at = {columns, rows: 24, isAscii: false};
					const rows = rowsOf(prose(hang, ...parts.map((part) => span(part))), at);
					for (const row of rows) expect(spansWidth(row.spans)).toBeLessThanOrEqual(columns);
					const letters = (text: string): string => text.replaceAll(' ', '');
					expect(letters(rows.map(textOf).join(''))).toBe(
						letters(
							rowsOf(line(...parts), {...at, columns: 10_000})
								.map(textOf)
								.join(''),
						),
					);
				},
			),
		);
	});
});

test('an aside is at the right edge, and is omitted if there is no room', () => {
	expect(texts(rowsOf({...line('Create'), aside: [span('1 of 2')]}, look))).toEqual(['Create        1 of 2']);
	expect(texts(rowsOf({...line('Create a migration'), aside: [span('question 1 of 2')]}, look))).toEqual(['Create a migration']);
});

test('cells are aligned even if they contain wide characters', () => {
	const rows = aligned(
		[
			[[span('a')], [span('x')]],
			[[span('名前')], [span('y')]],
		],
		look,
	);
	expect(rows.map(textOf)).toEqual(['a      x', '名前   y']);
});

test('characters that could act on the terminal are shown as escapes', () => {
	expect(texts(rowsOf(line('a\u001b[2Jb\nc'), look))).toEqual(['a\\x1b[2Jb\\nc']);
});

test('symbols become ASCII if the locale is not UTF-8', () => {
	expect(texts(rowsOf(line('✔ a → b ↑↓ █░ …'), {...look, columns: 40, isAscii: true}))).toEqual(['v a -> b up/down #. ...']);
});
