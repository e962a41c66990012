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

	test.each([
		['a conversion', 'n INTEGER PRIMARY KEY, title TEXT', 'n INTEGER PRIMARY KEY, title INTEGER', undefined],
		['a fill', 'n INTEGER PRIMARY KEY, title TEXT', 'n INTEGER PRIMARY KEY, title TEXT NOT NULL', "coalesce(title, 'none')"],
		['a new rowid', 'n INTEGER, title TEXT', 'n INTEGER PRIMARY KEY, title TEXT', undefined],
		['a generated column', 'n INTEGER PRIMARY KEY, a TEXT, title AS (upper(a))', 'n INTEGER PRIMARY KEY, a INTEGER, title AS (upper(a))', undefined],
	])('do not make a full-text index outdated that reads rows changed by %s', async (_, before, after, fill) => {
		const rest = `CREATE VIEW shown AS SELECT n, title FROM doc; CREATE VIRTUAL TABLE by_view USING fts5(title, content=shown, content_rowid=n);
			CREATE VIRTUAL TABLE doc_text USING fts5(title, content=doc);`;
		const value = before.includes('title AS') ? 'a' : 'title';
		const project = modelsAndDatabase(
			`CREATE TABLE doc (${before}); INSERT INTO doc (n, ${value}) VALUES (5, 'beta'), (3, '007'), (9, 'x'), (8, ${fill === undefined ? "'y'" : 'NULL'});
			${rest} INSERT INTO doc_text(doc_text) VALUES ('rebuild'); INSERT INTO by_view(by_view) VALUES ('rebuild');`,
			`CREATE TABLE doc (${after}); ${rest}`,
			format,
		);
		const check = () => {
			for (const index of ['doc_text', 'by_view']) project.exec(`INSERT INTO ${index}(${index}, rank) VALUES ('integrity-check', 1)`);
		};
		check();
		await project.migrate(fill === undefined ? {} : {fills: [{table: 'doc', column: 'title', expression: fill}]}, true);
		check();
		expect(project.all("SELECT rowid FROM doc_text WHERE doc_text MATCH 'beta'")).toEqual([{rowid: 5}]);
		expect((await project.downgrade(true)).last.type).toBe('done');
		check();
	});

	test('are found again by a full-text index after a column named rowid was added and dropped', async () => {
		const index = 'CREATE VIRTUAL TABLE doc_text USING fts5(title, content=doc);';
		const project = modelsAndDatabase(
			`CREATE TABLE doc (title TEXT); INSERT INTO doc (rowid, title) VALUES (4, 'beta'); ${index} INSERT INTO doc_text(doc_text) VALUES ('rebuild')`,
			`CREATE TABLE doc (title TEXT, rowid INTEGER DEFAULT 7); ${index}`,
			format,
		);
		const beta = () => project.all("SELECT rowid FROM doc_text WHERE doc_text MATCH 'beta'");
		await project.migrate({}, true);
		expect(beta()).toEqual([{rowid: 7}]);
		expect((await project.downgrade(true)).last.type).toBe('done');
		expect(beta()).toEqual([{rowid: 4}]);
	});

	test.each([
		['another view', "CREATE VIEW inner AS SELECT id, title || 'x' AS title FROM doc;", {}],
		[
			'a changed table under two views',
			'CREATE VIEW inner AS SELECT id, title FROM doc;',
			{fills: [{table: 'doc', column: 'title', expression: "'new'"}]},
		],
	])('are found by a full-text index over a view that reads %s', async (_, inner, answers) => {
		const rest = `CREATE VIEW shown AS SELECT id, title FROM "inner"; CREATE VIRTUAL TABLE doc_text USING fts5(title, content=shown, content_rowid=id);`;
		const project = modelsAndDatabase(
			`CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT); CREATE VIEW "inner" AS SELECT id, title FROM doc; ${rest}
			INSERT INTO doc VALUES (5, NULL), (6, 'Beta'); INSERT INTO doc_text(doc_text) VALUES ('rebuild')`,
			`CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT ${'fills' in answers ? 'NOT NULL' : ''}); ${inner.replace('inner', '"inner"')} ${rest}`,
			format,
		);
		const check = () => project.exec(`INSERT INTO doc_text(doc_text, rank) VALUES ('integrity-check', 1)`);
		check();
		await project.migrate(answers, true);
		check();
		expect((await project.downgrade(true)).last.type).toBe('done');
		check();
	});

	test('are found by a full-text index whose table was replaced by another one', async () => {
		const index = 'CREATE VIRTUAL TABLE doc_text USING fts5(title, content=doc);';
		const project = modelsAndDatabase(
			`CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO doc VALUES (5, 'beta'); ${index}
			INSERT INTO doc_text(doc_text) VALUES ('rebuild')`,
			`CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT, more TEXT, other TEXT); CREATE TABLE old (id INTEGER PRIMARY KEY, title TEXT); ${index}`,
			format,
		);
		const found = () => project.all("SELECT rowid FROM doc_text WHERE doc_text MATCH 'beta'");
		await project.migrate({renames: [{table: 'doc', to: 'old'}]}, true);
		expect(project.all('SELECT id FROM old')).toEqual([{id: 5}]);
		expect(found()).toEqual([]);
		expect((await project.downgrade(true)).last.type).toBe('done');
		expect(found()).toEqual([{rowid: 5}]);
	});

	test('of a renamed table are found by its full-text index, and dropping the index needs no consent', async () => {
		const index = (table: string) => `CREATE VIRTUAL TABLE doc_text USING fts5(title, content=${table});`;
		const project = modelsAndDatabase(
			`CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO doc VALUES (5, 'beta'); ${index('doc')}`,
			`CREATE TABLE page (id INTEGER PRIMARY KEY, title TEXT); ${index('page')}`,
			format,
		);
		await project.migrate({renames: [{table: 'doc', to: 'page'}]});
		expect(project.all("SELECT rowid FROM doc_text WHERE doc_text MATCH 'beta'")).toEqual([{rowid: 5}]);
		expect((await project.downgrade()).last.type).toBe('done');
		expect(project.all("SELECT rowid FROM doc_text WHERE doc_text MATCH 'beta'")).toEqual([{rowid: 5}]);
	});

	test.each([
		['not', 'SELECT id, title FROM doc', ['addColumn']],
		['', 'SELECT * FROM doc', ['addColumn', 'execute']],
	])('are %s read again for a full-text index over a view if a column is added: %s', async (_, select, kinds) => {
		const rest = `CREATE VIEW shown AS ${select}; CREATE VIRTUAL TABLE doc_text USING fts5(title, content=shown, content_rowid=id);`;
		const project = modelsAndDatabase(
			`CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT); ${rest}`,
			`CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT, more TEXT); ${rest}`,
			format,
		);
		const {operations} = await project.draft();
		expect(operations.map(({kind}) => kind)).toEqual(kinds);
	});

	test('are not read again for a full-text index if only the case of its table changes', async () => {
		const index = 'CREATE VIRTUAL TABLE doc_text USING fts5(title, content=doc);';
		const project = modelsAndDatabase(`CREATE TABLE doc (title TEXT); ${index}`, `CREATE TABLE Doc (title TEXT); ${index}`, format);
		const {operations} = await project.draft({renames: [{table: 'doc', to: 'Doc'}]});
		expect(operations.map(({kind}) => kind)).toEqual(['renameTable']);
	});

	test('are not read again for a full-text index whose rows do not change', async () => {
		const index = 'CREATE VIRTUAL TABLE doc_text USING fts5(title, content=doc);';
		const project = modelsAndDatabase(
			`CREATE TABLE doc (title TEXT, stars TEXT); ${index} INSERT INTO doc VALUES ('alpha', '1')`,
			`CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT, stars INTEGER NOT NULL DEFAULT 0, more TEXT); ${index}`,
			format,
		);
		const {operations} = await project.draft();
		expect(operations.map(({kind}) => kind)).toEqual(['changeTable']);
	});
});
