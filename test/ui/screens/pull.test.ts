import {describe, expect, test} from 'vitest';
import {filesToWrite, needsPullConsent, pullConsentScreen, pullScreen} from '../../../source/ui/screens/pull.ts';
import {key, played, tiny, wide} from '../keys/typed.ts';
import {screenText} from '../page/text.ts';
import {pullPreview} from './samples.ts';

const [file] = pullPreview.files;
const there = {...pullPreview, files: [{...file!, exists: true}]};
const same = {...pullPreview, files: [{...file!, exists: true, isSame: true}]};
const withOthers = {...pullPreview, others: ['models/shop.sql', 'models/blog.sql']};

const screenOf = (preview: typeof pullPreview) => pullScreen({preview, formats: ['ts', 'sql', 'drizzle'], shows: 'summary'});
const screen = screenOf(pullPreview);

describe('the preview of pull', () => {
	test('shows the objects found and the files to write', () => {
		expect(screenText(screen, wide)).toBe(
			[
				'Models in TypeScript                                            summary · models',
				'',
				'  + models/schema.ts   new, 13 lines',
				'',
				'  + user     5 columns · 1 index · 1 trigger',
				'  + post     4 columns',
				'  + tag      2 columns',
				'  + search   virtual table, fts5',
				'  + total    view',
				'',
				'  shop/app.db: 3 tables, 1 virtual table, 1 index, 1 view, 1 trigger',
				'',
				'enter write the file   tab models   ↑↓ scroll   f as SQL   esc stop   ? keys',
			].join('\n'),
		);
	});

	test('marks files that would be overwritten, files that stay, and limitations of the format', () => {
		const text = screenText(screenOf({...there, others: ['models/shop.sql'], notes: ['not supported by Drizzle: user: STRICT']}), wide);
		expect(text).toContain('  ▲ models/schema.ts   already exists and would be overwritten with 13 lines');
		expect(text).toContain('  ! another model file stays in the folder; tables defined in both would be\n    duplicates\n      models/shop.sql');
		expect(text).toContain('  ! not supported by Drizzle: user: STRICT');
		expect(screenText(screenOf(withOthers), wide)).toContain('! 2 other model files stay in the folder');
	});

	test('switches to the text of the models and back with Tab', () => {
		const {state} = played(screen, [key('tab')]);
		expect(screenText(screen, wide, state)).toContain("  export const user = table('user', {\n      id: integer().primaryKey(),");
		expect(screenText(screen, wide, played(screen, [key('tab'), key('tab')]).state)).toContain('5 columns');
	});

	test('names each of several files above its text', () => {
		const files = [file!, {...file!, name: 'views.sql', path: 'models/views.sql', text: 'CREATE VIRTUAL TABLE search USING fts5(title);\n'}];
		const both = screenOf({...pullPreview, files});
		expect(screenText(both, wide)).toContain('enter write 2 files');
		expect(screenText(both, {...wide, rows: 60}, played(both, [key('tab')]).state)).toMatch(
			/^ {2}models\/schema\.ts\n\n {2}import[\s\S]*^ {2}models\/views\.sql\n\n {2}CREATE VIRTUAL/m,
		);
	});

	test.each(['summary', 'models'] as const)('scrolls through all of the %s if it does not fit', (shows) => {
		const small = pullScreen({preview: pullPreview, formats: ['ts'], shows});
		const seen = new Set<string>();
		let state = small.initial(0);
		for (let step = 0; step < 40; step++) {
			for (const row of screenText(small, tiny, state).split('\n')) seen.add(row.trim());
			state = small.reduce(state, key('down'), tiny).state;
		}
		const expected =
			shows === 'summary' ? ['+ user', '5 columns · 1 index · 1 trigger', '+ total  view'] : ["export const tag = table('tag', {", '});'];
		for (const row of expected) expect([...seen]).toContain(row);
		expect(screenText(small, tiny, state)).not.toContain('↓');
	});

	test('has keys to write, stop and change the format', () => {
		const results = (name: string) => played(screen, [key(name)]).results;
		expect(['enter', 'escape', 'f'].flatMap(results)).toEqual(['write', 'stop', {format: 'sql', shows: 'summary'}]);
		expect(played(screen, [key('tab'), key('f')]).results).toEqual([{format: 'sql', shows: 'models'}]);
		const alone = pullScreen({preview: pullPreview, formats: ['ts'], shows: 'summary'});
		expect(played(alone, [key('f')]).results).toEqual([]);
		expect(screenText(alone, wide)).not.toContain('f as');
	});

	test('escapes control characters in names and models', () => {
		const evil = 'log\u001b[2J\u0007\u202e';
		const preview = {
			...pullPreview,
			objects: [{name: `${evil}\nx`, about: [evil]}],
			notes: [evil],
			others: [evil],
			files: [{...file!, exists: true, text: `-- ${evil}\n`}],
		};
		const shown = [screenText(screenOf(preview), wide), screenText(screenOf(preview), wide, played(screenOf(preview), [key('tab')]).state)];
		for (const text of [...shown, screenText(pullConsentScreen(preview), wide)]) {
			expect(text).toContain('log\\x1b[2J\\x07\\u202e');
			expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/);
		}
	});
});

describe('consent to writing models', () => {
	test('is needed if a file is replaced or models exist, but not if nothing would change', () => {
		expect([pullPreview, there, withOthers, same, {...same, others: withOthers.others}].map(needsPullConsent)).toEqual([
			false,
			true,
			true,
			false,
			false,
		]);
		expect(filesToWrite(same)).toEqual([]);
		expect(screenText(screenOf(same), wide)).toContain('✔ models/schema.ts   already exists and is the same');
	});

	test('starts on Cancel, and requires the name of the file', () => {
		const consent = pullConsentScreen(there);
		const text = screenText(consent, wide);
		expect(text).toMatch(/^▲ This overwrites models\/schema\.ts\n/);
		expect(text).toContain('❯ Cancel\n  Overwrite   type schema.ts to confirm:');
		expect(played(consent, [key('enter')]).results).toEqual(['cancel']);
		expect(played(consent, [key('escape')]).results).toEqual(['cancel']);
		expect(played(consent, [key('down'), key('enter')]).results).toEqual([]);
		expect(played(consent, [...'schema.ts'].map((letter) => key(letter)).concat(key('enter'))).results).toEqual(['consent']);
	});

	test('lists other models that stay in the folder', () => {
		const text = screenText(pullConsentScreen(withOthers), wide);
		expect(text).toMatch(/^! Models already exist\n/);
		expect(text).toContain('│ + models/schema.ts   new, 13 lines\n│ ! 2 other model files stay in the folder');
		expect(text).toContain('│   models/blog.sql');
	});
});
