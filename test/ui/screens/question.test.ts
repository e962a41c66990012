import {describe, expect, test} from 'vitest';
import {type Answer, type QuestionProps, questionScreen} from '../../../source/ui/screens/question.ts';
import {key, played, wide} from '../keys/typed.ts';
import {screenText} from '../page/text.ts';
import {drop, dropEvidence, rename, renameEvidence} from './samples.ts';

const props: QuestionProps = {
	question: rename,
	number: 1,
	total: 2,
	evidence: renameEvidence,
	alsoAsked: [],
	hidesSamples: false,
	canGoBack: true,
	alike: () => 0,
};
const answers = (names: readonly string[], changed: Partial<QuestionProps> = {}) =>
	played(
		questionScreen({...props, ...changed}),
		names.map((name) => key(name)),
	).results.map(({answer}) => answer);
const shown = (changed: Partial<QuestionProps> = {}, names: readonly string[] = []): string => {
	const screen = questionScreen({...props, ...changed});
	return screenText(
		screen,
		wide,
		played(
			screen,
			names.map((name) => key(name)),
		).state,
	);
};

describe('a rename', () => {
	test('shows each answer with its evidence', () => {
		expect(shown()).toBe(
			[
				'Create a migration                                               question 1 of 2',
				'',
				'user.full_name is new and user.name and user.nick are gone. What happened?',
				'',
				'❯ ~ name → full_name   renamed; keeps 12,403 values   likely',
				'      names 71% similar · TEXT = TEXT · NOT NULL = NOT NULL ·',
				'      index user_name follows',
				"      'Ann Lee' · 'Bob Hart' · 'Cleo Diaz' …",
				'  ~ nick → full_name   renamed; keeps 8,120 values',
				'      names 31% similar · TEXT = TEXT · NULL → NOT NULL',
				"      'annie' · 'bobby' …",
				'  + full_name          a new column',
				'      ▲ name and its 12,403 values are dropped',
				'      ▲ nick and its 8,120 values are dropped',
				'  ? decide later       stop here, write nothing',
				'',
				'↑↓ move   enter choose   v more samples   m mask   b back   esc stop   ? keys',
			].join('\n'),
		);
	});

	test('preselects a likely answer, and nothing if scores are close', () => {
		expect(answers(['enter'])).toEqual([{kind: 'rename', from: 'name'}]);
		const close = {...rename, candidates: rename.candidates.map((candidate) => ({...candidate, likely: false}))};
		expect(answers(['enter'], {question: close})).toEqual([]);
		expect(answers(['down', 'enter'], {question: close})).toEqual([{kind: 'rename', from: 'name'}]);
		expect(shown({question: close})).not.toContain('❯');
		expect(shown({question: close}, ['enter'])).toContain('! nothing is selected: choose an entry with ↑ or ↓, then press enter');
		expect(shown({question: close}, ['enter', 'down'])).not.toContain('nothing is selected');
	});

	test('offers the same answer for others only if the selected answer fits them', () => {
		const alike = (answer: Answer) => (answer.kind === 'rename' && answer.from === 'name' ? 24 : 0);
		expect(shown({alike})).toContain('a same for 24 more');
		expect(shown({alike}, ['down'])).not.toContain('same for');
		const screen = questionScreen({...props, alike});
		expect(played(screen, [key('a')]).results).toEqual([{answer: {kind: 'rename', from: 'name'}, isForAll: true}]);
		expect(played(screen, [key('down'), key('a')]).results).toEqual([]);
	});

	test('starts on the previous answer', () => {
		expect(answers(['enter'], {before: {kind: 'rename', from: 'nick'}})).toEqual([{kind: 'rename', from: 'nick'}]);
		expect(answers(['enter'], {before: {kind: 'new'}})).toEqual([{kind: 'new'}]);
		expect(answers(['enter'], {question: drop, evidence: dropEvidence, before: {kind: 'drop'}})).toEqual([{kind: 'drop'}]);
	});

	test('lists the largest of many dropped candidates, and the others in one row', () => {
		const many = Array.from({length: 300}, (_, index) => ({name: `c${index}`, similarity: 0.4, likely: false, evidence: []}));
		const evidence = {rows: 10, candidates: many.map(({name}, index) => ({name, values: index % 10, samples: []})), sql: null};
		const text = shown({question: {...rename, candidates: many}, evidence}, ['up', 'up']);
		expect(text).toMatch(/❯ \+ full_name +a new column\n +▲ c9 and its 9 values are dropped\n/);
		expect(text).toMatch(/▲ c49 and its 9 values are dropped\n +▲ 295 others and their 1,305 values are dropped\n {2}\? decide later/);
	});

	test('returns the answer of the chosen entry', () => {
		expect(answers(['down', 'enter'])).toEqual([{kind: 'rename', from: 'nick'}]);
		expect(answers(['down', 'down', 'enter'])).toEqual([{kind: 'new'}]);
		expect(answers(['end', 'enter'])).toEqual([{kind: 'later'}]);
		expect(answers(['b'])).toEqual([{kind: 'back'}]);
		expect(answers(['b'], {canGoBack: false})).toEqual([]);
		expect(answers(['escape'])).toEqual([{kind: 'later'}]);
	});

	test('does not list a name as dropped while another question is about it', () => {
		expect(shown({alsoAsked: ['nick']})).toContain('? nick is asked about next');
		expect(shown({alsoAsked: ['nick']})).not.toContain('8,120 values are dropped');
	});

	test('shows more samples, and masks them', () => {
		expect(shown({}, ['v'])).toContain("'Dee Fox' · 'Eve Gil'");
		expect(shown({}, ['m'])).not.toMatch(/Ann|annie/);
		expect(shown({hidesSamples: true})).not.toMatch(/Ann|annie/);
		expect(shown({hidesSamples: true}, ['m'])).toContain('Ann Lee');
	});

	test('can be answered while the rows are still being counted', () => {
		expect(shown({evidence: undefined})).toContain('renamed; counting');
		expect(answers(['enter'], {evidence: undefined})).toEqual([{kind: 'rename', from: 'name'}]);
	});

	test('does not mention values without a database', () => {
		expect(shown({evidence: {rows: null, candidates: [], sql: null}})).not.toMatch(/keeps|values/);
	});
});

describe('a drop', () => {
	const dropped = {question: drop, evidence: dropEvidence};

	test('shows what is lost, and preselects nothing', () => {
		expect(shown(dropped)).toContain('- drop legacy_log   ▲ loses 880,112 rows');
		expect(answers(['enter'], dropped)).toEqual([]);
		expect(answers(['down', 'enter'], dropped)).toEqual([{kind: 'drop'}]);
		expect(answers(['down', 'down', 'enter'], dropped)).toEqual([{kind: 'ignore'}]);
	});

	test('does not offer to ignore a column', () => {
		const column = {...drop, id: 'drop:user.age', table: 'user', column: 'age', object: 'column'} as const;
		expect(shown({question: column, evidence: undefined})).not.toContain('ignore');
	});
});
