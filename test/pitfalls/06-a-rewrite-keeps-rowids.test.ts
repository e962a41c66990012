import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

describe.each(formats)('pitfall 6: implicit rowids, in a .%s migration', (format) => {
	test('are unchanged by a copy, including gaps', async () => {
		const project = modelsAndDatabase(
			`CREATE TABLE t (a TEXT, n TEXT); INSERT INTO t (rowid, a, n) VALUES (-5, 'x', '1'), (7, 'y', '2'), (9007199254740993, 'z', '3');`,
			'CREATE TABLE t (a TEXT, n INTEGER);',
			format,
		);
		const before = project.rows('t', 'rowid, a');
		await project.migrate({}, true);
		expect(project.rows('t', 'rowid, a')).toEqual(before);
	});

	test('are unchanged even if a column is named rowid', async () => {
		const project = modelsAndDatabase(
			`CREATE TABLE t (rowid TEXT, n TEXT); INSERT INTO t (_rowid_, rowid, n) VALUES (4, 'x', '1'), (9, 'y', '2');`,
			'CREATE TABLE t (rowid TEXT, n INTEGER);',
			format,
		);
		await project.migrate({}, true);
		expect(project.rows('t', '_rowid_, rowid, n')).toEqual(["integer 4 | text 'x' | integer 1", "integer 9 | text 'y' | integer 2"]);
	});

	test('keep an external-content full-text index intact', async () => {
		const doc = (type: string) => `CREATE TABLE doc (title TEXT, stars ${type});`;
		const rest = `CREATE VIRTUAL TABLE doc_text USING fts5(title, content=doc);
			CREATE TRIGGER doc_new AFTER INSERT ON doc BEGIN INSERT INTO doc_text(rowid, title) VALUES (new.rowid, new.title); END;`;
		const project = modelsAndDatabase(
			`${doc('TEXT')}${rest} INSERT INTO doc (rowid, title, stars) VALUES (4, 'alpha', '1'), (9, 'beta', '2'), (12, 'gone', '3');
			INSERT INTO doc_text(doc_text, rowid, title) VALUES ('delete', 9, 'beta'); DELETE FROM doc WHERE rowid = 9;`,
			doc('INTEGER') + rest,
			format,
		);
		await project.migrate({}, true);
		project.exec("INSERT INTO doc_text(doc_text, rank) VALUES ('integrity-check', 1)");
		project.exec("INSERT INTO doc (title, stars) VALUES ('delta', 3)");
		expect(project.all("SELECT rowid FROM doc_text WHERE doc_text MATCH 'gone OR delta' ORDER BY rowid")).toEqual([{rowid: 12}, {rowid: 13}]);
	});

	test('let a new or changed external-content full-text index find existing rows, after an upgrade and a downgrade', async () => {
		const doc = 'CREATE TABLE doc (title TEXT, body TEXT);';
		const project = modelsAndDatabase(
			`${doc} INSERT INTO doc (rowid, title, body) VALUES (4, 'alpha', 'one'), (9, 'beta', 'two');
			CREATE VIRTUAL TABLE old USING fts5(title, content=doc); INSERT INTO old (old) VALUES ('rebuild');`,
			`${doc} CREATE VIRTUAL TABLE old USING fts5(title, body, content="doc"); CREATE VIEW shown AS SELECT rowid, title FROM doc;
			CREATE VIRTUAL TABLE "by view" USING fts5(title, content=shown, content_rowid=rowid); CREATE VIRTUAL TABLE own USING fts5(content);
			CREATE VIRTUAL TABLE bare USING fts5(title, content='');`,
			format,
		);
		await project.migrate({allowDrops: true}, true);
		expect(project.all("SELECT rowid FROM old WHERE old MATCH 'two'")).toEqual([{rowid: 9}]);
		expect(project.all(`SELECT rowid FROM "by view" WHERE "by view" MATCH 'alpha'`)).toEqual([{rowid: 4}]);
		expect((await project.downgrade(true)).last.type).toBe('done');
		expect(project.all("SELECT rowid FROM old WHERE old MATCH 'beta'")).toEqual([{rowid: 9}]);
		project.exec("INSERT INTO old (old, rank) VALUES ('integrity-check', 1)");
	});
});
