import {describe, expect, test} from 'vitest';
import {answersFromText, readAnswers} from '../../source/commands/answers-file.ts';

describe('answers file', () => {
	test('reads lists of flag values', () => {
		const text = `
rename = ["user.name=full_name", "user=account"]
drop = ["user.age", '"my.table"']
fill = ["user.email=lower(name)"]
ignore = ["legacy_*"]
no_renames = true
allow_drops = false
`;
		expect(answersFromText(text, 'a.toml')).toEqual({
			renames: [
				{table: 'user', column: 'name', to: 'full_name'},
				{table: 'user', to: 'account'},
			],
			drops: [{table: 'user', column: 'age'}, {table: 'my.table'}],
			fills: [{table: 'user', column: 'email', expression: 'lower(name)'}],
			ignore: ['legacy_*'],
			noRenames: true,
			allowDrops: false,
		});
	});

	test('reads tables of renames and fills', () => {
		const text = `
[rename]
"user.name" = "full_name"
user.nick = "alias"
post = "article"
[fill.user]
email = "lower(name)"
"odd.column" = "1"
`;
		const answers = answersFromText(text, 'a.toml');
		expect(answers.renames).toEqual([
			{table: 'user', column: 'name', to: 'full_name'},
			{table: 'user', column: 'nick', to: 'alias'},
			{table: 'post', to: 'article'},
		]);
		expect(answers.fills).toEqual([
			{table: 'user', column: 'email', expression: 'lower(name)'},
			{table: 'user', column: 'odd.column', expression: '1'},
		]);
	});

	test.each([
		['drop = ["a"]\n\nrenam = []', 'unknown key renam', 'did you mean rename?', 3],
		['drop = "a"', 'drop must be a list of names, such as ["user.age"]', undefined, 1],
		['no_renames = 1', 'no_renames must be true or false', undefined, 1],
		['rename = 3', 'rename must be a list or a table', undefined, 1],
		['\nrename = ["a"]', 'rename: cannot read a', 'write rename TABLE.OLD=NEW', 2],
		['[fill.a]\nb = 1', 'fill: a.b must be a string', undefined, 2],
		[
			'[fill.a]\nb = "1"\n\n[fill.c]\n# as it was\nd = "lower("',
			'fill c.d: an unclosed parenthesis in lower(',
			'pass an SQL expression over the old row',
			6,
		],
		['drop = []\nrename.a.b = "c"\nrename.a.d = 1', 'rename: a.d must be a string', undefined, 3],
	])('names the line of %j', (text, message, hint, line) => {
		expect(() => answersFromText(text, 'a.toml')).toThrow(expect.objectContaining({code: 'usage', message, hint, location: {file: 'a.toml', line}}));
	});

	test('reports where the TOML is invalid, and that a file is missing', () => {
		expect(() => answersFromText('drop = [', 'a.toml')).toThrow(
			expect.objectContaining({code: 'usage', location: expect.objectContaining({line: 1})}),
		);
		expect(() => readAnswers('/nowhere/answers.toml')).toThrow(expect.objectContaining({code: 'usage', location: {file: '/nowhere/answers.toml'}}));
	});
});
