import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {namesIn, readSql, renameColumnIn} from '../../../source/core/ddl/expression.ts';
import {readTable} from '../../../source/core/ddl/read.ts';
import {quoted} from '../../../source/core/schema/identifiers.ts';
import {databaseOf, schemaRows} from './referee.ts';

describe('the normal form of SQL', () => {
	test.each<[string, ...string[]]>([
		['a>0', 'A > 0', '( a > 0 )', '((A/* c */>\n-- d\n0))', '"a" > 0', '`A`>0', '[a] >0'],
		["a!='x'", "a <> 'x'", "a != 'x'"],
		['a=1', 'a == 1', 'a = 1'],
		['"select"+"a b"', '"SELECT" + "A b"', '[select]+`a b`'],
		['lower(a)||upper(b)', 'LOWER( a ) || Upper ("b")'],
		['"true"', '[TRUE]'],
		['key', '"KEY"', 'Key'],
		['- -1', '-/**/-1', '- - 1'],
		["x'ab'", "X'AB'"],
		["x 'ab'", "x/**/'ab'"],
		['1000+0xff+1e3', '1_000+0XFF+1E3'],
		['(a)>(b)', '((a) > (b))'],
		['"Ä"', '"Ä"'],
	])('%s', (normal, ...texts) => {
		for (const text of texts) expect(readSql(text).normal).toBe(normal);
	});

	test('distinguishes texts with different meanings', () => {
		for (const [a, b] of [
			["'x'", '"x"'],
			["'x'", "'X'"],
			['"true"', 'true'],
			['"null"', 'null'],
			['"current_date"', 'current_date'],
			['a b', 'ab'],
			['(a)+(b)', 'a)+(b'],
			['1 .5', '1.5'],
			['a.b', 'a b'],
			['"a.b"', 'a.b'],
			['< >', '<>'],
			['Ä', 'ä'],
		] as const) {
			expect(readSql(a).normal).not.toBe(readSql(b).normal);
		}
	});

	test('keeps the text, without parentheses around the whole', () => {
		expect(readSql(' (( a /* c */ > 1 )) ').text).toBe('a /* c */ > 1');
		expect(readSql('(a) + (b)').text).toBe('(a) + (b)');
		expect(readSql('')).toEqual({text: '', normal: ''});
	});

	test('is the same regardless of spacing and case', () => {
		const token = fc.constantFrom(
			'a',
			'"B"',
			'(',
			')',
			'+',
			'-',
			'||',
			"'x y'",
			'1.5',
			'lower',
			',',
			'.',
			'=',
			'IS',
			'NOT',
			'NULL',
			'"a b"',
			'->',
			"x'00'",
			'?1',
		);
		const space = fc.constantFrom(' ', '\n', '/**/', ' -- c\n');
		fc.assert(
			fc.property(fc.array(fc.tuple(token, space, space, fc.boolean()), {maxLength: 12}), (parts) => {
				const one = parts.map(([text, before]) => before + text).join('');
				const two = parts.map(([text, , before, lower]) => before + (lower && /^\w+$/.test(text) ? text.toLowerCase() : text)).join('');
				expect(readSql(two).normal).toBe(readSql(one).normal);
				expect(readSql(readSql(one).normal).normal).toBe(readSql(one).normal);
			}),
			{numRuns: 500},
		);
	});
});

test('namesIn returns every possible name of a table or column, in lower case', () => {
	expect(namesIn(`SELECT "U 1".Id, lower([x]), 'text', key FROM 'Quoted', b JOIN \`c\` ON 1 WHERE x = 'no' AND y IN ('k') -- z`)).toEqual([
		'u 1',
		'id',
		'lower',
		'x',
		'text',
		'key',
		'quoted',
		'b',
		'c',
		'y',
		'k',
	]);
});

