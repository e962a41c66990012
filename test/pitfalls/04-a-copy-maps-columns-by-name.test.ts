import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

describe.each(formats)('pitfall 4: a copy, in a .%s migration', (format) => {
	test('maps columns by name if the models list them in another order', async () => {
		const project = modelsAndDatabase(
			`CREATE TABLE user (id INTEGER PRIMARY KEY, first TEXT, last TEXT, age TEXT); INSERT INTO user VALUES (1, 'Ada', 'Lovelace', '36');`,
			'CREATE TABLE user (age INTEGER, last TEXT, extra TEXT, first TEXT, id INTEGER PRIMARY KEY);',
			format,
		);
		await project.migrate({}, true);
		expect(project.rows('user', 'id, first, last, age, extra')).toEqual(["integer 1 | text 'Ada' | text 'Lovelace' | integer 36 | null NULL"]);
	});

	test('never reads a name as a string literal, a keyword or a number', async () => {
		const columns = (type: string) =>
			`id INTEGER PRIMARY KEY, "order" TEXT, "it's" TEXT, "say ""hi""" TEXT, "a b" TEXT, "1" TEXT, "null" TEXT, "true" TEXT, "naïve😀" TEXT, "line\nbreak" TEXT, n ${type}`;
		const names = '"order", "it\'s", "say ""hi""", "a b", "1", "null", "true", "naïve😀", "line\nbreak"';
		const project = modelsAndDatabase(
			`CREATE TABLE "group" (${columns('TEXT')}); INSERT INTO "group" VALUES (1, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', '5');`,
			`CREATE TABLE "group" (${columns('INTEGER')});`,
			format,
		);
		const before = project.rows('"group"', names);
		await project.migrate({}, true);
		expect(project.rows('"group"', names)).toEqual(before);
		expect(project.rows('"group"', 'id, n')).toEqual(['integer 1 | integer 5']);
	});

	test('omits generated columns and recomputes them', async () => {
		const table = (type: string) =>
			`CREATE TABLE item (a INTEGER AS (n * 2) STORED, id INTEGER PRIMARY KEY, b TEXT AS (upper(name)), n ${type}, name TEXT);`;
		const project = modelsAndDatabase(`${table('TEXT')} INSERT INTO item (id, n, name) VALUES (1, '4', 'x');`, table('INTEGER'), format);
		await project.migrate({}, true);
		expect(project.rows('item', 'id, n, name, a, b')).toEqual(["integer 1 | integer 4 | text 'x' | integer 8 | text 'X'"]);
	});
});
