import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const user = (type: string) => `CREATE TABLE user (id INTEGER PRIMARY KEY, zip ${type});`;
const virtual = `CREATE VIRTUAL TABLE doc USING fts5(title, body);
CREATE VIRTUAL TABLE area USING rtree(id, x0, x1);`;
const rows = `INSERT INTO user VALUES (1, '10'); INSERT INTO doc VALUES ('one', 'alpha beta'), ('two', 'gamma'); INSERT INTO area VALUES (1, 0, 10);`;

describe.each(formats)('pitfall 21: virtual tables and their shadow tables, in a .%s migration', (format) => {
	test('are not a difference, and shadow tables are never treated as tables', async () => {
		const project = modelsAndDatabase(user('TEXT') + virtual + rows, user('TEXT') + virtual, format);
		expect(await project.draft()).toMatchObject({operations: [], questions: []});
	});

	test('are unchanged when other tables change', async () => {
		const project = modelsAndDatabase(user('TEXT') + virtual + rows, user('INTEGER') + virtual, format);
		const shadows = () => project.all("SELECT name, sql FROM sqlite_schema WHERE name LIKE 'doc%' OR name LIKE 'area%' ORDER BY name");
		const before = shadows();
		expect(before).toHaveLength(10);
		await project.migrate({}, true);
		expect(shadows()).toEqual(before);
		expect(project.all("SELECT title FROM doc WHERE doc MATCH 'alpha'")).toEqual([{title: 'one'}]);
		project.exec("INSERT INTO doc(doc) VALUES ('integrity-check')");
		expect(project.all('SELECT id FROM area WHERE x0 < 5')).toEqual([{id: 1}]);
	});

	test('that are not in the models are one question each, without questions about shadow tables', async () => {
		const project = modelsAndDatabase(user('TEXT') + virtual + rows, user('TEXT'), format);
		expect((await project.draft()).questions).toMatchObject([
			{kind: 'drop', object: 'virtualTable', table: 'doc'},
			{kind: 'drop', object: 'virtualTable', table: 'area'},
		]);
		await project.migrate({drops: [{table: 'doc'}, {table: 'area'}]}, true);
		expect(project.all("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE '%lite_migr%'")).toEqual([{name: 'user'}]);
	});

	test('do not hide a real table with a similar name', async () => {
		const like = 'CREATE TABLE doc_notes (id INTEGER PRIMARY KEY, text TEXT);';
		const project = modelsAndDatabase(user('TEXT') + virtual + rows, user('TEXT') + virtual + like, format);
		await project.migrate();
		expect(project.all("SELECT type FROM pragma_table_list('doc_notes')")).toEqual([{type: 'table'}]);
	});
});
