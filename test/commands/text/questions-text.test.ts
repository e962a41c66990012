import {describe, expect, test} from 'vitest';
import {countsText, printQuestion} from '../../../source/commands/text/questions-text.ts';
import type {Question} from '../../../source/core/diff/question.ts';
import type {Evidence} from '../../../source/core/migrations/draft/evidence.ts';
import {collected} from './collected.ts';

function printed(question: Question, evidence?: Evidence, showsSamples = true): string[] {
	const {output, lines} = collected();
	printQuestion(question, evidence, showsSamples, output);
	return lines();
}

const rename: Question = {
	kind: 'rename',
	id: 'rename:user.full_name',
	table: 'user',
	column: 'full_name',
	to: 'full_name',
	message: 'user.full_name is new and user.name is gone',
	candidates: [{name: 'name', similarity: 0.71, likely: true, evidence: ['names 71% similar', 'TEXT = TEXT', 'NOT NULL = NOT NULL']}],
	flags: ['--rename user.name=full_name', '--drop user.name'],
};

describe('printQuestion', () => {
	test('lists every flag that answers a rename, with evidence from the rows', () => {
		const evidence = {rows: 12403, candidates: [{name: 'name', values: 12403, samples: []}], sql: null};
		expect(printed(rename, evidence)).toEqual([
			'? user.full_name is new and user.name is gone',
			'    renamed      --rename user.name=full_name   (names 71% similar, keeps 12,403 values)',
			'    not renamed  --drop user.name               (drops 12,403 values)',
			'',
		]);
	});

	test('works without a database', () => {
		expect(printed(rename)).toEqual([
			'? user.full_name is new and user.name is gone',
			'    renamed      --rename user.name=full_name   (names 71% similar)',
			'    not renamed  --drop user.name',
			'',
		]);
	});

	test('shows samples, or none', () => {
		const evidence = {rows: 1, candidates: [{name: 'name', values: 1, samples: [{row: 'id 1', about: null, value: 'Ann\u001b[2J'}]}], sql: null};
		expect(printed(rename, evidence)[1]).toContain("such as 'Ann\\x1b[2J'");
		expect(printed(rename, evidence, false)[1]).not.toContain('Ann');
	});

	test('lists the flags that drop or ignore an object', () => {
		const question: Question = {
			kind: 'drop',
			id: 'drop:legacy_log',
			table: 'legacy_log',
			object: 'table',
			message: 'table legacy_log is in the database and not in the models',
			flags: ['--drop legacy_log', '--ignore legacy_log'],
		};
		expect(printed(question, {rows: 880112, candidates: [{name: 'legacy_log', values: 880112, samples: []}], sql: null})).toEqual([
			'? table legacy_log is in the database and not in the models',
			'    drop it    --drop legacy_log     (loses 880,112 rows)',
			'    ignore it  --ignore legacy_log   (lite-migr no longer manages it)',
			'',
		]);
	});

	test('shows the rows that need a fill, and the SQL that finds them all', () => {
		const question: Question = {
			kind: 'fill',
			id: 'fill:user.email',
			table: 'user',
			column: 'email',
			isNew: false,
			message: 'user.email becomes NOT NULL',
			flags: ['--fill user.email="<SQL expression>"'],
		};
		const samples = [17, 90, 91].map((id) => ({row: `id ${id}`, about: `N${id}`, value: null}));
		expect(
			printed(question, {rows: 12403, candidates: [{name: 'email', values: 41, samples}], sql: 'SELECT "id" FROM "user" WHERE "email" IS NULL'}),
		).toEqual([
			'? user.email becomes NOT NULL',
			'    fill  --fill user.email="<SQL expression>"',
			"    41 of 12,403 rows have no value: id 17 ('N17'), id 90 ('N90'), id 91 ('N91') …",
			'    SELECT "id" FROM "user" WHERE "email" IS NULL',
			'',
		]);
	});
});

test('countsText counts changes and questions', () => {
	expect(countsText(3, 1)).toBe('3 changes, 1 question');
	expect(countsText(1, 0)).toBe('1 change');
	expect(countsText(0, 2)).toBe('2 questions');
});
