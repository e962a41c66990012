import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const database = `CREATE TABLE user (id INTEGER PRIMARY KEY); INSERT INTO user VALUES (1), (2);
	ALTER TABLE user ADD COLUMN level INTEGER DEFAULT 5; INSERT INTO user VALUES (3, 5), (4, NULL);`;
const old = ['integer 1 | integer 5', 'integer 2 | integer 5', 'integer 3 | integer 5', 'integer 4 | null NULL'];

describe.each(formats)('pitfall 11: a new default for a column that was added by ALTER, in a .%s migration', (format) => {
	test.each(['level INTEGER DEFAULT 7', 'level INTEGER', 'level INTEGER NOT NULL DEFAULT 7'])(
		'keeps the values of old rows: %s',
		async (definition) => {
			const isNotNull = definition.includes('NOT NULL');
			const project = modelsAndDatabase(
				isNotNull ? `${database} DELETE FROM user WHERE id = 4;` : database,
				`CREATE TABLE user (id INTEGER PRIMARY KEY, ${definition});`,
				format,
			);
			await project.migrate({}, true);
			expect(project.rows('user', 'id, level')).toEqual(isNotNull ? old.slice(0, 3) : old);
			project.exec('INSERT INTO user (id) VALUES (9)');
			expect(project.value('SELECT level FROM user WHERE id = 9')).toBe(definition === 'level INTEGER' ? null : 7);
		},
	);

	test('keeps the values of old rows if the type changes within its affinity and a foreign key is dropped, which edits the stored text', async () => {
		const project = modelsAndDatabase(
			`CREATE TABLE p (id INTEGER PRIMARY KEY); ${database} ALTER TABLE user ADD COLUMN p INT REFERENCES p(id);`,
			'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE user (id INTEGER PRIMARY KEY, level BIGINT DEFAULT 5, p INT);',
			format,
		);
		await project.migrate({}, true);
		expect(project.rows('user', 'id, level')).toEqual(old);
	});
});
