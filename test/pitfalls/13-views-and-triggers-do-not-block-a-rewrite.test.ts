import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const user = (type: string) => `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, zip ${type});`;
const dependents = `
CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user(id), n INTEGER);
CREATE VIEW named AS SELECT * FROM user WHERE name IS NOT NULL;
CREATE VIEW counted AS SELECT count(*) AS n FROM named;
CREATE VIEW joined AS WITH u AS (SELECT id FROM main.user) SELECT post.id FROM post JOIN u ON u.id = post.user_id;
CREATE TRIGGER post_new AFTER INSERT ON post BEGIN UPDATE user SET zip = zip + (SELECT n FROM counted) WHERE id = new.user_id; END;
CREATE TRIGGER named_new INSTEAD OF INSERT ON named BEGIN INSERT INTO user VALUES (new.id, new.name, new.zip); END;
`;

describe.each(formats)('pitfall 13: views and triggers of other tables that name the table, in a .%s migration', (format) => {
	test('do not block a rewrite, keep their text, and work afterwards', async () => {
		const project = modelsAndDatabase(
			`${user('TEXT')}${dependents} INSERT INTO user VALUES (1, 'Ada', '10'), (2, 'Bob', '20'), (3, NULL, NULL);`,
			user('INTEGER') + dependents,
			format,
		);
		const texts = () => project.all("SELECT name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY name");
		const before = texts();
		await project.migrate({}, true);
		expect(texts()).toEqual(before);
		project.exec("INSERT INTO post VALUES (1, 1, 0); INSERT INTO named VALUES (4, 'Di', 40)");
		expect(project.all('SELECT * FROM counted')).toEqual([{n: 3}]);
		expect(project.rows('user', 'id, zip')).toEqual([
			'integer 1 | integer 12',
			'integer 2 | integer 20',
			'integer 3 | null NULL',
			'integer 4 | integer 40',
		]);
		expect(project.all('SELECT id FROM joined')).toEqual([{id: 1}]);
		expect(project.value('PRAGMA legacy_alter_table')).toBe(0);
	});

	test('change together with the columns they name', async () => {
		const project = modelsAndDatabase(
			`${user('TEXT')}${dependents} INSERT INTO user VALUES (1, 'Ada', '10');`,
			(user('INTEGER') + dependents)
				.replaceAll('name TEXT', 'full_name TEXT')
				.replaceAll('name IS NOT NULL', 'full_name IS NOT NULL')
				.replaceAll('new.name', 'new.full_name'),
			format,
		);
		await project.migrate({renames: [{table: 'user', column: 'name', to: 'full_name'}]}, true);
		project.exec("INSERT INTO named VALUES (4, 'Di', 40)");
		expect(project.rows('named', 'id, full_name, zip')).toEqual(["integer 1 | text 'Ada' | integer 10", "integer 4 | text 'Di' | integer 40"]);
		await project.downgrade(true);
		expect(project.rows('named', 'id, name')).toEqual(["integer 1 | text 'Ada'", "integer 4 | text 'Di'"]);
	});
});
