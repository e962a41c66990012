import {describe, expect, test} from 'vitest';
import {previewScreen} from '../../../source/ui/screens/preview.ts';
import {key, played, tiny, wide} from '../keys/typed.ts';
import {screenText} from '../page/text.ts';
import {draft, failing, findings} from './samples.ts';

const screen = previewScreen({name: 'names', draft, canGoBack: true});
const results = (name: string) => played(screen, [key(name)]).results;

describe('the preview', () => {
	test('shows how each change is carried out, what it costs and why', () => {
		expect(screenText(screen, wide).split('\n')).toEqual(
			expect.arrayContaining([
				'  ~ user                        rewrite, copies 12,403 rows',
				'      ~ name → full_name        rename',
				'      ~ zip                     TEXT → INTEGER ▲ may change values',
				'        why: email is filled, and zip changes from TEXT to INTEGER',
				'  - legacy_log                  ▲ drops 880,112 rows',
				'  7 changes',
				'  892,515 rows read or written · 14 MB extra disk space · backup 12.4 MB first',
			]),
		);
	});

	test('keeps in view the number of changes and of serious findings', () => {
		const [dropTable, dropColumn] = findings;
		const grave = previewScreen({name: 'names', draft: {...draft, findings: [dropTable!, dropColumn!, failing]}, canGoBack: true});
		expect(screenText(grave, wide)).toContain('\n  7 changes · ▲ 2 lose data · ✗ 1 would fail on existing rows\n');
	});

	test('counts values that do not fit their new type, and are kept, apart from losses', () => {
		const [dropTable, dropColumn] = findings;
		const kept = {...dropColumn!, kind: 'incompatible' as const, rows: 3};
		const preview = previewScreen({name: 'names', draft: {...draft, findings: [dropTable!, kept]}, canGoBack: true});
		expect(screenText(preview, wide)).toContain('\n  7 changes · ▲ 1 loses data · ▲ 3 values do not fit\n');
	});

	test('does not count the drop of an empty table as a loss', () => {
		const [dropTable, dropColumn] = findings;
		const empty = previewScreen({name: 'names', draft: {...draft, findings: [{...dropTable!, rows: 0}, dropColumn!]}, canGoBack: true});
		expect(screenText(empty, wide)).toContain('\n  7 changes · ▲ 1 loses data\n');
	});

	test('shows how to leave even if there is little room', () => {
		expect(screenText(screen, tiny).split('\n').at(-1)).toBe('enter write the file  esc stop  ? keys');
	});

	test('switches to SQL and back with Tab', () => {
		const {state} = played(screen, [key('tab')]);
		expect(screenText(screen, wide, state)).toContain('ALTER TABLE "user" RENAME COLUMN "name" TO "full_name";');
		expect(screenText(screen, wide, played(screen, [key('tab'), key('tab')]).state)).toContain('rewrite, copies');
	});

	test('scrolls through everything if it does not fit', () => {
		const seen = new Set<string>();
		let state = screen.initial(0);
		for (let step = 0; step < 60; step++) {
			for (const row of screenText(screen, tiny, state).split('\n')) seen.add(row.trim());
			state = screen.reduce(state, key('down'), tiny).state;
		}
		expect([...seen].join('\n')).toMatch(/~ user[\s\S]*legacy_log[\s\S]*\+ tag/);
		expect(screenText(screen, tiny, state)).not.toContain('↓');
		expect(played(screen, [key('end'), key('up')], tiny).state.offset).toBe(played(screen, [key('end')], tiny).state.offset - 1);
	});

	test('has keys to write, edit, go back and stop', () => {
		expect(['enter', 'e', 'b', 'escape'].flatMap(results)).toEqual(['write', 'writeAndEdit', 'back', 'stop']);
	});

	test('shows the values that would change', () => {
		const finding = {
			kind: 'convert',
			table: 'user',
			column: 'zip',
			message: '1 value would change',
			rows: 1,
			totalRows: 2,
			blocking: false,
			destructive: true,
		} as const;
		const text = screenText(
			previewScreen({
				name: 'x',
				canGoBack: false,
				draft: {...draft, findings: [{...finding, samples: [{row: 'id 4', value: '007', becomes: 7}], sql: null, fixes: []}]},
			}),
			{...wide, rows: 40},
		);
		expect(text).toContain("user.zip: 1 value would change\n    │ id 4 '007' → 7");
	});
});

describe('a long preview', () => {
	const look = {columns: 120, rows: 20, isAscii: false};
	const changes = Array.from({length: 300}, (_, index) => ({
		mark: '~' as const,
		label: `table_${index}`,
		strategy: 'instant' as const,
		table: `table_${index}`,
		isDestructive: index === 250,
		reasons: [],
		rows: 0,
		definition: {
			before: [`CREATE TABLE table_${index} (`, '    a TEXT', ')'],
			after: [`CREATE TABLE table_${index} (`, '    a TEXT NOT NULL,', '    b INTEGER', ')'],
		},
		changes: [
			{mark: '~' as const, subject: 'a', text: 'NOT NULL', isDestructive: false},
			{
				mark: index === 250 ? ('-' as const) : ('+' as const),
				subject: index === 250 ? 'gone' : 'b',
				text: index === 250 ? 'drop column' : 'add column',
				isDestructive: index === 250,
			},
		],
	}));
	const long = previewScreen({name: 'long', draft: {...draft, changes}, canGoBack: false});
	const shown = (...pressed: readonly string[]) =>
		screenText(
			long,
			look,
			played(
				long,
				pressed.map((each) => key(each)),
				look,
			).state,
		);

	test('goes table by table, to the next loss, and folds', () => {
		expect(shown(']', ']').split('\n')[3]).toContain('~ table_2');
		expect(shown(']', ']', '[').split('\n')[3]).toContain('~ table_1');
		expect(shown('!').split('\n')[3]).toContain('- gone');
		expect(shown('left')).toContain('~ table_0');
		expect(shown('left')).not.toContain('NOT NULL');
		expect(shown('left', 'right')).toContain('NOT NULL');
	});

	test('shows only objects that contain the filter, and Escape shows all of them again', () => {
		const filtered = shown('/', ...'table_29', 'enter');
		expect(filtered).toContain('~ table_29 ');
		expect(filtered).toContain('~ table_290');
		expect(filtered).not.toContain('table_0');
		expect(shown('/', ...'table_29', 'enter', 'n').split('\n')[3]).toContain('table_290');
		expect(shown('/', ...'table_29', 'escape')).toContain('table_0');
		expect(played(long, [key('/'), key('b'), key('e')], look).results).toEqual([]);
	});

	test('shows the definitions side by side on a wide terminal only', () => {
		const both = shown('tab', 'tab');
		expect(both).toMatch(/CREATE TABLE table_0 \( +│ CREATE TABLE table_0 \(\n +a TEXT +│ +a TEXT NOT NULL,\n +│ +b INTEGER\n/);
		expect(screenText(long, wide, played(long, [key('tab'), key('tab')], wide).state)).toContain('add column');
	});
});
