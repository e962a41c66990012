import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const database = "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO user VALUES (1, 'Ada'), (2, 'Bob');";
const models = (definition: string) => `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, ${definition});`;

describe.each(formats)('pitfall 18: a column that ADD COLUMN refuses, in a .%s migration', (format) => {
	test.each([
		['code TEXT UNIQUE', 'null NULL', 'null NULL'],
		['code TEXT AS (upper(name)) STORED', "text 'ADA'", "text 'BOB'"],
		['code INTEGER DEFAULT (1 + 1)', 'integer 2', 'integer 2'],
		["code TEXT NOT NULL DEFAULT (upper('x'))", "text 'X'", "text 'X'"],
		['code INTEGER DEFAULT 1 REFERENCES user(id)', 'integer 1', 'integer 1'],
		['code INTEGER NOT NULL DEFAULT 2 REFERENCES user(id) CHECK (code > 0)', 'integer 2', 'integer 2'],
	])('is detected beforehand, and added by a rewrite: %s', async (definition, first, second) => {
		const project = modelsAndDatabase(database, models(definition), format);
		expect((await project.draft()).plan.steps.map(({strategy}) => strategy)).toEqual(['rewrite']);
		await project.migrate();
		expect(project.rows('user', 'id, name, code')).toEqual([`integer 1 | text 'Ada' | ${first}`, `integer 2 | text 'Bob' | ${second}`]);
		await project.downgrade(true);
		expect(project.rows('user', 'id, name')).toEqual(["integer 1 | text 'Ada'", "integer 2 | text 'Bob'"]);
	});

	test('sets CURRENT_TIMESTAMP, not NULL, in existing rows', async () => {
		const project = modelsAndDatabase(database, models('made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP'), format);
		await project.migrate();
		expect(project.value('SELECT count(*) FROM user WHERE made IS NOT NULL')).toBe(2);
	});

	test.each(['code INTEGER DEFAULT 0 CHECK (code > 0)', 'code INTEGER DEFAULT 9 REFERENCES user(id)', 'code INTEGER NOT NULL UNIQUE DEFAULT 1'])(
		'with a constraint that existing rows violate fails before anything is written: %s',
		async (definition) => {
			const project = modelsAndDatabase(database, models(definition), format);
			expect((await project.draft()).findings).toMatchObject([{blocking: true, totalRows: 2}]);
			await project.create();
			expect((await project.upgrade(true)).last).toMatchObject({type: 'failed'});
			expect(project.rows('user', 'id, name')).toEqual(["integer 1 | text 'Ada'", "integer 2 | text 'Bob'"]);
			expect(project.all("SELECT name FROM pragma_table_info('user')")).toHaveLength(2);
		},
	);
});
