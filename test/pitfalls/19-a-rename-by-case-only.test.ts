import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const rest = (user: string) => `
CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES ${user}(id) ON DELETE CASCADE);
CREATE INDEX user_name ON ${user}(name);
CREATE VIEW named AS SELECT id FROM ${user} WHERE name IS NOT NULL;
CREATE TRIGGER user_new AFTER INSERT ON ${user} BEGIN INSERT INTO post (user_id) VALUES (new.id); END;
`;

describe.each(formats)('pitfall 19: a rename by case only, in a .%s migration', (format) => {
	test('of a table uses a temporary name, and all references follow', async () => {
		const project = modelsAndDatabase(
			`CREATE TABLE User (id INTEGER PRIMARY KEY, name TEXT);${rest('User')} INSERT INTO User VALUES (1, 'Ada');`,
			`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);${rest('user')}`,
			format,
		);
		await project.migrate();
		expect(project.all("SELECT name FROM sqlite_schema WHERE name LIKE 'user%' ORDER BY name")).toEqual([
			{name: 'user'},
			{name: 'user_name'},
			{name: 'user_new'},
		]);
		expect(project.rows('user', 'id, name')).toEqual(["integer 1 | text 'Ada'"]);
		expect(project.all("SELECT sql FROM sqlite_schema WHERE sql LIKE '%aside%'")).toEqual([]);
		project.exec("INSERT INTO user VALUES (2, 'Bob'); PRAGMA foreign_keys=ON; DELETE FROM user WHERE id = 1");
		expect(project.rows('post', 'user_id')).toEqual(['integer 2']);
	});

	test('of a column keeps its values', async () => {
		const project = modelsAndDatabase(
			`CREATE TABLE user (id INTEGER PRIMARY KEY, Name TEXT); INSERT INTO user VALUES (1, 'Ada');`,
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);',
			format,
		);
		const {operations} = await project.draft();
		if (operations.length > 0) await project.migrate();
		expect(project.rows('user', 'id, name')).toEqual(["integer 1 | text 'Ada'"]);
	});
});
