import {expect, test} from 'vitest';
import {readTable} from '../../../source/core/ddl/read.ts';
import {describeDelta} from '../../../source/core/operations/describe.ts';
import {tableDelta} from '../../../source/core/operations/table-delta.ts';
import {emptySchema} from '../../../source/core/schema/schema.ts';

function changes(before: string, after: string): readonly string[] {
	const state = (definition: string) => {
		const table = readTable(`CREATE TABLE t (${definition})`);
		return {table, schema: {...emptySchema, tables: [table]}};
	};
	const to = state(after);
	return describeDelta(tableDelta(state(before), to), to.table).map(({mark, subject, text}) => `${mark} ${subject}${text === '' ? '' : `  ${text}`}`);
}

test('a CHECK constraint whose texts only get other quotes is one change, which says so', () => {
	expect(changes('a, CHECK (a <> "old")', "a, CHECK (a <> 'old')")).toEqual([
		"~ CHECK (a <> 'old')  only the quotes change: the database has texts in double quotes",
	]);
});

test('a CHECK constraint that compares with a column in double quotes is another rule', () => {
	expect(changes('a, b, CHECK (a <> "b")', "a, b, CHECK (a <> 'b')")).toEqual(['- CHECK (a <> "b")', "+ CHECK (a <> 'b')"]);
	expect(changes('a, CHECK (a <> "old")', "a, CHECK (a <> 'new')")).toEqual(['- CHECK (a <> "old")', "+ CHECK (a <> 'new')"]);
});

test('a key shows everything that can differ: collations, the order and the conflict clause', () => {
	expect(changes('a, b, UNIQUE (a, b)', 'a, b, UNIQUE (a COLLATE NOCASE, b)')).toEqual(['- UNIQUE (a, b)', '+ UNIQUE (a COLLATE NOCASE, b)']);
	expect(changes('a, b, UNIQUE (a, b)', 'a, b, UNIQUE (a, b) ON CONFLICT IGNORE')).toEqual(['- UNIQUE (a, b)', '+ UNIQUE (a, b) ON CONFLICT IGNORE']);
	expect(changes('a, b, PRIMARY KEY (a, b)', 'a, b, PRIMARY KEY (a, b DESC)')).toEqual(['~ PRIMARY KEY  (a, b DESC)']);
	expect(changes('a, b, PRIMARY KEY (a, b)', 'a, b, PRIMARY KEY (a, b) ON CONFLICT REPLACE')).toEqual(['~ PRIMARY KEY  (a, b) ON CONFLICT REPLACE']);
});
