import {describe, expect, test} from 'vitest';
import {statementsOf} from '../../source/core/plan/statements.ts';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const database = "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO user VALUES (1, 'Ada'), (2, 'Bob');";

describe.each(formats)('pitfall 17: a column that SQLite can add in place, in a .%s migration', (format) => {
	test.each([
		'age INTEGER',
		'age INTEGER NOT NULL DEFAULT 0',
		"age TEXT NOT NULL DEFAULT 'it''s' COLLATE NOCASE",
		'age REAL DEFAULT (-1.5)',
		'age BOOLEAN NOT NULL DEFAULT TRUE',
		"age BLOB DEFAULT x'ff'",
		'age INTEGER REFERENCES user(id) ON DELETE CASCADE',
		'age INTEGER AS (id + 1)',
	])('is added by one ALTER: %s', async (definition) => {
		const project = modelsAndDatabase(database, `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, ${definition});`, format);
		const {plan} = await project.draft();
		expect(plan.steps.flatMap(statementsOf)).toEqual([expect.stringMatching(/^ALTER TABLE user ADD COLUMN age /)]);
		expect(plan.steps[0]).toMatchObject({strategy: 'instant'});
		await project.migrate();
		expect(project.rows('user', 'id, name')).toEqual(["integer 1 | text 'Ada'", "integer 2 | text 'Bob'"]);
	});
});
