import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const children = `
CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE ON UPDATE CASCADE, title TEXT);
CREATE TABLE note (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user(id) ON DELETE SET NULL, text TEXT);
CREATE TABLE task (id INTEGER PRIMARY KEY, user_id INTEGER DEFAULT 1 REFERENCES user(id) ON DELETE SET DEFAULT, text TEXT);
CREATE TABLE reply (id INTEGER PRIMARY KEY, post_id INTEGER REFERENCES post(id) ON DELETE CASCADE);
CREATE TABLE seen (user_id INTEGER PRIMARY KEY REFERENCES user(id) ON DELETE RESTRICT) WITHOUT ROWID;
CREATE TABLE log (what TEXT);
CREATE TRIGGER post_gone AFTER DELETE ON post BEGIN INSERT INTO log VALUES ('post ' || old.id); END;
`;
const user = (zip: string) => `CREATE TABLE user (id INTEGER PRIMARY KEY, zip ${zip}, boss INTEGER REFERENCES user(id) ON DELETE CASCADE);`;
const rows = `
INSERT INTO user VALUES (1, '1010', NULL), (2, '1020', 1), (3, NULL, 2);
INSERT INTO post VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 2, 'c');
INSERT INTO note VALUES (1, 1, 'n'), (2, NULL, 'm');
INSERT INTO task VALUES (1, 2, 't'), (2, 3, 'u');
INSERT INTO reply VALUES (1, 1), (2, 3);
INSERT INTO seen VALUES (2), (3);
`;

describe.each(formats)('pitfall 1: a rewrite of a parent, from a .%s migration', (format) => {
	test('leaves the rows of children unchanged: CASCADE, SET NULL, SET DEFAULT, RESTRICT, grandchildren, self-references', async () => {
		const project = modelsAndDatabase(user('TEXT') + children + rows, user('INTEGER') + children, format);
		const read = () => ({
			user: project.rows('user', 'id, boss'),
			post: project.rows('post', 'id, user_id, title'),
			note: project.rows('note', 'id, user_id, text'),
			task: project.rows('task', 'id, user_id, text'),
			reply: project.rows('reply', 'id, post_id'),
			seen: project.rows('seen', 'user_id'),
			log: project.rows('log', 'what'),
		});
		const before = read();
		await project.migrate({}, true);
		expect(read()).toEqual(before);
		expect(project.rows('user', 'id, zip')).toEqual(['integer 1 | integer 1010', 'integer 2 | integer 1020', 'integer 3 | null NULL']);
		expect(project.all('PRAGMA foreign_key_check')).toEqual([]);

		const {last} = await project.downgrade(true);
		expect(last).toMatchObject({type: 'done'});
		expect(read()).toEqual(before);
	});

	test('leaves the rows of children unchanged even if all tables are rewritten in one migration', async () => {
		const tables = (type: string) =>
			`CREATE TABLE parent (id INTEGER PRIMARY KEY, n ${type}); CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent(id) ON DELETE CASCADE, n ${type});`;
		const filled = "INSERT INTO parent VALUES (1, '1'), (2, '2'); INSERT INTO child VALUES (1, 1, '1'), (2, 2, '2'), (3, NULL, '3');";
		const project = modelsAndDatabase(tables('TEXT') + filled, tables('INTEGER'), format);
		const before = project.rows('child', 'id, parent');
		await project.migrate({}, true);
		expect(project.rows('child', 'id, parent')).toEqual(before);
		expect(project.value('SELECT count(*) FROM parent')).toBe(2);
	});

	test('does not turn foreign keys off permanently: a delete still cascades afterwards', async () => {
		const project = modelsAndDatabase(user('TEXT') + children + rows, user('INTEGER') + children, format);
		await project.migrate({}, true);
		project.exec('PRAGMA foreign_keys=ON; DELETE FROM seen; DELETE FROM task; DELETE FROM user WHERE id = 1;');
		expect(project.value('SELECT count(*) FROM user')).toBe(0);
		expect(project.value('SELECT count(*) FROM post')).toBe(0);
		expect(project.rows('note', 'id, user_id')).toEqual(['integer 1 | null NULL', 'integer 2 | null NULL']);
	});
});
