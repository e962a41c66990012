import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const broken = 'CREATE VIEW lost AS SELECT * FROM gone;';
const database = `CREATE TABLE gone (x); ${broken} DROP TABLE gone; CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, zip TEXT); INSERT INTO user VALUES (1, 'Ada', '10');`;
const ignore = ['lost'];

describe.each(formats)('pitfall 14: an unrelated broken view, before a .%s migration', (format) => {
	test('that blocks a rename is reported by name before anything is written', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT, zip TEXT);', format);
		await project.create({ignore, renames: [{table: 'user', column: 'name', to: 'full_name'}]});
		const {last} = await project.upgrade(true);
		expect(last).toMatchObject({type: 'failed'});
		expect(JSON.stringify(last)).toContain('lost');
		expect(JSON.stringify(last)).toContain('gone');
		expect(project.rows('user', 'id, name')).toEqual(["integer 1 | text 'Ada'"]);
	});

	test('does not block a rewrite', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, zip INTEGER);', format);
		await project.create({ignore});
		expect((await project.upgrade(true)).last).toMatchObject({type: 'done'});
		expect(project.rows('user', 'id, name, zip')).toEqual(["integer 1 | text 'Ada' | integer 10"]);
	});

	test('is dropped first if it is not in the models', async () => {
		const project = modelsAndDatabase(database, 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT, zip TEXT);', format);
		await project.migrate({drops: [{table: 'lost'}], renames: [{table: 'user', column: 'name', to: 'full_name'}]}, true);
		expect(project.rows('user', 'id, full_name')).toEqual(["integer 1 | text 'Ada'"]);
	});
});
