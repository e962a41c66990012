import {describe, expect, test} from 'vitest';
import {dropFrom, fillFrom, renameFrom} from '../../source/commands/decisions.ts';
import {dropFlag, fillFlag, renameFlag} from '../../source/core/diff/flags.ts';
import {joinDecisions} from '../../source/core/diff/join-decisions.ts';
import {noDecisions} from '../../source/core/diff/question.ts';

describe('reading decisions', () => {
	test('reads tables and columns', () => {
		expect(renameFrom('user.name=full_name', '--rename')).toEqual({table: 'user', column: 'name', to: 'full_name'});
		expect(renameFrom('user=account', '--rename')).toEqual({table: 'user', to: 'account'});
		expect(dropFrom('user.age', '--drop')).toEqual({table: 'user', column: 'age'});
		expect(dropFrom('user', '--drop')).toEqual({table: 'user'});
		expect(fillFrom("user.email=lower(name) || '=x'", '--fill')).toEqual({table: 'user', column: 'email', expression: "lower(name) || '=x'"});
	});

	test('reads a rename that repeats the table', () => {
		expect(renameFrom('user.name=User.full_name', '--rename')).toEqual({table: 'user', column: 'name', to: 'full_name'});
	});

	test('reads names with dots, spaces, quotes, equals signs and emoji', () => {
		expect(renameFrom('"my.table"."a=b"="say ""hi"""', '--rename')).toEqual({table: 'my.table', column: 'a=b', to: 'say "hi"'});
		expect(renameFrom('my table.der Name=🎉', '--rename')).toEqual({table: 'my table', column: 'der Name', to: '🎉'});
		expect(dropFrom('"a.b"', '--drop')).toEqual({table: 'a.b'});
		expect(fillFrom('"x=y".z=1', '--fill')).toEqual({table: 'x=y', column: 'z', expression: '1'});
		expect(dropFrom('line\nbreak', '--drop')).toEqual({table: 'line\nbreak'});
	});

	test.each([
		['user.name', /cannot read user\.name/],
		['=x', /cannot read =x/],
		['user.name=', /cannot read/],
		['a.b.c=d', /cannot read the name a\.b\.c/],
		['a..b=d', /cannot read the name a\.\.b/],
		['a.=d', /cannot read the name a\./],
		['a"b=d', /cannot read the name|cannot read/],
		['user.name=other.name', /would move a column to another table/],
		['user=other.name', /would move a column/],
	])('rejects the rename %s', (text, message) => {
		expect(() => renameFrom(text, '--rename')).toThrow(expect.objectContaining({code: 'usage', message: expect.stringMatching(message)}));
	});

	test('rejects a fill that is not a complete expression, and accepts quotes and parentheses in strings', () => {
		const message = (text: string) => () => fillFrom(`user.email=${text}`, '--fill');
		expect(message('(SELECT name')).toThrow(
			expect.objectContaining({code: 'usage', message: '--fill user.email: an unclosed parenthesis in (SELECT name'}),
		);
		expect(message('name) || (1')).toThrow('an extra closing parenthesis');
		expect(message('1; DROP TABLE user')).toThrow('a semicolon');
		expect(message("'x' -- so")).toThrow('a comment');
		expect(message('?1')).toThrow('the parameter ?1');
		expect(message("'x")).toThrow(expect.objectContaining({code: 'usage'}));
		expect(message('\'(;--\' || "a)" /* why */ || (1)')().expression).toBe('\'(;--\' || "a)" /* why */ || (1)');
	});

	test('rejects a fill without a column', () => {
		expect(() => fillFrom('user=1', '--fill')).toThrow(expect.objectContaining({code: 'usage', message: '--fill: user has no column name'}));
	});

	const names = [
		'user',
		'my table',
		'a.b',
		'a=b',
		'say "hi"',
		"it's",
		'🎉',
		'"',
		'.',
		'größe',
		'$(rm)',
		'a\\b',
		'-x',
		'*',
		' edge ',
		'line\nbreak',
		"it's\u001b[2J\\",
		'\u202e\u{e0041}',
	];

	test('reads back every flag that a question prints, for any name', () => {
		for (const table of names) {
			expect(dropFrom(shellWord(dropFlag(table)), '--drop')).toEqual({table});
			for (const column of names) {
				expect(dropFrom(shellWord(dropFlag(table, column)), '--drop')).toEqual({table, column});
				expect(renameFrom(shellWord(renameFlag(table, column, 'to.x')), '--rename')).toEqual({table, column, to: 'to.x'});
				expect(fillFrom(shellWord(fillFlag(table, column, 'lower(a)')), '--fill')).toEqual({table, column, expression: 'lower(a)'});
			}
		}
	});
});

test('joins decisions of several sources', () => {
	const a = {...noDecisions, drops: [{table: 'a'}], noRenames: true};
	const b = {...noDecisions, drops: [{table: 'b'}], ignore: ['x'], allowDrops: true};
	expect(joinDecisions(a, b)).toEqual({
		renames: [],
		drops: [{table: 'a'}, {table: 'b'}],
		fills: [],
		ignore: ['x'],
		noRenames: true,
		allowDrops: true,
	});
});

test('a decision that is given twice counts once', () => {
	const said = {...noDecisions, renames: [{table: 'user', column: 'name', to: 'full_name'}], drops: [{table: 'a'}, {table: 'A'}]};
	const again = {...noDecisions, renames: [{table: 'User', column: 'NAME', to: 'full_name'}], fills: [{table: 'a', column: 'b', expression: '1'}]};
	expect(joinDecisions(said, again)).toMatchObject({renames: said.renames, drops: [{table: 'a'}], fills: again.fills});
	expect(joinDecisions(said, {...noDecisions, renames: [{table: 'user', column: 'name', to: 'nick'}]}).renames).toHaveLength(2);
});

/** Returns the value of a printed flag as a shell passes it. */
function shellWord(flag: string): string {
	const written = flag.replace(/^--[a-z]+[ =]/, '');
	return written.replace(/\$'((?:[^'\\]|\\.)*)'|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_, ansi, single, double, escaped) => {
		if (ansi !== undefined) {
			return ansi.replace(/(?:\\x[\da-f]{2})+|\\(.)/g, (bytes: string, plain: string | undefined) =>
				plain !== undefined ? plain : Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString('utf8'),
			);
		}
		return single ?? (double as string | undefined)?.replace(/\\(["\\$`])/g, '$1') ?? escaped;
	});
}