describe('renaming a column in an expression', () => {
	test.each<[string, string, string, string]>([
		['a > 0 AND "A" < [a] + `a`', 'a', 'b', 'b > 0 AND b < b + b'],
		["a <> 'a' /* a */ AND x.a", 'a', 'b', "b <> 'a' /* a */ AND x.a"],
		['t.a + "T".a + main.t.a', 'a', 'b', 't.b + "T".b + main.t.b'],
		['a(a) COLLATE a', 'a', 'b', 'a(b) COLLATE a'],
		['CAST(text AS text) || cast(1 + (text) as text(2))', 'text', 'b c', 'CAST("b c" AS text) || cast(1 + ("b c") as text(2))'],
		['CASE "end" WHEN end THEN end ELSE end END', 'end', 'x', 'CASE x WHEN x THEN x ELSE x END'],
		['CASE WHEN like LIKE like THEN 1 END', 'like', 'x', 'CASE WHEN x LIKE x THEN 1 END'],
		['key NOT LIKE glob AND NOT glob IS NOT glob', 'glob', 'x', 'key NOT LIKE x AND NOT x IS NOT x'],
		['a BETWEEN a AND a OR a IN (a, b) OR a NOT NULL', 'a', 'z', 'z BETWEEN z AND z OR z IN (z, b) OR z NOT NULL'],
		["match MATCH 'match' AND current_date", 'match', 'select', '"select" MATCH \'match\' AND current_date'],
		['a->>a', 'a', 'true', '"true"->>"true"'],
	])('%s: %s → %s', (text, from, to, expected) => {
		expect(renameColumnIn(text, 't', from, to)).toBe(expected);
	});

	const columns = ['a', 'end', 'like', 'text', 'key', 'b c'];
	const column = fc.constantFrom(...columns);
	const reference = fc.tuple(column, fc.boolean(), fc.boolean()).map(([name, isQuoted, isQualified]) => {
		const text = isQuoted || name.includes(' ') ? quoted(name) : name;
		return isQualified ? `t.${text}` : text;
	});
	const {expression} = fc.letrec<{expression: string}>((tie) => ({
		expression: fc.oneof(
			{maxDepth: 4, depthSize: 'small'},
			reference,
			fc.constantFrom("'a'", '1', 'NULL', "x'00'"),
			fc
				.tuple(tie('expression'), fc.constantFrom('+', '||', '>', 'AND', 'LIKE', 'NOT LIKE', 'IS NOT', 'GLOB', '<>', '->>'), tie('expression'))
				.map(([a, o, b]) => `(${a} ${o} ${b})`),
			tie('expression').map((a) => `lower(${a})`),
			tie('expression').map((a) => `CAST(${a} AS text)`),
			tie('expression').map((a) => `(${a}) COLLATE nocase`),
			tie('expression').map((a) => `NOT ${a}`),
			fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `CASE WHEN ${a} THEN ${b} ELSE ${a} END`),
			fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `CASE ${a} WHEN ${b} THEN ${a} END`),
			fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} BETWEEN ${b} AND ${a})`),
			fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} IN (${b}, ${a}))`),
		),
	}));

	test('does what ALTER TABLE … RENAME COLUMN does', () => {
		fc.assert(
			fc.property(expression, column, fc.constantFrom('z', 'z z', 'from', 'end_'), (text, from, to) => {
				const definition = `CREATE TABLE t(${columns.map(quoted).join(', ')}, CHECK (${text}))`;
				let db: ReturnType<typeof databaseOf>;
				try {
					db = databaseOf(definition);
				} catch {
					return;
				}

				db.exec(`ALTER TABLE t RENAME COLUMN ${quoted(from)} TO ${quoted(to)}`);
				const [stored] = schemaRows(db);
				const wanted = readTable(stored?.sql ?? '').checks[0]?.expression.normal;
				const check = readTable(definition).checks[0]?.expression.text ?? '';
				expect(readSql(renameColumnIn(check, 't', from, to)).normal).toBe(wanted);
				db.close();
			}),
			{numRuns: 400},
		);
	});
});
