import {copyFileSync} from 'node:fs';
import Native from 'better-sqlite3';
import {beforeEach, describe, expect, test} from 'vitest';
import {sqlScript} from '../../../../source/core/migrations/run/sql-script.ts';
import type {EngineKind} from '../../../../source/core/script/engine-features.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {optionsFor, runnerFor} from '../run.ts';
import {runners, statements} from '../sql-runners.ts';

const project = projectForEachTest();
const {done, failed} = runnerFor(project);

const actions = ['ON DELETE CASCADE', 'ON DELETE SET NULL', 'ON DELETE SET DEFAULT', 'ON DELETE RESTRICT', ''] as const;
const isTransaction = (runner: string) => !runner.includes('without a transaction') && runner !== 'node:sqlite, all at once';

const rewriteParent = `op.changeTable('parent', 'CREATE TABLE parent (id INTEGER PRIMARY KEY, v INTEGER, up INTEGER REFERENCES parent(id) ON DELETE CASCADE)');`;

beforeEach(() => {
	project.exec(`CREATE TABLE parent (id INTEGER PRIMARY KEY, v TEXT, up INTEGER REFERENCES parent(id) ON DELETE CASCADE);
		INSERT INTO parent VALUES (1, '1', NULL), (2, '2', 1), (3, '3', 2);
		CREATE TRIGGER parent_log AFTER DELETE ON parent BEGIN INSERT INTO log VALUES ('parent ' || old.id); END;
		CREATE TABLE log (what TEXT);`);
});

function child(action: string): void {
	project.exec(`CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER DEFAULT 1 REFERENCES parent(id) ${action});
		INSERT INTO child VALUES (1, 1), (2, 2), (3, NULL);
		CREATE TRIGGER child_log BEFORE DELETE ON child BEGIN INSERT INTO log VALUES ('child ' || old.id); END;`);
}

const contents = () => JSON.stringify(['parent', 'child', 'log'].map((table) => project.all(`SELECT * FROM ${table} ORDER BY 1`)));
const names = () => project.all("SELECT name FROM sqlite_schema WHERE name NOT LIKE '_lite_migr%' AND name NOT LIKE 'sqlite%' ORDER BY name");
const leftovers = () => project.value("SELECT count(*) FROM sqlite_schema WHERE name LIKE '\\_lite\\_migr\\_%' ESCAPE '\\'");

/** Returns the script of the pending migrations, without the statements that begin and end a transaction and switch foreign keys off. */
async function script(engine?: EngineKind): Promise<string> {
	const {sql} = await sqlScript(optionsFor(project), engine);
	return statements(sql)
		.filter((one) => !/^(?:BEGIN|COMMIT|PRAGMA foreign_keys)/.test(one))
		.map((one) => `${one};\n`)
		.join('');
}

describe.each(actions)('a printed rewrite of a parent whose children are %s', (action) => {
	test.each(Object.keys(runners).filter(isTransaction))('keeps every row, key and trigger with foreign keys on: %s', async (runner) => {
		child(action);
		project.migration('1_a', rewriteParent);
		const before = contents();
		const sql = await script();
		const objects = names();
		expect(runners[runner]?.(project.file, sql)).toBeUndefined();
		expect(project.value("SELECT sql FROM sqlite_schema WHERE name = 'parent'")).toContain('v INTEGER');
		expect(contents()).toBe(before.replaceAll(/"v":"(\d)"/g, '"v":$1'));
		expect([names(), leftovers()]).toEqual([objects, 0]);
		expect(project.value('SELECT name FROM _lite_migr')).toBe('1_a');
	});

	test.each(Object.keys(runners).filter((runner) => !isTransaction(runner)))(
		'stops before anything is dropped if its statements commit one by one: %s',
		async (runner) => {
			child(action);
			project.migration('1_a', rewriteParent);
			const before = contents();
			const sql = await script();
			expect(runners[runner]?.(project.file, sql)).toMatch(/lite-migr: run all statements of this script in one transaction/);
			expect(contents()).toBe(before);
			expect(project.value("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%keep%'")).toBe(0);
			// The children can still be deleted.
			project.exec('DELETE FROM child');
			expect(project.value('SELECT count(*) FROM child')).toBe(0);
		},
	);
});

