import {describe, expect, test} from 'vitest';
import {type FillProps, fillScreen} from '../../../source/ui/screens/fill.ts';
import {key, played, wide} from '../keys/typed.ts';
import {screenText} from '../page/text.ts';
import {fill, fillEvidence} from './samples.ts';

const props: FillProps = {
	question: fill,
	number: 2,
	total: 2,
	evidence: fillEvidence,
	hidesSamples: false,
	canGoBack: true,
	trial: undefined,
	isConversion: false,
	expression: '',
};
const typed = (text: string) => [...text].map((letter) => key(letter));
const shown = (changed: Partial<FillProps>, text: string): string => {
	const screen = fillScreen({...props, ...changed});
	return screenText(screen, wide, played(screen, typed(text)).state);
};

describe('a fill', () => {
	test('shows rows without a value and the SQL that finds them', () => {
		expect(shown({}, '')).toContain('user.email becomes NOT NULL, and 41 of 12,403 rows have no value.');
		expect(shown({}, '')).toMatch(/id 17 {3}'Ann Lee' {5}NULL\n.*Bob Hart.*\n.*Cleo.*\n {2}… 38 more rows\n {2}SELECT id FROM user/);
	});

	test('accepts typed text, and does nothing without text', () => {
		const result = {isValid: true, nulls: 0, samples: []} as const;
		const screen = fillScreen({...props, trial: {expression: "upper('x')", result}});
		expect(played(screen, [...typed("upper('x')"), key('enter')]).results).toEqual([{kind: 'fill', expression: "upper('x')"}]);
		expect(played(fillScreen(props), [key('enter'), key(' '), key('enter')]).results).toEqual([]);
	});

	test('offers the default in the models, which Enter tries and a second Enter accepts', () => {
		const withDefault = {...props, question: {...fill, default: "'none'"}};
		expect(screenText(fillScreen(withDefault), wide, played(fillScreen(withDefault), []).state)).toContain("'none', the default in the models");
		const tried = played(fillScreen(withDefault), [key('enter')]);
		expect(tried.results).toEqual([]);
		expect(screenText(fillScreen(withDefault), wide, tried.state)).toContain("❯ 'none'");
		const trial = {expression: "'none'", result: {isValid: true, nulls: 0, samples: []} as const};
		expect(played(fillScreen({...withDefault, trial}), [key('enter'), key('enter')]).results).toEqual([{kind: 'fill', expression: "'none'"}]);
	});

	test('shows the new values of the rows for the current expression', () => {
		const result = {isValid: true, nulls: 0, samples: [{row: 'id 17', value: 'X'}]} as const;
		expect(shown({trial: {expression: "'X'", result}}, "'X'")).toContain("✔ id 17 → 'X'");
		expect(shown({trial: {expression: "'X'", result}}, "'XY'")).not.toContain('✔');
	});

	test('says why an expression fails, and which rows stay NULL', () => {
		expect(shown({trial: {expression: 'nam', result: {isValid: false, message: 'no such column: nam'}}}, 'nam')).toContain('✗ no such column: nam');
		expect(shown({trial: {expression: 'nick', result: {isValid: true, nulls: 3, samples: []}}}, 'nick')).toContain('✗ still NULL for 3 rows');
	});

	test('does not accept an expression that SQLite rejects, or that was not tried yet', () => {
		const trial = {expression: 'nam', result: {isValid: false, message: 'no such column: nam', hint: 'use id, name'}, isFinal: true} as const;
		const screen = fillScreen({...props, trial});
		const entered = played(screen, [...typed('nam'), key('enter'), key('enter')]);
		expect(entered.results).toEqual([]);
		expect(screenText(screen, wide, entered.state)).toContain('✗ no such column: nam\n  ! not accepted: use id, name');
		expect(screenText(screen, wide, played(screen, [...typed('nam')]).state)).not.toContain('not accepted');
		expect(played(fillScreen(props), [...typed('name'), key('enter')]).results).toEqual([]);
	});

	test('accepts an expression that leaves NULL in rows only with a second Enter, and a conversion with the first', () => {
		const trial = {expression: 'nick', result: {isValid: true, nulls: 3, samples: []}} as const;
		const screen = fillScreen({...props, trial});
		const once = played(screen, [...typed('nick'), key('enter')]);
		expect(once.results).toEqual([]);
		expect(screenText(screen, wide, once.state)).toMatch(
			/✗ still NULL for 3 rows\s+! the migration would fail on these rows: press enter again to use it anyway[\s\S]*enter accept anyway/,
		);
		const edited = played(screen, [...typed('nick'), key('enter'), key('x'), key('backspace'), key('enter')]);
		expect(edited.results).toEqual([]);
		const accepted = [{kind: 'fill', expression: 'nick'}];
		expect(played(screen, [...typed('nick'), key('enter'), key('enter')]).results).toEqual(accepted);
		expect(played(fillScreen({...props, trial, isConversion: true}), [...typed('nick'), key('enter')]).results).toEqual(accepted);
	});

	test('accepts ? as a letter of the expression', () => {
		expect(fillScreen(props).view(fillScreen(props).initial(0), wide).isTyping).toBe(true);
	});

	test('masks values with Tab', () => {
		const screen = fillScreen(props);
		expect(screenText(screen, wide, played(screen, [key('tab')]).state)).not.toContain('Ann Lee');
	});

	test('asks for a value for every row of a new column', () => {
		expect(shown({question: {...fill, isNew: true}}, '')).toContain('user.email is new and NOT NULL, and 12,403 rows need a value.');
	});
});
