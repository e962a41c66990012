import {expect, test} from 'vitest';
import {definitionLines} from '../../../source/core/ddl/definition-lines.ts';

test('a table has one line per column and constraint', () => {
	expect(definitionLines("CREATE TABLE t (id INTEGER PRIMARY KEY, a DECIMAL(10, 2) DEFAULT ('(,'),\n  CHECK (a > 0)) STRICT")).toEqual([
		'CREATE TABLE t (',
		'    id INTEGER PRIMARY KEY,',
		"    a DECIMAL(10, 2) DEFAULT ('(,'),",
		'    CHECK (a > 0)',
		') STRICT',
	]);
});

test('a comment to the end of a line ends the line', () => {
	expect(definitionLines('CREATE TABLE t (a, -- first\nb)')).toEqual(['CREATE TABLE t (', '    a,', '    -- first', '    b', ')']);
});

test('other statements keep their lines', () => {
	expect(definitionLines('CREATE VIEW v AS\n\tSELECT 1')).toEqual(['CREATE VIEW v AS', '    SELECT 1']);
});
