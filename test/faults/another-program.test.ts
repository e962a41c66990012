import {existsSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {nativeOf} from '../../source/core/sqlite/connection.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {localFeatures} from '../core/local-features.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

/** Creates a project whose database needs a collation, a function and a module of another program. */
function foreignProject(): ProjectFolder {
	const project = projectFolder({'migrate.toml': toml});
	project.database((db) => {
		db.exec(`CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT COLLATE NOCASE, sort TEXT);
			CREATE INDEX books_title ON books (title);
			CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);
			CREATE TRIGGER sorted AFTER INSERT ON books BEGIN UPDATE books SET sort = title_sort(new.title) WHERE id = new.id; END;
			INSERT INTO tags VALUES (1, 'a'), (2, 'b');`);
		db.exec("DROP TRIGGER sorted; INSERT INTO books VALUES (1, 'Émile', '7'), (2, 'emil', NULL)");
		addForeignDefinitions(db);
	});
	return project;
}

/** Writes definitions into the schema that SQLite itself would not create. */
function addForeignDefinitions(db: Database): void {
	nativeOf(db).unsafeMode(true);
	db.exec(`PRAGMA writable_schema = ON;
		UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'unicase') WHERE name = 'books';
		INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
			VALUES ('table', 'shapes', 'shapes', 0, 'CREATE VIRTUAL TABLE shapes USING shape_index(outline)');
		INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('trigger', 'sorted', 'books', 0,
			'CREATE TRIGGER sorted AFTER INSERT ON books BEGIN UPDATE books SET sort = title_sort(new.title) WHERE id = new.id; END');
		PRAGMA writable_schema = RESET`);
}

async function done(project: ProjectFolder, ...argv: readonly string[]): Promise<string> {
	const finished = await project.lite(...argv);
	expect(finished, argv.join(' ')).toMatchObject({code: 0, stderr: ''});
	return finished.stdout;
}

describe('a database that uses a collation, a function and a module of another program', () => {
	test('is pulled, adopted and changed if SQLite can do so without them', async () => {
		const project = foreignProject();
		await done(project, 'pull', '--format', 'sql');
		await done(project, 'baseline', 'start');
		// Only that program can build a new database.
		expect(await project.lite('check')).toMatchObject({
			code: 4,
			stdout: expect.stringMatching(/^✗ upgrade cannot build a new database from the migrations\n.*no such collation sequence: unicase\n/),
		});
		project.write('migrate.toml', `${toml}new_databases = false\n`);
		expect(await done(project, 'check')).toMatch(/^! .*; accepted by .*\n✔ models, migrations and app\.db agree\n$/);
		const models = project.read('models/schema.sql').replace('sort TEXT', 'sort TEXT, year INTEGER');
		// Without SET NOT NULL, a copy of the table would need the collation.
		project.write('models/schema.sql', localFeatures.alterConstraints ? models.replace('name TEXT', 'name TEXT NOT NULL') : models);
		expect(await done(project, 'create', 'more')).toContain('+ year INTEGER   add column');
		await done(project, 'upgrade');
		expect(await done(project, 'check')).toContain('✔ models, migrations and app.db agree\n');
		// DROP COLUMN itself needs the collation.
		await done(project, 'downgrade', '--yes');
		expect(project.database((db) => db.tuples("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"))).toEqual([
			['books_title', 'CREATE INDEX books_title ON books (title)'],
		]);
		expect(project.database((db) => db.tuples('SELECT id, title, sort FROM books NOT INDEXED'))).toEqual([
			[1, 'Émile', '7'],
			[2, 'emil', null],
		]);
	});

	test('is restored completely, after a report of what would be lost', async () => {
		const project = foreignProject();
		await done(project, 'baseline', 'start');
		project.write('migrations/20300101_000000_less.sql', '-- upgrade\nDELETE FROM tags;\n-- downgrade\n');
		await done(project, 'upgrade', '--yes');
		const [id = ''] = project.files('backups').map((name) => name.split('-')[1] ?? '');
		project.database((db) => db.exec("INSERT INTO tags VALUES (3, 'c')"));
		const refused = await project.lite('restore', id);
		expect(refused).toMatchObject({code: 3, stdout: expect.stringMatching(/~ tags +1 → 2 rows +▲ 1 row lost/)});
		await done(project, 'restore', id, '--yes');
		expect(project.database((db) => db.tuples('SELECT id FROM tags'))).toEqual([[1], [2]]);
		expect(project.database((db) => db.value('SELECT count(*) FROM books NOT INDEXED'))).toBe(2);
	});

	test('is left unchanged if SQLite needs something it does not have, and the reason is reported', async () => {
		const project = foreignProject();
		await done(project, 'pull', '--format', 'sql');
		await done(project, 'baseline', 'start');
		project.write('models/schema.sql', project.read('models/schema.sql').replace('sort TEXT', 'sort INTEGER'));
		await done(project, 'create', 'number', '--fill', 'books.sort=CAST(sort AS INTEGER)');

		const upgraded = await project.lite('upgrade', '--yes');
		expect(upgraded.code).toBe(1);
		expect(upgraded.stderr).toMatch(/^✗ no such collation sequence: unicase\n.*migrations\/\d{8}_\d{6}_number\.ts:\d+\n/m);
		expect(upgraded.stderr).toContain('nothing was written');
		expect(existsSync(project.at('backups'))).toBe(false);
		expect(upgraded.stderr).toContain('collation unicase comes from another program or an extension');
		const fresh = await project.lite('upgrade', '--db', 'new.db');
		expect(fresh).toMatchObject({code: 1, stderr: expect.stringContaining('no such collation sequence: unicase')});
		expect(fresh.stderr).toContain('collation unicase comes from another program or an extension');
		expect(project.database((db) => db.tuples('SELECT id, title, sort FROM books NOT INDEXED'))).toEqual([
			[1, 'Émile', '7'],
			[2, 'emil', null],
		]);
	});

	test('can write tables whose ignored children only that program can read, if no parent row is written', async () => {
		const project = projectFolder({'migrate.toml': `${toml}ignore = ["theirs"]\n`});
		project.database((db) => {
			db.exec(`CREATE TABLE parents (name TEXT PRIMARY KEY); INSERT INTO parents VALUES ('a');
				CREATE TABLE others (id INTEGER PRIMARY KEY); INSERT INTO others VALUES (1);
				CREATE TABLE theirs (word TEXT COLLATE NOCASE PRIMARY KEY, parent TEXT REFERENCES parents (name)) WITHOUT ROWID;
				INSERT INTO theirs VALUES ('x', 'a');`);
			nativeOf(db).unsafeMode(true);
			db.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'unicase'); PRAGMA writable_schema = RESET`);
		});
		await done(project, 'baseline', 'start');
		project.migration('20990101_000000_other', 'op.run(({db}) => db.exec("DELETE FROM others"));');
		await done(project, 'upgrade', '--yes');
		project.migration('20990102_000000_parent', 'op.run(({db}) => db.exec("DELETE FROM parents"));');
		const code = await project.lite('upgrade', '--yes');
		expect(code).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/^✗ \d{8}_\d{6}_parent failed: cannot check the foreign keys of theirs: no such /),
		});
		project.migration('20990102_000000_parent', "op.execute('DELETE FROM parents');");
		const statement = await project.lite('upgrade', '--yes');
		expect(statement).toMatchObject({code: 1, stderr: expect.stringMatching(/^✗ cannot check the foreign keys of theirs: no such collation/)});
		for (const {stderr} of [code, statement]) {
			expect(stderr).toContain('apply the migration in the program that provides collation unicase');
			expect(stderr).not.toContain('ignore');
		}
		expect(project.database((db) => db.value('SELECT count(*) FROM parents'))).toBe(1);
	});

	test('is restored even if it has a table that only that program can read, with consent to all its rows', async () => {
		const project = projectFolder({'migrate.toml': `${toml}ignore = ["theirs"]\n`});
		project.database((db) => {
			db.exec(`CREATE TABLE tags (id INTEGER PRIMARY KEY); INSERT INTO tags VALUES (1);
				CREATE TABLE theirs (word TEXT COLLATE NOCASE PRIMARY KEY) WITHOUT ROWID;
				WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO theirs SELECT 'word ' || i FROM n;`);
			nativeOf(db).unsafeMode(true);
			db.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'unicase'); PRAGMA writable_schema = RESET`);
		});
		await done(project, 'baseline', 'start');
		project.migration('20990101_000000_less', "op.execute('DELETE FROM tags');");
		await done(project, 'upgrade', '--yes');
		const [id = ''] = project.files('backups').map((name) => name.split('-')[1] ?? '');
		const refused = await project.lite('restore', id);
		expect(refused).toMatchObject({code: 3, stdout: expect.stringMatching(/theirs +1,000 rows? +▲ 1,000 rows lost/)});
		await done(project, 'restore', id, '--yes');
		expect(project.database((db) => db.value('SELECT count(*) FROM tags'))).toBe(1);
		expect(project.database((db) => db.value("SELECT sum(ncell) FROM dbstat WHERE name = 'theirs'"))).toBe(1000);
	});
});
