import {describe, expect, test} from 'vitest';
import type {FillQuestion} from '../../source/core/diff/question.ts';
import {evidenceFor, tryFill} from '../../source/core/migrations/draft/evidence.ts';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const database = `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age TEXT); INSERT INTO user VALUES (1, 'Ada', '36'), (2, NULL, NULL);`;

describe.each(formats)('pitfall 3: a rename, in a .%s migration', (format) => {
	test('is asked about, never treated as a drop and an add', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT, age TEXT);', format);
		const {questions, operations} = await project.draft();
		expect(questions).toMatchObject([{kind: 'rename', table: 'user', to: 'full_name', candidates: [{name: 'name'}]}]);
		expect(operations).toEqual([]);
		await expect(project.create()).rejects.toThrow('full_name');
	});

	test('keeps the values of a column', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT, age TEXT);', format);
		const {strategies} = await project.migrate({renames: [{table: 'user', column: 'name', to: 'full_name'}]});
		expect(project.rows('user', 'id, full_name')).toEqual(["integer 1 | text 'Ada'", 'integer 2 | null NULL']);
		if (format === 'ts') expect(strategies).toEqual(['instant']);
		await project.downgrade(true);
		expect(project.rows('user', 'id, name')).toEqual(["integer 1 | text 'Ada'", 'integer 2 | null NULL']);
	});

	test('keeps the rows of a table', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT, age TEXT);', format);
		await project.migrate({renames: [{table: 'user', to: 'account'}]});
		expect(project.rows('account', 'id, name, age')).toEqual(["integer 1 | text 'Ada' | text '36'", 'integer 2 | null NULL | null NULL']);
	});

	test('keeps the values if the type, NOT NULL and default of the same column also change', async () => {
		const project = modelsAndDatabase(
			database,
			'CREATE TABLE person (id INTEGER PRIMARY KEY, full_name TEXT, years INTEGER NOT NULL DEFAULT 18);',
			format,
		);
		await project.migrate(
			{
				renames: [
					{table: 'user', to: 'person'},
					{table: 'user', column: 'name', to: 'full_name'},
					{table: 'user', column: 'age', to: 'years'},
				],
				fills: [{table: 'user', column: 'years', expression: 'coalesce(CAST(age AS INTEGER), -1)'}],
			},
			true,
		);
		expect(project.rows('person', 'id, full_name, years')).toEqual(["integer 1 | text 'Ada' | integer 36", 'integer 2 | null NULL | integer -1']);
	});

	test('asks for a value for rows that are NULL if the same column also becomes NOT NULL', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, age TEXT);', format);
		const renames = [{table: 'user', column: 'name', to: 'full_name'}];
		const {questions} = await project.draft({renames});
		expect(questions).toMatchObject([{kind: 'fill', column: 'full_name', before: 'name', isNew: false}]);
		const [question] = questions as readonly [FillQuestion];
		project.database((db) => {
			expect(evidenceFor(db, question)).toMatchObject({rows: 2, candidates: [{values: 1, samples: [{row: 'id 2'}]}]});
			expect(tryFill(db, question, "coalesce(full_name, 'none') || id")).toMatchObject({isValid: true, samples: [{value: 'none2'}], nulls: 0});
		});
		await project.migrate({renames, fills: [{table: 'user', column: 'full_name', expression: "'?'"}]});
		expect(project.rows('user', 'id, full_name')).toEqual(["integer 1 | text 'Ada'", "integer 2 | text '?'"]);
	});

	test('does not ask about an index that is named after its renamed table, even if its columns change as well', async () => {
		const project = modelsAndDatabase(
			`${database} CREATE UNIQUE INDEX user_key ON user (id, name); CREATE INDEX by_age_of_user ON user (age); CREATE INDEX other ON user (age);`,
			`CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, age TEXT);
			CREATE UNIQUE INDEX person_key ON person (name, id); CREATE INDEX by_age_of_person ON person (age DESC);`,
			format,
		);
		const renames = [{table: 'user', to: 'person'}];
		expect((await project.draft({renames})).questions).toMatchObject([{kind: 'drop', object: 'index', table: 'other'}]);
		await project.migrate({renames, drops: [{table: 'other'}]});
		expect(project.all("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")).toEqual([
			{name: 'by_age_of_person'},
			{name: 'person_key'},
		]);
	});

	test('is offered for a foreign key to the same parent, even if the parent is renamed and the name and type differ', async () => {
		const before = `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE post (id INTEGER PRIMARY KEY, author INTEGER REFERENCES user(id));
			INSERT INTO user VALUES (1, 'Ann'); INSERT INTO post VALUES (1, 1);`;
		const models = (parent: string) => `CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE tag (id INTEGER PRIMARY KEY);
			CREATE TABLE post (id INTEGER PRIMARY KEY, kind TEXT, by TEXT REFERENCES ${parent}(id));`;
		const renames = [{table: 'user', to: 'account'}];
		const project = modelsAndDatabase(`${before} CREATE TABLE tag (id INTEGER PRIMARY KEY);`, models('account'), format);
		expect((await project.draft({renames})).questions).toMatchObject([
			{kind: 'rename', table: 'post', column: 'by', candidates: [{name: 'author', likely: false}]},
		]);
		const other = modelsAndDatabase(`${before} CREATE TABLE tag (id INTEGER PRIMARY KEY);`, models('tag'), format);
		expect((await other.draft({renames})).questions).toMatchObject([{kind: 'drop', table: 'post', column: 'author'}]);
	});
});
