import {expect, test} from 'vitest';
import {printFindings} from '../../../source/commands/text/findings-text.ts';
import type {Finding} from '../../../source/core/migrations/finding.ts';
import {collected} from './collected.ts';

const broken: Finding = {
	migration: '1_names',
	kind: 'brokenForeignKey',
	table: 'post',
	column: null,
	message: '1 row has no parent in user already',
	rows: 1,
	totalRows: 1,
	blocking: false,
	destructive: false,
	samples: [{row: 'rowid 3', value: null}],
	sql: 'PRAGMA foreign_key_check("post")',
	fixes: ['they stay unchanged'],
};

function printed(finding: Finding): readonly string[] {
	const {output, lines} = collected();
	printFindings([finding], true, output);
	return lines();
}

test('shows a row with a broken foreign key without an unrelated value', () => {
	expect(printed(broken)).toEqual([
		'! post: 1 row has no parent in user already',
		'  │ rowid 3',
		'  │ find all:  PRAGMA foreign_key_check("post")',
		'  they stay unchanged',
	]);
});

test('shows foreign keys that are already broken on one line each, after more important findings', () => {
	const {output, lines} = collected();
	const dropped: Finding = {
		...broken,
		kind: 'dropTable',
		table: 'old',
		message: 'is dropped; it is empty',
		destructive: true,
		samples: [],
		sql: null,
		fixes: [],
	};
	printFindings([broken, dropped, {...broken, table: 'tag', message: '7 rows have no parent in post already'}], true, output);
	expect(lines()).toEqual([
		'▲ old is dropped; it is empty',
		'',
		'! post: 1 row has no parent in user already',
		'! tag: 7 rows have no parent in post already',
		'  │ find all:  PRAGMA foreign_key_check',
		'  they stay unchanged',
	]);
});

test('shows a row that is deleted by its key', () => {
	expect(
		printed({...broken, kind: 'deleteRows', message: '1 of 2 rows is deleted', destructive: true, sql: 'SELECT * FROM post', fixes: []}),
	).toEqual(['▲ post: 1 of 2 rows is deleted', '  │ rowid 3', '  │ find all:  SELECT * FROM post']);
});

test('shows a NULL value, and the new value after a conversion', () => {
	const samples = [
		{row: 'id 1', value: null},
		{row: 'id 12', value: '007', becomes: 7n},
	];
	expect(printed({...broken, kind: 'convert', column: 'zip', samples}).slice(1, 3)).toEqual(['  │ id 1    NULL', "  │ id 12   '007' → 7"]);
});

test('shows the values of a constraint over several columns, each quoted separately', () => {
	const samples = [{row: 'id 1 · id 2', value: "'x', 'it''s'"}];
	expect(printed({...broken, kind: 'duplicate', samples})[1]).toBe("  │ id 1 · id 2   'x', 'it''s'");
});
