import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const database = `CREATE TABLE user (id INTEGER, name TEXT); INSERT INTO user VALUES (5, 'Ada'), (NULL, 'Bob'), (7, 'Cy');`;
const models = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);';

describe.each(formats)('pitfall 9: NULL in a column that becomes the INTEGER PRIMARY KEY, in a .%s migration', (format) => {
	test('is found and asked about, with the row', async () => {
		const project = modelsAndDatabase(database, models, format);
		const {findings, questions} = await project.draft();
		expect(findings).toMatchObject([
			{
				kind: 'nullKey',
				table: 'user',
				column: 'id',
				rows: 1,
				totalRows: 3,
				blocking: true,
				message: expect.stringContaining('SQLite would generate a value'),
			},
		]);
		expect(questions).toMatchObject([{kind: 'fill', column: 'id'}]);
	});

	test('stops an upgrade, and no row gets an id', async () => {
		const project = modelsAndDatabase(database.replace('NULL', '6'), models, format);
		await project.create();
		project.exec('UPDATE user SET id = NULL WHERE id = 6');
		const before = project.rows('user', 'id, name');
		const {last} = await project.upgrade(true);
		expect(last).toMatchObject({type: 'failed'});
		expect(project.rows('user', 'id, name')).toEqual(before);
	});

	test('is replaced by the value that the user gives', async () => {
		const project = modelsAndDatabase(database, models, format);
		await project.migrate({fills: [{table: 'user', column: 'id', expression: '100 + rowid'}]}, true);
		expect(project.rows('user', 'id, name')).toEqual(["integer 102 | text 'Bob'", "integer 5 | text 'Ada'", "integer 7 | text 'Cy'"]);
	});

	test('is reported differently for a table WITHOUT ROWID, whose key allows no NULL', async () => {
		const project = modelsAndDatabase(
			`CREATE TABLE word (word TEXT PRIMARY KEY, n INTEGER); INSERT INTO word VALUES ('a', 1), (NULL, 2);`,
			'CREATE TABLE word (word TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID;',
			format,
		);
		expect((await project.draft()).findings).toMatchObject([{kind: 'nullKey', rows: 1, message: expect.stringContaining('does not allow NULL')}]);
		await project.migrate({fills: [{table: 'word', column: 'word', expression: "'word ' || n"}]}, true);
		expect(project.rows('word', 'word, n')).toEqual(["text 'a' | integer 1", "text 'word 2' | integer 2"]);
	});
});
