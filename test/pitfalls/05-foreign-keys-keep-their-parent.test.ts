import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

describe.each(formats)('pitfall 5: a rewrite, in a .%s migration', (format) => {
	test('keeps foreign keys that refer to the table, its own and those of other tables, byte for byte', async () => {
		const others = `
			CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES "user"(id));
			create table Vote (user_id int, FOREIGN KEY (user_id) REFERENCES USER);
		`;
		const user = (type: string) => `CREATE TABLE user (id INTEGER PRIMARY KEY, n ${type}, boss INTEGER REFERENCES user(id));`;
		const project = modelsAndDatabase(
			`${user('TEXT')}${others} INSERT INTO user VALUES (1, '1', NULL), (2, '2', 1); INSERT INTO post VALUES (1, 2); INSERT INTO Vote VALUES (1);`,
			user('INTEGER') + others,
			format,
		);
		const texts = () =>
			project.all("SELECT name, sql FROM sqlite_schema WHERE name <> 'user' AND name NOT LIKE '%lite_migr%' AND name NOT LIKE 'sqlite_%'");
		const before = texts();
		await project.migrate({}, true);
		expect(texts()).toEqual(before);
		expect(project.value("SELECT sql FROM sqlite_schema WHERE name = 'user'")).toMatch(/REFERENCES "?user"?\s*\(id\)/);
		expect(project.value('SELECT group_concat(sql) FROM sqlite_schema')).not.toMatch(/_new_|_old/);
		for (const table of ['post', 'Vote', 'user'])
			expect(project.all(`SELECT lower("table") AS parent FROM pragma_foreign_key_list('${table}')`)).toEqual([{parent: 'user'}]);
		expect(() => project.exec('PRAGMA foreign_keys=ON; INSERT INTO post VALUES (2, 99)')).toThrow('FOREIGN KEY');
	});
});
