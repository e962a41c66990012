import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const table = (name: string, type: string) => `CREATE TABLE "${name}" (id INTEGER PRIMARY KEY AUTOINCREMENT, n ${type});`;
const rows = `INSERT INTO "it's" VALUES (1, '1'), (2, '2'), (3, '3'); DELETE FROM "it's" WHERE id > 1;`;

describe.each(formats)('pitfall 7: the AUTOINCREMENT counter, in a .%s migration', (format) => {
	test('does not decrease in a copy, so no id is used again', async () => {
		const project = modelsAndDatabase(table("it's", 'TEXT') + rows, table("it's", 'INTEGER'), format);
		await project.migrate({}, true);
		expect(project.all("SELECT * FROM sqlite_sequence WHERE name NOT LIKE '%lite_migr'")).toEqual([{name: "it's", seq: 3}]);
		project.exec(`INSERT INTO "it's" (n) VALUES (4)`);
		expect(project.rows(`"it's"`, 'id, n')).toEqual(['integer 1 | integer 1', 'integer 4 | integer 4']);
		await project.downgrade(true);
		expect(project.value(`SELECT seq FROM sqlite_sequence WHERE name = 'it''s'`)).toBe(4);
	});

	test('is kept if the table is empty, and follows the table if it is renamed', async () => {
		const project = modelsAndDatabase(`${table("it's", 'TEXT')}${rows} DELETE FROM "it's";`, table('thing', 'INTEGER'), format);
		await project.migrate({renames: [{table: "it's", to: 'thing'}]}, true);
		expect(project.all("SELECT * FROM sqlite_sequence WHERE name NOT LIKE '%lite_migr'")).toEqual([{name: 'thing', seq: 3}]);
	});
});
