import {describe, expect, test} from 'vitest';
import {changedLines, changedScreen, planChanges} from '../../../source/ui/screens/changed.ts';
import {nameToType, reviewScreen, runConsentScreen} from '../../../source/ui/screens/review.ts';
import type {RunPreview} from '../../../source/ui/services.ts';
import {key, played, tiny, wide} from '../keys/typed.ts';
import {screenText} from '../page/text.ts';
import {failing, findings, plan, rehearsal} from './samples.ts';

const lossy = {...plan, findings, needsConsent: true};
const typed = (text: string, at = 1000) => [...text].map((letter) => key(letter, {at}));

describe('the review', () => {
	test('says that nothing breaks, and continues on Enter', () => {
		expect(screenText(reviewScreen(plan), wide)).toContain('✔ nothing breaks, nothing is lost; 80 GB free');
		expect(played(reviewScreen(plan), [key('enter')]).results).toEqual(['go']);
		expect(played(reviewScreen(plan), [key('escape')]).results).toEqual(['stop']);
	});

	test('shows problems with rows, SQL and suggested fixes, and cannot continue', () => {
		const screen = reviewScreen({...plan, findings: [failing]});
		expect(screenText(screen, wide)).toMatch(/✗ events\.uid: 3 duplicate values[^│]*│ id 4 'a-17'.*\n.*SELECT uid.*\n.*→ delete or change/);
		expect(played(screen, [key('enter')]).results).toEqual(['stop']);
	});
});

describe('the review of a rehearsal', () => {
	const tried = {...plan, rehearsal, needsConsent: true};

	test('shows the effects of statements on a copy, losses first, and the plan id', () => {
		const text = screenText(reviewScreen(tried), {...wide, rows: 60});
		expect(text).toContain(
			[
				'    ~ session',
				'        ▲ 1,204 of 88,112 rows are deleted',
				'        by  DELETE FROM session WHERE expires < 1',
				'        │   id 17   id 18',
				'    ~ user',
				'        12,403 values of email change, 0 become NULL',
				'        by  UPDATE user SET email = lower(email)   migrations/names.sql:3',
				"        │   id 4   'Ann@Example.com' → 'ann@example.com'",
			].join('\n'),
		);
		expect(text).toContain('plan 3f9c1a2b · tried on a copy, 800 ms');
		expect(text).not.toContain('nothing is lost');
	});

	test('says that nothing is lost if it was tried and lost nothing', () => {
		const harmless = {...rehearsal, effects: rehearsal.effects.map((event) => ({...event, tables: event.tables.slice(0, 1)}))};
		expect(screenText(reviewScreen({...plan, rehearsal: harmless}), wide)).toContain(
			'✔ nothing breaks, nothing is lost: tried on a copy, 800 ms; 80 GB free',
		);
	});

	test('that failed shows why, and cannot continue', () => {
		const problem = {code: 'database' as const, message: 'no such table: nowhere', location: null, details: [], hint: 'create it first'};
		const screen = reviewScreen({...plan, id: null, rehearsal: {...rehearsal, effects: [], problem}});
		expect(screenText(screen, wide)).toMatch(/✗ The upgrade failed on a private copy\.[\s\S]*no such table: nowhere[\s\S]*create it first/);
		expect(screenText(screen, wide)).not.toContain('nothing is lost');
		expect(played(screen, [key('enter')]).results).toEqual(['stop']);
	});

	test('leads to a consent that lists deleted rows and requires the name of the table that loses most', () => {
		const text = screenText(runConsentScreen(tried), wide);
		expect(text).toContain('▲ This upgrade loses data');
		expect(text).toContain('│ - session: 1,204 of 88,112 rows are deleted\n│   id 17   id 18');
		expect(text).not.toContain('Ann@Example.com');
		expect(nameToType(tried)).toBe('session');
		expect(nameToType({...tried, findings})).toBe('legacy_log');
	});
});

describe('a screen that is shown again because something changed', () => {
	const again = (now: number) => {
		const screen = changedScreen(reviewScreen(plan), changedLines('app.db', ['r3 was undone by another process']));
		return {...screen, initial: () => screen.initial(now)};
	};

	test('shows the changes above the new plan', () => {
		expect(screenText(again(0), wide)).toMatch(
			/^Upgrade shop\/app\.db .*\n\n! app\.db changed since you looked\n {4}r3 was undone by another process\n/,
		);
	});

	test('ignores an Enter that was meant for the old plan, but not a later one', () => {
		expect(played(again(1000), [key('enter', {at: 1000}), key('enter', {at: 1599})]).results).toEqual([]);
		expect(played(again(1000), [key('enter', {at: 1100}), key('enter', {at: 1600})]).results).toEqual(['go']);
		expect(played(again(1000), [key('escape', {at: 1001})]).results).toEqual(['stop']);
	});

	test('ignores letters of a name that were typed ahead', () => {
		const screen = changedScreen(runConsentScreen(lossy), []);
		const early = {...screen, initial: () => screen.initial(1000)};
		expect(played(early, [...typed('legacy_log', 1300), key('enter', {at: 1400}), key('enter', {at: 1700})]).results).toEqual(['cancel']);
	});

	test.each<[string, Partial<RunPreview>, string]>([
		['other migrations', {migrations: []}, 'the new plan applies nothing; the old one: 20261122_175200_names'],
		['another newest migration', {from: '0008'}, 'the newest applied migration is now 0008; it was 0007_add_orders'],
		['other losses', {findings}, 'different rows or values would be lost'],
		['nothing that is shown', {}, 'the new plan applies the same migrations, but files, schema or rows have changed'],
	])('names %s', (_, changes, fact) => {
		expect(planChanges(plan, {...plan, ...changes})).toContain(fact);
	});
});

