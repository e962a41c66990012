import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Question} from '../../../source/core/diff/question.ts';
import {evidenceFor, noEvidence} from '../../../source/core/project/evidence.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openMemory} from '../../../source/core/sqlite/open.ts';

let db: Database;
beforeEach(() => {
	db = openMemory();
	db.exec(`CREATE TABLE "my user" (id INTEGER PRIMARY KEY, name TEXT, "nick name" TEXT, email TEXT);
		INSERT INTO "my user" VALUES (17, 'Ann Lee', 'ann', NULL), (90, 'Bob Hart', NULL, NULL), (91, NULL, NULL, 'c@x');
		CREATE TABLE gone (a); INSERT INTO gone VALUES (1), (2);
		CREATE VIRTUAL TABLE docs USING fts5(body); INSERT INTO docs VALUES ('x');`);
});
afterEach(() => db.close());

function evidence(question: object) {
	return evidenceFor({id: '', message: '', flags: [], ...question} as unknown as Question, db, introspect(db));
}

describe('evidenceFor', () => {
	test('counts the values that a renamed column would keep', () => {
		const candidate = {likeness: 0.5, likely: false, evidence: []};
		const found = evidence({
			kind: 'rename',
			table: 'my user',
			column: 'full_name',
			to: 'full_name',
			candidates: [
				{name: 'name', ...candidate},
				{name: 'nick name', ...candidate},
				{name: 'pending', ...candidate},
			],
		});
		expect(found.rows).toBe(3);
		expect(found.candidates.map(({name, values}) => [name, values])).toEqual([
			['name', 2],
			['nick name', 1],
		]);
		expect(found.candidates[1]?.samples).toEqual([{row: 'id 17', about: 'Ann Lee', value: 'ann'}]);
	});

	test('counts the rows of tables', () => {
		expect(
			evidence({kind: 'rename', table: 'gone', to: 'here', candidates: [{name: 'gone'}, {name: 'docs'}]}).candidates.map(({values}) => values),
		).toEqual([2, 1]);
		expect(evidence({kind: 'drop', table: 'gone', object: 'table'})).toEqual({
			rows: 2,
			candidates: [{name: 'gone', values: 2, samples: []}],
			sql: null,
		});
		expect(evidence({kind: 'drop', table: 'docs', object: 'virtualTable'}).rows).toBe(1);
	});

	test('counts the rows that a fill is about, and finds them', () => {
		const found = evidence({kind: 'fill', table: 'my user', column: 'email', isNew: false});
		expect(found).toMatchObject({rows: 3, candidates: [{name: 'email', values: 2}], sql: 'SELECT "id" FROM "my user" WHERE "email" IS NULL'});
		expect(found.candidates[0]?.samples).toEqual([
			{row: 'id 17', about: 'Ann Lee', value: null},
			{row: 'id 90', about: 'Bob Hart', value: null},
		]);
		expect(evidence({kind: 'fill', table: 'my user', column: 'phone', isNew: true})).toMatchObject({rows: 3, candidates: [{values: 3}]});
	});

	test('has nothing to say of what is not in the database', () => {
		expect(evidence({kind: 'fill', table: 'nowhere', column: 'x', isNew: true})).toEqual(noEvidence);
		expect(evidence({kind: 'drop', table: 'v', object: 'view'})).toEqual(noEvidence);
		expect(evidence({kind: 'drop', table: 'nowhere', object: 'table'})).toEqual(noEvidence);
	});
});
