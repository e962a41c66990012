import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const user = (type: string) => `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, zip ${type});`;
const others = `
CREATE TABLE log (what TEXT);
CREATE UNIQUE INDEX  user_name   ON user(name COLLATE NOCASE) WHERE name <> '';
create index "user zip" on user (zip desc, lower(name));
CREATE VIEW people AS SELECT id, name FROM user;
CREATE TRIGGER user_new AFTER INSERT ON user WHEN new.name IS NOT NULL BEGIN INSERT INTO log VALUES ('new ' || new.name); END;
create trigger [user changed] before update of zip on user
  begin -- a comment; with a semicolon
    insert into log values ('zip ' || old.zip || ' to ' || new.zip);
  end;
CREATE TRIGGER log_new AFTER INSERT ON log BEGIN UPDATE user SET name = name WHERE id = -1; END;
CREATE TRIGGER people_new INSTEAD OF INSERT ON people BEGIN INSERT INTO user (id, name) VALUES (new.id, new.name); END;
`;

describe.each(formats)('pitfall 12: triggers and indexes, in a .%s migration', (format) => {
	test('are byte for byte the same after a rewrite of their table, and triggers still fire', async () => {
		const project = modelsAndDatabase(
			`${user('TEXT')}${others} INSERT INTO user VALUES (1, 'Ada', '1010'), (2, NULL, NULL);`,
			user('INTEGER') + others,
			format,
		);
		const texts = () =>
			project.all("SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger', 'view') AND sql IS NOT NULL ORDER BY name");
		const before = texts();
		expect(before).toHaveLength(7);
		project.exec('DELETE FROM log');
		await project.migrate({}, true);
		expect(texts()).toEqual(before);
		expect(project.value('SELECT count(*) FROM log')).toBe(0);

		project.exec("INSERT INTO people VALUES (3, 'Cy'); UPDATE user SET zip = 7 WHERE id = 1; UPDATE user SET zip = 8 WHERE id = 1");
		expect(project.rows('log', 'what')).toEqual(["text 'new Cy'", "text 'zip 1010 to 7'", "text 'zip 7 to 8'"]);
		expect(() => project.exec("INSERT INTO user (name) VALUES ('ADA')")).toThrow('UNIQUE');
	});

	test('are dropped with their table and restored with it, and those of other tables are kept', async () => {
		const kept = 'CREATE TABLE b (id INTEGER PRIMARY KEY); CREATE INDEX b_id ON b(id); CREATE TRIGGER b_new AFTER INSERT ON b BEGIN SELECT 1; END;';
		const project = modelsAndDatabase(
			`CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE INDEX a_id ON a(id); CREATE TRIGGER a_new AFTER INSERT ON a BEGIN SELECT 1; END; ${kept} INSERT INTO a VALUES (1);`,
			kept,
			format,
		);
		expect((await project.draft()).questions).toMatchObject([{kind: 'drop', object: 'table', table: 'a'}]);
		await project.migrate({drops: [{table: 'a'}]}, true);
		expect(project.all("SELECT name FROM sqlite_schema WHERE name LIKE 'b%' ORDER BY name")).toEqual([{name: 'b'}, {name: 'b_id'}, {name: 'b_new'}]);
		await project.downgrade(true);
		expect(project.all("SELECT name FROM sqlite_schema WHERE name LIKE 'a%' ORDER BY name")).toEqual([{name: 'a'}, {name: 'a_id'}, {name: 'a_new'}]);
	});
});
