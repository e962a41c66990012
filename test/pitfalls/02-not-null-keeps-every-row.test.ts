import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const database = `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO user VALUES (1, 'Ada'), (2, NULL), (3, 'Cy');`;
const everyRow = ["integer 1 | text 'Ada'", 'integer 2 | null NULL', "integer 3 | text 'Cy'"];

describe.each(formats)('pitfall 2: NOT NULL without a default, in a .%s migration', (format) => {
	test('asks for a value for existing rows if the column is new, and writes nothing without an answer', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, mail TEXT NOT NULL);', format);
		expect((await project.draft()).questions).toMatchObject([{kind: 'fill', table: 'user', column: 'mail', isNew: true}]);
		await expect(project.create()).rejects.toThrow('mail');
		await project.migrate({fills: [{table: 'user', column: 'mail', expression: "coalesce(lower(name), 'nobody') || '@example.com'"}]});
		expect(project.rows('user', 'id, name')).toEqual(everyRow);
		expect(project.rows('user', 'id, mail')).toEqual([
			"integer 1 | text 'ada@example.com'",
			"integer 2 | text 'nobody@example.com'",
			"integer 3 | text 'cy@example.com'",
		]);
	});

	test('asks for a value for rows that are NULL if an existing column becomes NOT NULL, and keeps other values', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);', format);
		const {questions, findings} = await project.draft();
		expect(questions).toMatchObject([{kind: 'fill', table: 'user', column: 'name', isNew: false}]);
		expect(findings).toMatchObject([{kind: 'null', table: 'user', column: 'name', rows: 1, totalRows: 3, samples: [{row: 'id 2'}]}]);
		await project.migrate({fills: [{table: 'user', column: 'name', expression: "'user ' || id"}]});
		expect(project.rows('user', 'id, name')).toEqual(["integer 1 | text 'Ada'", "integer 2 | text 'user 2'", "integer 3 | text 'Cy'"]);
	});

	test('offers the default of the column in the models, if there is one', async () => {
		const project = modelsAndDatabase(database, "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'n/a');", format);
		const {questions} = await project.draft();
		expect(questions).toMatchObject([{kind: 'fill', default: "'n/a'", flags: [`--fill user.name="'n/a'"`, '--fill user.name="<SQL expression>"']}]);
		const withoutDefault = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT NULL);', format);
		const [question] = (await withoutDefault.draft()).questions;
		expect(question?.flags).toEqual(['--fill user.name="<SQL expression>"']);
	});

	test.each(['VARCHAR(10)', 'BLOB'])('keeps other values even if the type of the column changes from %s', async (type) => {
		const project = modelsAndDatabase(
			database.replace('name TEXT', `name ${type}`),
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);',
			format,
		);
		await project.migrate({fills: [{table: 'user', column: 'name', expression: "''"}]});
		expect(project.rows('user', 'id, name')).toEqual(["integer 1 | text 'Ada'", "integer 2 | text ''", "integer 3 | text 'Cy'"]);
	});

	test('fails and keeps every row if a value becomes NULL between create and upgrade', async () => {
		const project = modelsAndDatabase(
			`${database} UPDATE user SET name = 'Bob' WHERE id = 2;`,
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);',
			format,
		);
		await project.create();
		project.exec('UPDATE user SET name = NULL WHERE id = 2');
		const {last} = await project.upgrade(true);
		expect(last).toMatchObject({type: 'failed'});
		expect(JSON.stringify(last)).toMatch(/id 2|name/);
		expect(project.rows('user', 'id, name')).toEqual(everyRow);
		expect(project.value("SELECT sql FROM sqlite_schema WHERE name = 'user'")).toBe('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)');
	});
});
