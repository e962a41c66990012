import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

const user = (type: string) => `CREATE TABLE user (id INTEGER PRIMARY KEY, zip ${type});`;
const virtual = `CREATE VIRTUAL TABLE doc USING fts5(title, body);
CREATE VIRTUAL TABLE area USING rtree(id, x0, x1);`;
const rows = `INSERT INTO user VALUES (1, '10'); INSERT INTO doc VALUES ('one', 'alpha beta'), ('two', 'gamma'); INSERT INTO area VALUES (1, 0, 10);`;

describe.each(formats)('pitfall 21: virtual tables and their shadow tables, in a .%s migration', (format) => {
	test('are not a difference, and shadow tables are never treated as tables', async () => {
		const project = modelsAndDatabase(user('TEXT') + virtual + rows, user('TEXT') + virtual, format);
		expect(await project.draft()).toMatchObject({operations: [], questions: []});
	});

	test('are unchanged when other tables change', async () => {
		const project = modelsAndDatabase(user('TEXT') + virtual + rows, user('INTEGER') + virtual, format);
		const shadows = () => project.all("SELECT name, sql FROM sqlite_schema WHERE name LIKE 'doc%' OR name LIKE 'area%' ORDER BY name");
		const before = shadows();
		expect(before).toHaveLength(10);
		await project.migrate({}, true);
		expect(shadows()).toEqual(before);
		expect(project.all("SELECT title FROM doc WHERE doc MATCH 'alpha'")).toEqual([{title: 'one'}]);
		project.exec("INSERT INTO doc(doc) VALUES ('integrity-check')");
		expect(project.all('SELECT id FROM area WHERE x0 < 5')).toEqual([{id: 1}]);
	});

	test('that are not in the models are one question each, without questions about shadow tables', async () => {
		const project = modelsAndDatabase(user('TEXT') + virtual + rows, user('TEXT'), format);
		expect((await project.draft()).questions).toMatchObject([
			{kind: 'drop', object: 'virtualTable', table: 'doc'},
			{kind: 'drop', object: 'virtualTable', table: 'area'},
		]);
		await project.migrate({drops: [{table: 'doc'}, {table: 'area'}]}, true);
		expect(project.all("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE '%lite_migr%'")).toEqual([{name: 'user'}]);
	});

	describe('a full-text index over the rows of a table', () => {
		const note = "CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO note VALUES (1, 'running'), (2, 'walking');";
		const index = (options: string) => `CREATE VIRTUAL TABLE note_text USING fts5(title, content='note', content_rowid='id'${options});`;
		const found = "SELECT rowid AS id FROM note_text WHERE note_text MATCH 'run'";
		const filled = "INSERT INTO note_text (note_text) VALUES ('rebuild');";

		test('is rebuilt without a question or consent if it changes, and again by the downgrade', async () => {
			const models = `CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT); ${index(", tokenize='porter'")}`;
			const project = modelsAndDatabase(note + index('') + filled, models, format);
			expect(await project.draft()).toMatchObject({questions: [], findings: [], hazards: []});
			await project.migrate();
			expect(project.all(found)).toEqual([{id: 1}]);
			await project.downgrade();
			expect(project.all(found)).toEqual([]);
			expect(project.all("SELECT rowid AS id FROM note_text WHERE note_text MATCH 'walking'")).toEqual([{id: 2}]);
		});

		test('needs no consent to be dropped, but is a question if it is not in the models', async () => {
			const project = modelsAndDatabase(note + index('') + filled, 'CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT);', format);
			expect((await project.draft()).questions).toMatchObject([{kind: 'drop', object: 'virtualTable', table: 'note_text'}]);
			await project.migrate({drops: [{table: 'note_text'}]});
			expect(project.all('SELECT title FROM note')).toEqual([{title: 'running'}, {title: 'walking'}]);
		});

		test('is rebuilt without a question if its table and column are renamed, and again by the downgrade', async () => {
			const models = `CREATE TABLE memo (id INTEGER PRIMARY KEY, heading TEXT);
				CREATE VIRTUAL TABLE note_text USING fts5(heading, content='memo', content_rowid='id', tokenize='porter');`;
			const project = modelsAndDatabase(note + index('') + filled, models, format);
			const renames = [
				{table: 'note', to: 'memo'},
				{table: 'memo', column: 'title', to: 'heading'},
			];
			expect(await project.draft({renames})).toMatchObject({questions: [], findings: [], hazards: []});
			await project.migrate({renames});
			expect(project.all(found)).toEqual([{id: 1}]);
			await project.downgrade();
			expect(project.all("SELECT title FROM note_text WHERE note_text MATCH 'walking'")).toEqual([{title: 'walking'}]);
		});

		const selective = {
			'adds only some rows':
				"CREATE TRIGGER some AFTER INSERT ON note WHEN new.title <> 'draft' BEGIN INSERT INTO note_text (rowid, title) VALUES (new.id, new.title); END;",
			'selects only some rows':
				"CREATE TRIGGER some AFTER INSERT ON note BEGIN INSERT INTO note_text (rowid, title) SELECT new.id, new.title WHERE new.title <> 'draft'; END;",
			'removes some rows':
				"CREATE TRIGGER some AFTER UPDATE ON note WHEN new.title = 'draft' BEGIN INSERT INTO note_text (note_text, rowid, title) VALUES ('delete', old.id, old.title); END;",
		};
		test.each(Object.entries(selective))('is a question if a trigger %s, because a rebuilt index has all', async (_, trigger) => {
			const table = 'CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT);';
			const project = modelsAndDatabase(note + index('') + filled + trigger, `${table} ${index(", tokenize='porter'")} ${trigger}`, format);
			expect(await project.draft()).toMatchObject({
				operations: [],
				questions: [
					{kind: 'drop', object: 'virtualTable', table: 'note_text', message: expect.stringContaining('trigger some adds or removes only some')},
				],
			});
			const isNew = modelsAndDatabase(note + index('') + filled, `${table} ${index(", tokenize='porter'")} ${trigger}`, format);
			expect((await isNew.draft()).questions).toMatchObject([{table: 'note_text'}]);
			await project.migrate({drops: [{table: 'note_text'}]});
			expect(project.all(found)).toEqual([{id: 1}]);
		});

		test.each(Object.entries(selective))('is not filled with all rows after a change of these rows if a trigger %s', async (_, trigger) => {
			const table = (type: string) => `CREATE TABLE note (id INTEGER PRIMARY KEY, title ${type});`;
			const project = modelsAndDatabase(note + index('') + filled + trigger, table('INTEGER') + index('') + trigger, format);
			expect((await project.draft()).operations).toMatchObject([{kind: 'changeTable'}]);
			const plain = modelsAndDatabase(note + index('') + filled, table('INTEGER') + index(''), format);
			expect((await plain.draft()).operations).toMatchObject([{kind: 'changeTable'}, {kind: 'execute'}]);
		});

		const complete = {
			'with WHEN only replace entries that have changed': `CREATE TRIGGER both AFTER UPDATE ON note WHEN old.title <> new.title BEGIN
				INSERT INTO note_text (note_text, rowid, title) VALUES ('delete', old.id, old.title);
				INSERT INTO note_text (rowid, title) VALUES (new.id, new.title); END;`,
			'with the same WHEN remove and add an entry': `CREATE TRIGGER out BEFORE UPDATE ON note WHEN old.title <> new.title BEGIN
				INSERT INTO note_text (note_text, rowid, title) VALUES ('delete', old.id, old.title); END;
				CREATE TRIGGER back AFTER UPDATE ON note WHEN old.title <> new.title BEGIN INSERT INTO note_text (rowid, title) VALUES (new.id, new.title); END;`,
			'have a WHERE elsewhere': `CREATE TRIGGER every AFTER INSERT ON note BEGIN
				INSERT INTO note_text (rowid, title) VALUES (new.id, (SELECT title FROM note WHERE id = (new.id)));
				UPDATE note SET title = title WHERE id = new.id; END;`,
		};
		test.each(Object.entries(complete))('is no question if triggers %s', async (_, trigger) => {
			const table = 'CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT);';
			const project = modelsAndDatabase(note + index('') + filled + trigger, `${table} ${index(", tokenize='porter'")} ${trigger}`, format);
			expect((await project.draft()).questions).toEqual([]);
		});

		test.each(["content=''", ''])('asks and needs consent if no other table has its rows (%s)', async (content) => {
			const own = (options: string) =>
				`CREATE VIRTUAL TABLE own USING fts5(${['title', content, options].filter((part) => part !== '').join(', ')});`;
			const project = modelsAndDatabase(`${own('')} INSERT INTO own (rowid, title) VALUES (1, 'x');`, own("tokenize='porter'"), format);
			expect((await project.draft()).questions).toMatchObject([{kind: 'drop', object: 'virtualTable', table: 'own'}]);
			expect((await project.draft({drops: [{table: 'own'}]})).hazards).toMatchObject([{kind: 'dropTable', table: 'own'}]);
		});
	});

	test('that only show the words of a full-text index change without a question, and after the index was dropped', async () => {
		const models = (type: string) =>
			`CREATE VIRTUAL TABLE doc USING fts5(title, tokenize='${type}'); CREATE VIRTUAL TABLE word USING fts5vocab(doc, ${type === 'porter' ? 'col' : 'row'});`;
		const project = modelsAndDatabase(`${models('ascii')} INSERT INTO doc VALUES ('one');`, models('porter'), format);
		expect((await project.draft()).questions).toMatchObject([{table: 'doc'}]);
		await project.migrate({drops: [{table: 'doc'}]}, true);
		project.exec("INSERT INTO doc VALUES ('two')");
		expect(project.all('SELECT term, col FROM word')).toEqual([{term: 'two', col: 'title'}]);
		expect(await project.draft()).toMatchObject({operations: [], questions: []});
	});

	test('do not hide a real table with a similar name', async () => {
		const like = 'CREATE TABLE doc_notes (id INTEGER PRIMARY KEY, text TEXT);';
		const project = modelsAndDatabase(user('TEXT') + virtual + rows, user('TEXT') + virtual + like, format);
		await project.migrate();
		expect(project.all("SELECT type FROM pragma_table_list('doc_notes')")).toEqual([{type: 'table'}]);
	});
});
