import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {significantTokens, type TokenKind, tokenize, tokenName} from '../../../source/core/ddl/lexer.ts';
import {MigrError} from '../../../source/core/errors.ts';
import {databaseOf} from './referee.ts';

function kinds(sql: string): string {
	return tokenize(sql)
		.filter((token) => token.kind !== 'space')
		.map((token) => `${token.kind}:${token.text}`)
		.join(' ');
}

function failure(sql: string): MigrError {
	try {
		tokenize(sql);
	} catch (error) {
		if (error instanceof MigrError) return error;
		throw error;
	}

	throw new Error(`${JSON.stringify(sql)} was cut into tokens`);
}

describe('tokens', () => {
	test.each<[string, string]>([
		['select a$b, _c, naïve, 名前, 🙂', 'word:select word:a$b operator:, word:_c operator:, word:naïve operator:, word:名前 operator:, word:🙂'],
		['"a""b" `c``d` [e"f] \'g\'\'h\'', 'quotedName:"a""b" quotedName:`c``d` quotedName:[e"f] string:\'g\'\'h\''],
		["x'0aFF' X'' xy x", "blob:x'0aFF' blob:X'' word:xy word:x"],
		[
			'1 1.5 .5 1. 1e3 1E-3 1.5e+10 0xFf 1_000 0x1_f 1.5_5',
			'number:1 number:1.5 number:.5 number:1. number:1e3 number:1E-3 number:1.5e+10 number:0xFf number:1_000 number:0x1_f number:1.5_5',
		],
		['a.b .c', 'word:a operator:. word:b operator:. word:c'],
		['? ?12 :a @b $c $d::e(f) $d::', 'parameter:? parameter:?12 parameter::a parameter:@b parameter:$c parameter:$d::e(f) parameter:$d::'],
		[
			'-> ->> - || | == = <> < <= << >> >= > != ~ & + * / %',
			'operator:-> operator:->> operator:- operator:|| operator:| operator:== operator:= operator:<> operator:< operator:<= operator:<< operator:>> operator:>= operator:> operator:!= operator:~ operator:& operator:+ operator:* operator:/ operator:%',
		],
		['a--b\nc', 'word:a comment:--b word:c'],
		['a/*b*/c/**/d/***/e', 'word:a comment:/*b*/ word:c comment:/**/ word:d comment:/***/ word:e'],
		['a/* never closed', 'word:a comment:/* never closed'],
		['a--', 'word:a comment:--'],
		['a/*', 'word:a operator:/ operator:*'],
		['a;b', 'word:a operator:; word:b'],
		['\uFEFFa', 'word:a'],
		['a\uFEFF', 'word:a\uFEFF'],
		['a\r\nb\tc\fd \ve', 'word:a word:b word:c word:d word:e'],
	])('are split from %j as SQLite splits them', (sql, expected) => {
		expect(kinds(sql)).toBe(expected);
	});

	test.each<[string, number, number]>([
		["select 'abc", 1, 8],
		['a\n  "b', 2, 3],
		['a\r\n`b', 2, 1],
		['[a', 1, 1],
		["x'0'", 1, 1],
		["x'0g'", 1, 1],
		['1a', 1, 1],
		['1_', 1, 1],
		['1__0', 1, 1],
		['0x', 1, 1],
		['a ! b', 1, 3],
		['a \\ b', 1, 3],
		['a ^ b', 1, 3],
		['a { b', 1, 3],
		[':', 1, 1],
		['$ a', 1, 1],
		['$a::b(c d)', 1, 1],
		['a\u0000b', 1, 2],
		['\v', 1, 1],
		['\u007f', 1, 1],
	])('%j is an error with its location', (sql, line, column) => {
		const error = failure(sql);
		expect(error.code).toBe('syntax');
		expect(error.location).toEqual({line, column});
	});

	test('an error counts lines and columns from where the text begins in its file', () => {
		expect(() => tokenize('a\nb !', {file: 'x.sql', line: 10})).toThrow(expect.objectContaining({location: {file: 'x.sql', line: 11, column: 3}}));
	});

	test('a name loses its quotes', () => {
		expect(tokenize('"a""b"`c``d`[e]\'f\'\'g\' h').flatMap((token) => (token.kind === 'space' ? [] : [tokenName(token)]))).toEqual([
			'a"b',
			'c`d',
			'e',
			"f'g",
			'h',
		]);
	});
});

const sqlPieces = fc.constantFrom(
	...`create,table,t,(,),",',\`,[,],--,/*,*/,;,\n,\r\n, ,x'00',x',0x1f,1e5,1_0,.,$a,:b,?1,->>,||,<>,!=,é,🙂,\uFEFF,\v,\t,#,\\,!`.split(','),
	',',
);
const anyText = fc.oneof(
	fc.string({unit: 'binary'}),
	fc.array(sqlPieces, {maxLength: 30}).map((pieces) => pieces.join('')),
);

describe('laws', () => {
	test('every code unit belongs to exactly one token, or there is an error with a location', () => {
		fc.assert(
			fc.property(anyText, (sql) => {
				try {
					const tokens = tokenize(sql);
					let at = 0;
					for (const token of tokens) {
						expect(token.start).toBe(at);
						expect(token.end).toBeGreaterThan(at);
						expect(token.text).toBe(sql.slice(token.start, token.end));
						at = token.end;
					}

					expect(at).toBe(sql.length);
					const insignificant: TokenKind[] = ['space', 'comment'];
					expect(significantTokens(sql).tokens).toEqual(tokens.filter((token) => !insignificant.includes(token.kind)));
					expect(significantTokens(sql).comments).toEqual(tokens.filter((token) => token.kind === 'comment'));
				} catch (error) {
					if (!(error instanceof MigrError)) throw error;
					expect(error.location?.line).toBeGreaterThan(0);
					expect(error.location?.column).toBeGreaterThan(0);
				}
			}),
			{numRuns: 2000},
		);
	});

	test('every text that SQLite can compile can be split into tokens', () => {
		const db = databaseOf('CREATE TABLE t(a)');
		fc.assert(
			fc.property(
				fc.array(fc.oneof(sqlPieces, fc.constantFrom('select', 'a', 'from', 't', '1', ',', '+', "'x'", '"a"')), {maxLength: 12}),
				(pieces) => {
					const sql = `select ${pieces.join(' ')}`;
					try {
						db.prepare(sql);
					} catch {
						return;
					}

					tokenize(sql);
				},
			),
			{numRuns: 3000},
		);
		db.close();
	});
});