describe('a printed statement of a migration', () => {
	test.each([
		['a DELETE of a parent with children', `op.execute('DELETE FROM parent WHERE id = 3');`, undefined],
		[
			'a DELETE of a parent whose children stay',
			`op.execute('DELETE FROM parent WHERE id = 2');`,
			/lite-migr: rows of parent that the statement keeps: 2 before, 1 after/,
		],
		['a DELETE of the children first', `op.execute('DELETE FROM child'); op.execute('DELETE FROM parent');`, undefined],
		[
			'a rebuild written by hand',
			`op.execute('CREATE TABLE n (id INTEGER PRIMARY KEY, v TEXT)'); op.execute('INSERT INTO n SELECT id, v FROM parent'); op.execute('DROP TABLE parent'); op.execute('ALTER TABLE n RENAME TO parent');`,
			undefined,
		],
		['an UPDATE of the keys of a parent', `op.execute('UPDATE parent SET id = id + 10, up = up + 10');`, /lite-migr: rows would have no parent row/],
		['a drop of a parent whose children stay', `op.dropTable('parent');`, /lite-migr: rows would have no parent row/],
	])('has the effect of a local run, or changes nothing: %s', async (_what, upgrade, error) => {
		child('ON DELETE CASCADE ON UPDATE CASCADE');
		project.exec('UPDATE child SET p = NULL WHERE p = 3');
		project.migration('1_a', upgrade);
		const before = contents();
		const {sql} = await sqlScript(optionsFor(project), 'd1');
		const native = new Native(project.file);
		native.pragma('foreign_keys = ON');
		const run = () => native.transaction(() => statements(sql).map((one) => native.prepare(one).run()))();
		if (error === undefined) {
			run();
			native.close();
			const after = contents();
			expect(project.all('PRAGMA foreign_key_check')).toEqual([]);
			expect(after).not.toBe(before);
		} else {
			expect(run).toThrow(error);
			native.close();
			expect(contents()).toBe(before);
		}
	});
});

