import BetterSqlite3 from 'better-sqlite3';
import {describe, expect, test} from 'vitest';
import {nativeOf} from '../../../source/core/sqlite/connection.ts';
import {localSqliteVersion} from '../../../source/core/sqlite/driver/choose.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';

const readers = ['status', 'check', 'diff --allow-drops', 'pull --dry-run --format sql', 'upgrade --sql', 'upgrade --dry-run'];
const rewrite = "export function upgrade(op) { op.changeTable('t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER)'); }\n";

/** Creates a project with a database from an untrusted source. */
function hostileProject(sql: string, migration = rewrite): ProjectFolder {
	const project = projectFolder({'migrate.toml': toml, 'models/.keep': '', 'migrations/20260101_000000_first.ts': migration});
	project.database((db) => db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, '1'), (2, '2'); ${sql}`));
	return project;
}

/** Runs commands and an upgrade, and checks that none crashes or creates stray files. Returns their output. */
async function runAll(project: ProjectFolder, commands: readonly string[] = readers): Promise<readonly string[]> {
	const outputs: string[] = [];
	for (const command of [...commands, 'upgrade --yes']) {
		const {code, stdout, stderr} = await project.lite(...command.split(' '));
		expect([0, 1, 3, 4]).toContain(code);
		expect(`${stdout}${stderr}`).not.toMatch(/itself failed|internal error|bug in lite-migr/);
		outputs.push(`${stdout}${stderr}`);
	}
	const allowed = new Set(['app.db', 'app.db-shm', 'app.db-wal', 'backups', 'migrate.toml', 'migrations', 'models']);
	expect(project.files('.').filter((name) => !allowed.has(name))).toEqual([]);
	return outputs;
}

const rows = (project: ProjectFolder) => project.database((db) => db.all('SELECT id, a FROM t'));

describe('a database with a hostile schema', () => {
	test.each([
		[
			'views that call dangerous functions, contain each other, or never end',
			`CREATE VIEW v AS SELECT load_extension('./hacked'), writefile('hacked', 'x'), edit('x', 'touch hacked') FROM t;
			CREATE VIEW a AS SELECT * FROM b; CREATE VIEW b AS SELECT * FROM a;
			CREATE VIEW long AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`,
		],
		[
			'triggers that call dangerous functions, or delete rows that a copy reads',
			`CREATE TRIGGER f AFTER INSERT ON t BEGIN SELECT load_extension('./hacked'); SELECT writefile('hacked', 'x'); END;
			CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END; CREATE TRIGGER h AFTER DELETE ON t BEGIN DELETE FROM t; END`,
		],
		[
			'names that a rewrite might use, and text that looks like a definition',
			`CREATE TABLE t_new (x); CREATE TABLE _t_new (x); CREATE TABLE new_t (x); CREATE TABLE "_lite_migr_t" (x); CREATE TABLE "_lite_migr_new_t" (x);
			CREATE TABLE u (x CHECK (x <> 'CREATE TABLE z (y)')); CREATE INDEX i ON t (lower(a) || ')')`,
		],
	])('%s: nothing runs, and all rows are kept', async (_name, sql) => {
		const project = hostileProject(sql);
		await runAll(project);
		expect(rows(project)).toEqual([
			{id: 1, a: 1},
			{id: 2, a: 2},
		]);
		expect((await project.lite('upgrade', '--json')).stdout).toContain('"currentMigration":"20260101_000000_first"');
	});

	test('a function that an untrusted schema may not use is named, and is not called damage', async () => {
		const project = hostileProject('');
		const db = new BetterSqlite3(project.at('app.db'));
		db.exec("CREATE TABLE u (x CHECK (x MATCH 'y' OR 1))");
		db.close();
		for (const output of await runAll(project, ['upgrade --dry-run'])) {
			expect(output).toMatch(/^✗ the definition of u (uses MATCH\(\), which SQLite does not allow|cannot be loaded: .*unsafe use of MATCH\(\))/);
			expect(output).not.toContain('damaged');
		}
	});

	test.each(['table', 'index', 'view', 'trigger'])('statements after the definition of a %s are reported as damage and do not run', async (type) => {
		const project = hostileProject(
			'CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END',
		);
		writeSchema(project, "UPDATE sqlite_schema SET sql = sql || '; ATTACH ''hacked.db'' AS h; CREATE TABLE h.x (y)' WHERE type = ?", type);
		// SQLite before 3.54 ignores them, and lite-migr reports them.
		const [, minor = 0] = localSqliteVersion().split('.').map(Number);
		const reported =
			minor >= 54
				? /^✗ app\.db is damaged: malformed database schema \(\w\)\n/
				: new RegExp(`^✗ cannot read the definition of ${type} \\w in the database: `);
		for (const output of await runAll(project, ['status', 'upgrade --dry-run'])) expect(output).toMatch(reported);
	});

	test.each([
		"name = 'it''s; DROP TABLE t'",
		"tbl_name = 'nowhere'",
		"sql = 'CREATE TABLE other (x)'",
		"type = 'nonsense'",
		'rootpage = 99999',
		'sql = zeroblob(9)',
	])('a schema row with %s is reported as damage or ignored', async (change) => {
		const project = hostileProject('CREATE TABLE u (x); CREATE INDEX i ON u (x)');
		writeSchema(project, `UPDATE sqlite_schema SET ${change} WHERE name = 'u'`);
		await runAll(project);
	});
});

function writeSchema(project: ProjectFolder, sql: string, ...parameters: readonly string[]): void {
	project.database((db) => {
		nativeOf(db).unsafeMode(true);
		db.exec('PRAGMA writable_schema = ON');
		db.run(sql, ...parameters);
	});
}

describe('a hostile trigger', () => {
	test('that deletes rows of another table rolls the run back without consent', async () => {
		const project = hostileProject(
			'CREATE TABLE log (x); CREATE TRIGGER g AFTER INSERT ON log BEGIN DELETE FROM t; END',
			"export function upgrade(op) { op.execute('INSERT INTO log VALUES (1)'); }\n",
		);
		expect(await project.lite('upgrade')).toMatchObject({code: 3, stderr: expect.stringContaining('t: all 2 rows are deleted')});
		expect(rows(project)).toHaveLength(2);
	});

	test.each(['INSERT', 'DELETE', 'UPDATE'])('on the history table (AFTER %s) is refused before anything runs', async (event) => {
		const project = hostileProject(
			'',
			"export function upgrade(op) { op.execute('CREATE TABLE x (y)'); }\nexport function downgrade(op) { op.execute('DROP TABLE x'); }\n",
		);
		expect((await project.lite('upgrade')).code).toBe(0);
		project.write('migrations/20260102_000000_second.ts', "export function upgrade(op) { op.execute('CREATE TABLE z (y)'); }\n");
		project.database((db) => db.exec(`CREATE TRIGGER g AFTER ${event} ON _lite_migr BEGIN DELETE FROM t; END`));
		for (const command of ['upgrade', 'downgrade']) {
			expect(await project.lite(command, '--yes')).toMatchObject({
				code: 1,
				stderr: expect.stringMatching(/^✗ the migration history table _lite_migr has a trigger: g\n/),
			});
		}
		expect(rows(project)).toHaveLength(2);
		project.database((db) => db.exec('DROP TRIGGER g'));
		expect(await project.lite('upgrade')).toMatchObject({code: 0, stderr: ''});
	});

	test.each([
		'CREATE VIEW _lite_migr AS SELECT 1 AS id, 2 AS name, 3 AS applied_at',
		'CREATE TABLE _lite_migr (x)',
		'CREATE TABLE y (z); CREATE INDEX _lite_migr ON y (z)',
	])('another object with the name of the history table is refused (%s)', async (sql) => {
		const project = hostileProject(sql);
		for (const command of ['status', 'upgrade', 'downgrade', 'diff', 'check', 'baseline x', 'squash x']) {
			expect(await project.lite(...command.split(' '))).toMatchObject({
				code: 1,
				stderr: expect.stringMatching(/^✗ _lite_migr exists, but is not a migration history table of lite-migr/),
			});
		}
		expect(rows(project)).toHaveLength(2);
	});
});
