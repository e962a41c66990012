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