describe('a printed script, with foreign keys on', () => {
	const orphan = /lite-migr: rows would have no parent row/;
	const two = `CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, g TEXT AS (a || 'x') STORED UNIQUE); INSERT INTO p (id, a) VALUES (1, '1'), (2, '2');`;

	test.each([
		[
			'a DELETE that would set keys of kept rows to NULL',
			`CREATE TABLE s (id INTEGER PRIMARY KEY, up INTEGER REFERENCES s ON DELETE SET NULL); INSERT INTO s VALUES (1, NULL), (2, 1), (3, 2);`,
			`op.execute('DELETE FROM s WHERE id = 2');`,
			/lite-migr: foreign keys of s that the statement keeps were changed/,
		],
		[
			'an UPDATE of the rowid, which is the key',
			`${two} CREATE TABLE c (p INTEGER REFERENCES p (id) ON UPDATE CASCADE); INSERT INTO c VALUES (1);`,
			`op.execute('UPDATE p SET _rowid_ = _rowid_ + 10');`,
			orphan,
		],
		[
			'an UPDATE of the column that a key is generated from',
			`${two} CREATE TABLE c (p TEXT REFERENCES p (g) ON UPDATE SET NULL); INSERT INTO c VALUES ('1x');`,
			`op.execute("UPDATE p SET a = 'q' WHERE id = 1");`,
			orphan,
		],
		[
			'a foreign key that becomes valid, with rows that have no parent row',
			`CREATE TABLE p (id INTEGER PRIMARY KEY, code); CREATE TABLE c (p REFERENCES p (code)); PRAGMA foreign_keys = OFF; INSERT INTO c VALUES ('z');`,
			`op.changeTable('p', 'CREATE TABLE p (id INTEGER PRIMARY KEY, code UNIQUE)');`,
			orphan,
		],
	])('changes nothing if a local run fails: %s', async (_what, setup, upgrade, error) => {
		project.exec(setup);
		project.migration('1_a', upgrade);
		const all = () => JSON.stringify([project.all('SELECT sql FROM sqlite_schema ORDER BY name'), ...['p', 'c', 's'].map(rowsOf)]);
		const before = all();
		expect(runners['better-sqlite3, statement by statement in a transaction']?.(project.file, await script())).toMatch(error);
		expect(all()).toBe(before);
		expect(await failed({consent: true, backup: 'never'})).toMatchObject({message: expect.stringMatching(/without a parent row/)});
	});

	test.each([
		[
			'an UPDATE of the rowid and back',
			`${two} CREATE TABLE c (p INTEGER REFERENCES p (id) ON UPDATE SET NULL); INSERT INTO c VALUES (1);`,
			`op.execute('UPDATE p SET oid = 10 WHERE oid = 1'); op.execute('UPDATE p SET oid = 1 WHERE oid = 10');`,
		],
		[
			'a chain of rows that is longer than SQLite nests triggers',
			`CREATE TABLE s (id INTEGER PRIMARY KEY, v TEXT, up INTEGER REFERENCES s ON DELETE CASCADE);
			WITH n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO s SELECT i, i, nullif(i - 1, 0) FROM n;`,
			`op.changeTable('s', 'CREATE TABLE s (id INTEGER PRIMARY KEY, v INTEGER, up INTEGER REFERENCES s ON DELETE CASCADE)');`,
		],
		[
			'a foreign key that becomes invalid',
			`CREATE TABLE p (id INTEGER PRIMARY KEY, code UNIQUE); CREATE TABLE c (p REFERENCES p (code)); INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES ('a');`,
			`op.changeTable('p', 'CREATE TABLE p (id INTEGER PRIMARY KEY, code)');`,
		],
		[
			'a table with rows without a parent row, renamed by a statement',
			`${two} CREATE TABLE c (p INTEGER REFERENCES p (id)); PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (1), (77);`,
			`op.execute('ALTER TABLE c RENAME TO d'); op.execute('DELETE FROM d WHERE p = 1'); op.execute('ALTER TABLE d RENAME TO c');`,
		],
		[
			'a table with rows without a parent row, rebuilt by hand',
			`${two} CREATE TABLE c (p INTEGER REFERENCES p (id)); PRAGMA foreign_keys = OFF; INSERT INTO c (rowid, p) VALUES (5, 1), (9, 77);`,
			`op.execute('CREATE TABLE n (p INTEGER NOT NULL REFERENCES p (id))'); op.execute('INSERT INTO n SELECT * FROM c'); op.execute('DROP TABLE c'); op.execute('ALTER TABLE n RENAME TO c');`,
		],
		[
			'a table with rows without a parent row, replaced by hand',
			`${two} CREATE TABLE c (p INTEGER REFERENCES p (id)); PRAGMA foreign_keys = OFF; INSERT INTO c (rowid, p) VALUES (5, 1), (9, 77);`,
			`op.execute('ALTER TABLE c RENAME TO old'); op.execute('CREATE TABLE c (p INTEGER NOT NULL REFERENCES p (id))'); op.execute('INSERT INTO c SELECT * FROM old'); op.execute('DROP TABLE old');`,
		],
	])('gives the same rows as a local run: %s', async (_what, setup, upgrade) => {
		project.exec(setup);
		project.migration('1_a', upgrade);
		const sql = await script();
		const other = project.at('other.db');
		copyFileSync(project.file, other);
		expect(runners['better-sqlite3, statement by statement in a transaction']?.(other, sql)).toBeUndefined();
		await done({consent: true, backup: 'never'});
		const local = ['p', 'c', 's'].map(rowsOf);
		copyFileSync(other, project.file);
		expect(['p', 'c', 's'].map(rowsOf)).toEqual(local);
		expect(leftovers()).toBe(0);
	});

	function rowsOf(table: string): unknown {
		const exists = project.value(`SELECT count(*) FROM sqlite_schema WHERE name = '${table}'`) !== 0;
		return exists ? project.all(`SELECT rowid, * FROM ${table}`) : undefined;
	}
});

