import {spawnSync} from 'node:child_process';
import {copyFileSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {sqlScript} from '../../../../source/core/migrations/run/sql-script.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {optionsFor, runnerFor} from '../run.ts';
import {statements} from '../sql-runners.ts';

const project = projectForEachTest();
const {done} = runnerFor(project);
const hasShell = spawnSync('sqlite3', ['--version']).status === 0;

describe('a run as SQL', () => {
	// Debian and macOS have the shell. Elsewhere the test is skipped.
	test.runIf(hasShell)('gives the same schema and rows when the sqlite3 shell runs it', async () => {
		project.exec(`CREATE TABLE owner (id INTEGER PRIMARY KEY, v TEXT);
			CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id INTEGER REFERENCES owner(id) ON DELETE CASCADE, "na me" TEXT, qty TEXT);
			CREATE INDEX item_i ON item ("na me");
			CREATE TRIGGER item_t AFTER INSERT ON item BEGIN UPDATE owner SET v = CASE WHEN 1 THEN 'it''s; ' END; END;
			CREATE VIEW item_v AS SELECT * FROM item;
			INSERT INTO owner VALUES (1, '01'), (2, '2');
			INSERT INTO item VALUES (5, 1, 'a', '007'), (90, 2, 'b', 'x'); DELETE FROM item WHERE id = 90; INSERT INTO item VALUES (7, 2, 'c', NULL);`);
		project.migration(
			'1_a',
			`op.changeTable('owner', 'CREATE TABLE owner (id INTEGER PRIMARY KEY, v INTEGER)');
			op.changeTable('item', \`CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, owner_id INTEGER NOT NULL REFERENCES owner(id) ON DELETE CASCADE, "na me" TEXT, qty INTEGER DEFAULT 3, up TEXT)\`, {fill: {up: 'upper("na me")'}});
			op.createTable("CREATE TABLE note (x TEXT CHECK (x <> ';')) -- the end");
			op.execute('INSERT INTO note VALUES (?), (?)', ["it's", null]);`,
		);
		project.migration('2_b.sql', 'ALTER TABLE note RENAME TO notes;\nCREATE INDEX notes_x ON notes (x);\n');
		const other = project.at('other.db');
		copyFileSync(project.file, other);
		const script = await sqlScript(optionsFor(project));
		expect(script.migrations).toEqual(['1_a', '2_b']);
		writeFileSync(project.at('script.sql'), script.sql);
		const shell = spawnSync('sqlite3', ['-bail', other], {input: script.sql, encoding: 'utf8'});
		expect([shell.status, shell.stderr]).toEqual([0, '']);
		await done({consent: true, backup: 'never'});

		const [mine, its] = [openDatabase(project.file), openDatabase(other)];
		for (const sql of [
			'SELECT * FROM owner',
			'SELECT *, typeof(qty) FROM item',
			'SELECT * FROM notes',
			'SELECT name, seq FROM sqlite_sequence ORDER BY name',
			'SELECT name, checksum, tool_version FROM _lite_migr',
			"SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '%lite%' ORDER BY type, name",
			'PRAGMA integrity_check',
			'PRAGMA foreign_key_check',
		]) {
			expect(its.all(sql), sql).toEqual(mine.all(sql));
		}
		mine.close();
		its.close();
		expect((await sqlScript(optionsFor(project))).sql).toBe('');
	});

	test.runIf(hasShell)('changes nothing the second time, even in a shell that continues after errors and then commits', async () => {
		project.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY, nm TEXT); CREATE TABLE post (user_id INTEGER REFERENCES user ON DELETE CASCADE);
			INSERT INTO user VALUES (1, 'Ann'), (2, 'Tom'); INSERT INTO post VALUES (1), (2);`);
		project.migration('1_a', `op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL)', {fill: {name: 'nm'}});`);
		project.migration('2_b', `op.execute('PRAGMA optimize');`, undefined, 'export const transaction = false;');
		project.migration('3_c', `op.execute('DELETE FROM post WHERE rowid = (SELECT max(rowid) FROM post)');`);
		const {sql} = await sqlScript(optionsFor(project));
		const run = (input = sql) => spawnSync('sqlite3', [project.file], {input, encoding: 'utf8'});
		expect(run()).toMatchObject({status: 0, stderr: ''});
		const contents = () => [
			...['SELECT * FROM user', 'SELECT * FROM post', 'SELECT name FROM _lite_migr', 'SELECT name, sql FROM sqlite_schema'].map(project.all),
		];
		const before = contents();
		expect(run().stderr).toContain('table _lite_migr already exists');
		expect(contents()).toEqual(before);
		// The shell executes each line, so it continues after the error.
		const lines = statements(sql).map((one) => `${one};\n`);
		expect(run(lines.join('')).stderr).toContain('lite-migr: a statement of this script failed, so everything is rolled back');
		expect(contents()).toEqual(before);
		expect(project.all('SELECT * FROM user')).toHaveLength(2);
	});

	test.runIf(hasShell)(
		'stops at a statement that fails, in a shell that continues after errors, before a later one drops what was not copied',
		async () => {
			project.exec('CREATE TABLE old (v); INSERT INTO old VALUES (1), (NULL);');
			project.migration(
				'1_a',
				`op.createTable('CREATE TABLE new (v NOT NULL)'); op.execute('INSERT INTO new SELECT v FROM old -- */ all'); op.dropTable('old');`,
			);
			const {sql} = await sqlScript(optionsFor(project));
			expect(spawnSync('sqlite3', [project.file], {input: sql, encoding: 'utf8'}).stderr).toContain('NOT NULL constraint failed: new.v');
			expect(project.all('SELECT v FROM old')).toHaveLength(2);
			expect(project.all("SELECT name FROM sqlite_schema WHERE type = 'table'")).toEqual([{name: 'old'}]);
		},
	);

	test.runIf(hasShell).each([
		['a new column before others', 'CREATE TABLE t (id INTEGER PRIMARY KEY, new TEXT, a TEXT, b INTEGER, CHECK (b > 0))'],
		['a new foreign key, the columns in another order', 'CREATE TABLE t (b INTEGER, a TEXT, id INTEGER PRIMARY KEY REFERENCES parent(id))'],
		['NOT NULL, the columns in another order', 'CREATE TABLE t (b INTEGER NOT NULL, -- how many\n id INTEGER PRIMARY KEY, a TEXT)'],
		['one column less, and a CHECK', 'CREATE TABLE t (b INTEGER CHECK (b > 0), id INTEGER PRIMARY KEY)'],
		['a change that copies the rows anyway', 'CREATE TABLE t (b TEXT, new TEXT, id INTEGER PRIMARY KEY, a TEXT)'],
	])('leaves the columns in the same order as an upgrade: %s', async (_what, definition) => {
		project.exec(`CREATE TABLE parent (id INTEGER PRIMARY KEY); INSERT INTO parent VALUES (1), (2);
			CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER); INSERT INTO t VALUES (1, 'x', 5), (2, 'y', 6);`);
		project.migration('1_a', `op.changeTable('t', \`${definition}\`);`);
		const other = project.at('other.db');
		copyFileSync(project.file, other);
		const {sql} = await sqlScript(optionsFor(project));
		expect(spawnSync('sqlite3', ['-bail', other], {input: sql, encoding: 'utf8'})).toMatchObject({status: 0, stderr: ''});
		await done({consent: true, backup: 'never'});
		const [mine, its] = [openDatabase(project.file), openDatabase(other)];
		for (const query of ['SELECT cid, name, type, "notnull", pk FROM pragma_table_xinfo(\'t\')', 'SELECT * FROM t']) {
			expect(its.tuples(query)).toEqual(mine.tuples(query));
		}
		mine.close();
		its.close();
	});

	test('lists the migrations whose code it cannot contain, and also works for a downgrade', async () => {
		project.migration('1_a', `op.createTable('CREATE TABLE t (x)'); op.run(() => {});`, `op.dropTable('t');`);
		const script = await sqlScript(optionsFor(project));
		expect(script.withCode).toEqual(['1_a']);
		expect(script.sql).toContain('-- op.run');
		await done();
		const back = (await sqlScript(optionsFor(project, {direction: 'downgrade'}))).sql;
		expect(back).toContain('DROP TABLE');
		expect(back).toContain(`DELETE FROM _lite_migr WHERE name = '1_a'`);
	});

	test('is not printed if SQLite cannot read a statement, and the error has its file and line', async () => {
		const file = project.migration('1_a.sql', 'CREATE TABLE t (x);\nINSERT INTO nowhere VALUES (1);\n');
		await expect(sqlScript(optionsFor(project))).rejects.toMatchObject({
			code: 'migration',
			message: 'no such table: nowhere',
			location: {file, line: 2},
			details: [expect.stringContaining('INSERT INTO nowhere')],
		});
	});

	test('is not printed for tables that already exist, and the error says how to adopt them', async () => {
		project.exec('CREATE TABLE t (x)');
		project.migration('1_a', `op.execute('CREATE TABLE t (x)')`);
		await expect(sqlScript(optionsFor(project))).rejects.toMatchObject({hint: expect.stringContaining('lite-migr baseline 1_a')});
	});
});
