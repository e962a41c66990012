import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const database = `CREATE TABLE user (id INTEGER PRIMARY KEY, zip TEXT);
	INSERT INTO user VALUES (1, '007'), (2, '1e3'), (3, 'abc'), (4, '42'), (5, NULL), (6, x'01'), (7, ' 5');`;
const unchanged = ["1 | text '007'", "2 | text '1e3'", "3 | text 'abc'", "4 | text '42'", '5 | null NULL', "6 | blob X'01'", "7 | text ' 5'"].map(
	(row) => `integer ${row}`,
);

describe.each(formats)('pitfall 8: TEXT becomes INTEGER, in a .%s migration', (format) => {
	test('shows the values that would change and those that do not fit, and needs consent', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, zip INTEGER);', format);
		await project.create();
		const {last, findings} = await project.upgrade();
		expect(last).toMatchObject({type: 'failed', code: 'answerNeeded'});
		expect(project.rows('user', 'id, zip')).toEqual(unchanged);
		if (format === 'sql') {
			// Statements are measured when they have run.
			expect(last).toMatchObject({
				tables: [
					{
						table: 'user',
						rowsGone: 0,
						columns: [{column: 'zip', valuesGone: 0, valuesConverted: 3}],
						samples: [
							{row: 'id 1', before: '007', after: 7},
							{row: 'id 2', before: '1e3', after: 1000},
							{row: 'id 7', before: ' 5', after: 5},
						],
					},
				],
			});
			return;
		}
		const convert = findings.find(({kind}) => kind === 'convert');
		expect(convert).toMatchObject({table: 'user', column: 'zip', rows: 3, destructive: true});
		expect(convert?.samples).toEqual([
			{row: 'id 1', value: '007', becomes: 7},
			{row: 'id 2', value: '1e3', becomes: 1000},
			{row: 'id 7', value: ' 5', becomes: 5},
		]);
		expect(findings.find(({kind}) => kind === 'incompatible')).toMatchObject({
			rows: 2,
			blocking: false,
			samples: [{row: 'id 3', value: 'abc'}, {row: 'id 6'}],
		});
	});

	test('with consent, converts the values that fit and keeps the others unchanged, never as 0 or NULL', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, zip INTEGER);', format);
		await project.migrate({}, true);
		expect(project.rows('user', 'id, zip')).toEqual(
			['1 | integer 7', '2 | integer 1000', "3 | text 'abc'", '4 | integer 42', '5 | null NULL', "6 | blob X'01'", '7 | integer 5'].map(
				(row) => `integer ${row}`,
			),
		);
	});

	test('in a STRICT table, fails before anything is written', async () => {
		const strict = database.replace('zip TEXT)', 'zip TEXT) STRICT').replace("x'01'", "'b'");
		const project = modelsAndDatabase(strict, 'CREATE TABLE user (id INTEGER PRIMARY KEY, zip INTEGER) STRICT;', format);
		const before = project.rows('user', 'id, zip');
		await project.create();
		const {last} = await project.upgrade(true);
		expect(last).toMatchObject({type: 'failed'});
		// Plain SQL may fix the rows first, so only the failing statement can be reported.
		expect(JSON.stringify(last)).toContain(format === 'ts' ? 'id 3' : 'cannot store TEXT value in INTEGER column');
		expect(project.rows('user', 'id, zip')).toEqual(before);
	});
});