describe('consent', () => {
	test('shows what is lost and where the backup goes, with Cancel first', () => {
		expect(screenText(runConsentScreen(lossy), wide)).toBe(
			[
				'▲ This upgrade loses data',
				'',
				'shop/app.db   0007_add_orders → 20261122_175300_events',
				'',
				'│ - legacy_log is dropped with 880,112 rows',
				'│ - user.nick is dropped with 8,120 values',
				'│ ~ user.zip: 3 values would change: TEXT → INTEGER',
				"│   id 4 '007' → 7   id 9 '1e3' → 1000   …",
				'│ ✔ backup first: backups/ (12.4 MB)',
				'',
				'❯ Cancel',
				'  Upgrade   type legacy_log to confirm:',
				'',
				'↑↓ move   enter cancel   pgup/pgdn scroll   esc cancel',
			].join('\n'),
		);
	});

	test('keeps the backup line in view, regardless of the number of losses', () => {
		const many = Array.from({length: 60}, (_, index) => ({...findings[0]!, table: `table_${index}`}));
		for (const look of [wide, tiny]) {
			expect(screenText(runConsentScreen({...lossy, findings: many}), look)).toMatch(/↓ \d+ more\n│ ✔ backup first: backups\//);
			expect(screenText(runConsentScreen({...lossy, findings: many, backup: null}), look)).toMatch(/more\n│ ! no backup is taken first/);
		}
	});

	test('keeps the input in view for any name and terminal size, and the rest can be reached', () => {
		const long = {...findings[0]!, table: `${'x'.repeat(150)}_end`};
		const screen = runConsentScreen({...lossy, findings: Array.from({length: 9}, () => long)});
		for (const look of [tiny, {columns: 40, rows: 10, isAscii: false}]) {
			const {state} = played(screen, typed('xx'), look);
			expect(screenText(screen, look, state)).toContain('xx▏');
			const up = played(screen, [...typed('xx'), ...Array.from({length: 40}, () => key('pageUp', {at: 2000}))], look);
			expect(screenText(screen, look, up.state)).toContain('shop/app.db');
			expect(screenText(screen, look, screen.reduce(up.state, key('x', {at: 3000}), look).state)).toContain('xxx▏');
		}
	});

	test('shows rows that a DELETE removes by their keys', () => {
		const [first] = findings;
		const samples = [
			{row: 'id 2', value: null},
			{row: 'id 3', value: null},
		];
		const deleted = {...first!, kind: 'deleteRows' as const, table: 'session', message: '3 of 4 rows are deleted', rows: 3, totalRows: 4, samples};
		const screen = runConsentScreen({...lossy, findings: [deleted]});
		expect(screenText(screen, wide)).toContain('│ - session: 3 of 4 rows are deleted\n│   id 2   id 3   …\n');
		expect(nameToType({...lossy, findings: [deleted]})).toBe('session');
	});

	test('is given by typing the name of the largest loss', () => {
		expect(played(runConsentScreen(lossy), [key('enter')]).results).toEqual(['cancel']);
		expect(played(runConsentScreen(lossy), [...typed('legacy_log'), key('enter')]).results).toEqual(['consent']);
		expect(nameToType({...lossy, findings: findings.slice(1)})).toBe('user.nick');
		expect(nameToType({...lossy, findings: []})).toBe('app.db');
		expect(nameToType({...lossy, findings: [{...findings[0]!, table: 'empty', rows: 0}, findings[1]!]})).toBe('user.nick');
	});

	test('ignores keys in the first 50 ms', () => {
		const screen = runConsentScreen(lossy);
		const early = {...screen, initial: () => screen.initial(1000)};
		expect(played(early, [...typed('legacy_log', 1020), key('enter', {at: 1049})]).results).toEqual([]);
	});

	test('can be scrolled to its end if it does not fit', () => {
		const screen = runConsentScreen(lossy);
		const {state} = played(screen, [key('pageDown'), key('pageDown'), key('pageDown')], tiny);
		expect(screenText(screen, tiny, state)).toContain('backup first');
		expect(screenText(screen, tiny, state)).toContain('❯ Cancel');
	});

	test('says if no backup is taken', () => {
		expect(screenText(runConsentScreen({...lossy, backup: null}), wide)).toContain('! no backup is taken first');
	});
});
