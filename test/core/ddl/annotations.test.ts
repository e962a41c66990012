import {describe, expect, test} from 'vitest';
import {readTable} from '../../../source/core/ddl/read.ts';

function renames(sql: string): Record<string, string> {
	const table = readTable(sql);
	const found: Record<string, string> = table.renamedFrom === undefined ? {} : {'': table.renamedFrom};
	for (const column of table.columns) if (column.renamedFrom !== undefined) found[column.name] = column.renamedFrom;
	return found;
}

describe('a rename annotation', () => {
	test.each<[string, string, Record<string, string>]>([
		['after a column and its comma', 'CREATE TABLE t (\n  a int, -- @renamed from=b\n  c int\n)', {a: 'b'}],
		['after the last column', 'CREATE TABLE t (\n  a int,\n  c int -- @renamed from=d\n)', {c: 'd'}],
		['inside a definition', 'CREATE TABLE t (a /* @renamed from=b */ int DEFAULT 1, c int)', {a: 'b'}],
		['in a block comment after the comma', 'CREATE TABLE t (\n  a int, /* @renamed from=b */\n  c int)', {a: 'b'}],
		['on its own line above the column', 'CREATE TABLE t (\n  a int,\n  -- @renamed from=d\n  c int)', {c: 'd'}],
		['on its own line below the last column', 'CREATE TABLE t (\n  a int,\n  c int\n  -- @renamed from=d\n)', {c: 'd'}],
		['above the first column', 'CREATE TABLE t (\n  /* @renamed from=b */\n  a int)', {a: 'b'}],
		['after the opening parenthesis', 'CREATE TABLE t ( -- @renamed from=u\n  a int)', {'': 'u'}],
		['after the opening parenthesis in a block comment', 'CREATE TABLE t (/* @renamed from=u */ a int)', {'': 'u'}],
		['after the name of the table', 'CREATE TABLE t -- @renamed from=u\n(\n a int)', {'': 'u'}],
		[
			'with quotes',
			'CREATE TABLE t ( -- @renamed from="the ""u"""\n  a int, -- @renamed from=[b c]\n  d int, -- @renamed from=`e``f`\n g /* @renamed from=\'h\' */)',
			{'': 'the "u"', a: 'b c', d: 'e`f', g: 'h'},
		],
		['with other words around it', 'CREATE TABLE t (a int -- the name, @renamed from=b; see the notes\n)', {a: 'b'}],
		['in another case and with spaces', 'CREATE TABLE t (a int -- @Renamed  FROM = b\n)', {a: 'b'}],
		['after a table constraint: ignored', 'CREATE TABLE t (a int,\n UNIQUE (a) -- @renamed from=b\n)', {}],
		['without a name: ignored', 'CREATE TABLE t (a int -- @renamed from=\n)', {}],
		['in a string: ignored', "CREATE TABLE t (a DEFAULT '-- @renamed from=b')", {}],
	])('%s', (_where, sql, expected) => {
		expect(renames(sql)).toEqual(expected);
	});
});