describe('a printed script', () => {
	test('refuses a database with another history', async () => {
		project.migration('1_a', `op.createTable('CREATE TABLE a (x)');`);
		const sql = await script();
		await done();
		expect(runners['better-sqlite3, all at once in a transaction']?.(project.file, sql.replace(/CREATE TABLE _lite_migr \([^;]*;/, ''))).toMatch(
			/lite-migr: this script was written for a database without migrations/,
		);
	});

	test.each([
		['a new child', 'CREATE TABLE late (p INTEGER REFERENCES parent ON DELETE CASCADE); INSERT INTO late VALUES (1)', 'late'],
		['another action', 'DROP TABLE child; CREATE TABLE child (id, p INTEGER REFERENCES parent ON DELETE SET NULL)', 'child'],
		['a new column', 'ALTER TABLE parent ADD COLUMN late DEFAULT 5', 'parent'],
		['a new index', 'CREATE INDEX late ON parent (v)', 'parent'],
		['a new trigger', 'CREATE TRIGGER late AFTER INSERT ON parent BEGIN SELECT 1; END', 'parent'],
	])('refuses a table that changed after it was written: %s', async (_what, change, table) => {
		child('ON DELETE CASCADE');
		project.migration('1_a', rewriteParent);
		const sql = await script();
		project.exec(change);
		const before = [project.all('SELECT name, sql FROM sqlite_schema'), project.all(`SELECT * FROM ${table}`)];
		expect(runners['better-sqlite3, all at once in a transaction']?.(project.file, sql)).toMatch(
			/lite-migr: this script was written for tables with other columns, indexes, triggers or foreign keys/,
		);
		expect([project.all('SELECT name, sql FROM sqlite_schema'), project.all(`SELECT * FROM ${table}`)]).toEqual(before);
	});

	test('accepts a database with other tables and other spellings than the one it was written for', async () => {
		child('ON DELETE CASCADE');
		project.migration('1_a', rewriteParent);
		const sql = await script();
		project.exec('CREATE TABLE other (x); INSERT INTO parent VALUES (9, 9, NULL); ALTER TABLE parent RENAME TO p; ALTER TABLE p RENAME TO parent;');
		expect(runners['better-sqlite3, all at once in a transaction']?.(project.file, sql)).toBeUndefined();
		expect(project.value('SELECT count(*) FROM parent')).toBe(4);
	});

	test('uses names that are not in the database', async () => {
		child('ON DELETE CASCADE');
		project.exec(
			'CREATE TABLE _lite_migr_guard (x); CREATE TABLE "_LITE_MIGR_broken" (x); CREATE INDEX _lite_migr_find ON log (what); INSERT INTO _lite_migr_guard VALUES (1)',
		);
		project.migration('1_a', rewriteParent);
		const sql = await script();
		expect(runners['better-sqlite3, all at once in a transaction']?.(project.file, sql)).toBeUndefined();
		expect(project.value('SELECT x FROM _lite_migr_guard')).toBe(1);
	});

	test.each([
		['code', `op.run(() => {});`, '', /1_a contains code \(op\.run\), which d1 cannot run/],
		[
			'a migration outside a transaction',
			`op.execute('CREATE TABLE b (x)');`,
			'export const transaction = false;',
			/1_a runs outside a transaction, which d1 cannot do/,
		],
		[
			'a table with more than 100 columns',
			`op.createTable('CREATE TABLE w (' + Array.from({length: 101}, (_, n) => 'c' + n).join() + ')');`,
			'',
			/a table has 101 columns, but d1 accepts at most 100/,
		],
		[
			'a statement with more than 100,000 bytes',
			`op.execute("INSERT INTO log VALUES ('" + 'x'.repeat(100_000) + "')");`,
			'',
			/a statement has 100,0\d\d bytes, but d1 accepts at most 100,000/,
		],
		[
			'a trigger that writes the table of a DELETE',
			`op.createTrigger('CREATE TRIGGER again AFTER DELETE ON parent BEGIN DELETE FROM parent WHERE id = old.id + 1; END'); op.execute('DELETE FROM parent WHERE id = 3');`,
			'',
			/a foreign key of parent acts on rows that this statement also writes/,
		],
		[
			'a trigger that writes a child of the table of a DELETE',
			`op.execute('CREATE TABLE c (p INTEGER REFERENCES log ON DELETE CASCADE)'); op.execute('CREATE TRIGGER t AFTER DELETE ON log BEGIN UPDATE c SET p = p; END'); op.execute('DELETE FROM log');`,
			'',
			/a foreign key of c acts on rows that this statement also writes/,
		],
		[
			'a temporary table with the name of a table',
			`op.execute('CREATE TEMP TABLE log (x)');`,
			'',
			/the temporary log would hide the one of the database/,
		],
		[
			'a temporary trigger',
			`op.execute('CREATE TEMP TRIGGER t BEFORE DELETE ON main.log BEGIN SELECT 1; END');`,
			'',
			/a script cannot create a temporary trigger/,
		],
		[
			'a copy of a parent with a foreign key that cannot be enforced',
			`op.execute('CREATE TABLE m (id INTEGER PRIMARY KEY, w REFERENCES log (what))'); op.execute('CREATE TABLE n (m REFERENCES m ON DELETE CASCADE)'); op.changeTable('m', 'CREATE TABLE m (id INTEGER PRIMARY KEY, w NOT NULL)');`,
			'',
			/the foreign key of m \(w\) cannot be enforced: the columns it refers to are not a key of log/,
		],
		['changes()', `op.execute('INSERT INTO log SELECT changes()');`, '', /changes\(\) has a different value in a script/],
	])('is refused with the reason if the engine cannot run it: %s', async (_what, upgrade, head, message) => {
		project.migration('1_a', upgrade, undefined, head);
		await expect(sqlScript(optionsFor(project), 'd1')).rejects.toThrow(message);
	});
});
