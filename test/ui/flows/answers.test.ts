import {describe, expect, test} from 'vitest';
import {noDecisions, type Question, type RenameQuestion} from '../../../source/core/diff/question.ts';
import {type AnsweredQuestion, alsoAsked, decisionsOf, nextQuestion} from '../../../source/ui/flows/answers.ts';
import {drop, fill, rename} from '../screens/samples.ts';

const answered = (question: Question, answer: AnsweredQuestion['answer'], keptOpen: readonly string[] = []): AnsweredQuestion => ({
	question,
	answer,
	keptOpen,
});
const {column: _column, ...ofTable} = {...rename, id: 'rename:account', table: 'account', to: 'account', candidates: rename.candidates.slice(0, 1)};

describe('an answer is a decision', () => {
	test.each([
		['a rename of a column', answered(rename, {kind: 'rename', from: 'name'}), {renames: [{table: 'user', column: 'name', to: 'full_name'}]}],
		['a rename of a table', answered(ofTable, {kind: 'rename', from: 'name'}), {renames: [{table: 'name', to: 'account'}]}],
		[
			'a new column, and the old ones are dropped',
			answered(rename, {kind: 'new'}),
			{
				drops: [
					{table: 'user', column: 'name'},
					{table: 'user', column: 'nick'},
				],
			},
		],
		['a new column, while an old one is still asked about', answered(rename, {kind: 'new'}, ['nick']), {drops: [{table: 'user', column: 'name'}]}],
		['a drop', answered(drop, {kind: 'drop'}), {drops: [{table: 'legacy_log'}]}],
		['an ignored table', answered(drop, {kind: 'ignore'}), {ignore: ['legacy_log']}],
		['a fill', answered(fill, {kind: 'fill', expression: "''"}), {fills: [{table: 'user', column: 'email', expression: "''"}]}],
	] as const)('%s', (_name, given, decided) => {
		expect(decisionsOf(noDecisions, [given])).toEqual({...noDecisions, ...decided});
	});

	test('in addition to the decisions of the command line', () => {
		const given = {...noDecisions, drops: [{table: 'a'}]};
		expect(decisionsOf(given, [answered(drop, {kind: 'drop'})]).drops).toEqual([{table: 'a'}, {table: 'legacy_log'}]);
	});
});

describe('two questions about one old name', () => {
	const other: RenameQuestion = {...rename, id: 'rename:user.handle', column: 'handle', to: 'handle', candidates: [rename.candidates[1]!]};

	test('do not drop the name while the other question is open', () => {
		expect(alsoAsked(rename, [rename, other])).toEqual(['nick']);
		expect(alsoAsked(rename, [rename, {...other, table: 'post'}])).toEqual([]);
		expect(alsoAsked(drop, [rename, other])).toEqual([]);
	});

	test('are asked again at the end if they were postponed', () => {
		const putOff = [answered(rename, {kind: 'new'}, ['nick'])];
		expect(nextQuestion([rename, other], putOff).question).toBe(other);
		expect(nextQuestion([rename], putOff)).toEqual({question: rename, open: [rename]});
		expect(nextQuestion([], putOff).question).toBeUndefined();
	});
});
