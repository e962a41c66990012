import {describe, expect, test} from 'vitest';
import {modelsAndDatabase} from '../../../pitfalls/models-and-database.ts';

const database = `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'yes'), (2, 'no'), (3, 'perhaps'), (4, NULL);
	CREATE TABLE map (name TEXT, code INTEGER); INSERT INTO map VALUES ('yes', 1), ('no', 0);`;
const models = 'CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); CREATE TABLE map (name TEXT, code INTEGER);';
const fill = (expression: string) => ({fills: [{table: 't', column: 'v', expression}]});

describe('a fill that converts values', () => {
	test.each([
		['converts one of them to NULL', "CASE v WHEN 'yes' THEN 1 WHEN 'no' THEN 0 END", [{row: 'id 3', value: 'perhaps', becomes: null}]],
		['looks one up that does not exist', '(SELECT code FROM map WHERE name = v)', [{row: 'id 3', value: 'perhaps', becomes: null}]],
		[
			'converts two of them to the same value',
			"v = 'yes'",
			[
				{row: 'id 2', value: 'no', becomes: 0},
				{row: 'id 3', value: 'perhaps', becomes: 0},
			],
		],
	])('and %s is a finding in the draft, and needs consent to run', async (_, expression, samples) => {
		const project = modelsAndDatabase(database, models);
		const drafted = await project.draft(fill(expression));
		expect(drafted.findings).toMatchObject([
			{kind: 'convert', table: 't', column: 'v', rows: samples.length, totalRows: 4, destructive: true, samples},
		]);
		await project.create(fill(expression));
		const asked = await project.upgrade();
		expect(asked.last).toMatchObject({type: 'failed', code: 'answerNeeded'});
		expect(asked.findings).toMatchObject([{kind: 'convert', samples}]);
		expect(project.value('SELECT v FROM t WHERE id = 3')).toBe('perhaps');
		expect((await project.upgrade(true)).last.type).toBe('done');
		expect(project.value('SELECT v FROM t WHERE id = 3')).toBe(samples.at(-1)?.becomes);
	});

	test('and keeps them distinct needs no consent', async () => {
		const project = modelsAndDatabase(database, models);
		await project.create(fill("CASE v WHEN 'yes' THEN 1 WHEN 'no' THEN 0 WHEN 'perhaps' THEN 2 END"));
		expect((await project.upgrade()).last.type).toBe('done');
		expect(project.database((db) => db.tuples('SELECT v FROM t'))).toEqual([[1], [0], [2], [null]]);
	});

	test('and reads a table that a pending migration changes is checked after that migration has run', async () => {
		const project = modelsAndDatabase(
			database,
			'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE map (name TEXT, key INTEGER, more TEXT UNIQUE);',
		);
		await project.create({renames: [{table: 'map', column: 'code', to: 'key'}]});
		project.setModels('CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER); CREATE TABLE map (name TEXT, key INTEGER, more TEXT UNIQUE);');
		await project.create(fill('(SELECT key FROM map WHERE map.name = t.v)'));
		const asked = await project.upgrade();
		expect(asked.last).toMatchObject({type: 'failed', code: 'answerNeeded'});
		expect(project.value('SELECT v FROM t WHERE id = 3')).toBe('perhaps');
		expect((await project.upgrade(true)).last.type).toBe('done');
		expect(project.database((db) => db.tuples('SELECT v FROM t'))).toEqual([[1], [0], [null], [null]]);
	});
});

test('a new NOT NULL column whose fill finds nothing in another table is a finding before anything is written', async () => {
	const project = modelsAndDatabase(database, 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, code INTEGER NOT NULL);');
	const answers = {drops: [{table: 'map'}], fills: [{table: 't', column: 'code', expression: '(SELECT code FROM map WHERE name = v)'}]};
	const {findings} = await project.draft(answers);
	expect(findings.find(({kind}) => kind === 'null')).toMatchObject({table: 't', column: 'code', rows: 2, blocking: true});
});
