import {describe, expect, test} from 'vitest';
import {projectFolder, toml} from '../../project-folder.ts';

/** Runs commands on a model and checks that they create only migrations and the database. Returns their output. */
async function outputsFor(file: string, text: string, commands: readonly string[] = ['diff', 'create x']): Promise<readonly string[]> {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/good.sql': 'CREATE TABLE good (id INTEGER PRIMARY KEY);\n',
		[`models/${file}`]: text,
		'migrations/.keep': '',
	});
	const outputs: string[] = [];
	for (const command of commands) {
		const {stdout, stderr} = await project.lite(...command.split(' '));
		outputs.push(`${stdout}${stderr}`);
	}
	const allowed = new Set(['app.db', 'backups', 'migrate.toml', 'migrations', 'models']);
	expect(project.files('.').filter((name) => !allowed.has(name))).toEqual([]);
	expect(project.files('models')).toEqual([file, 'good.sql'].toSorted());
	return outputs;
}

describe('a .sql model', () => {
	test.each([
		['attaches a file', "ATTACH 'hacked.db' AS hacked;", /ATTACH/],
		['writes a file', "VACUUM INTO 'hacked.db';", /VACUUM/],
		['sets a pragma', 'PRAGMA writable_schema = ON;', /PRAGMA/],
		['inserts rows', 'INSERT INTO good VALUES (1);', /INSERT/],
		['drops a table', 'DROP TABLE good;', /DROP/],
		['loads an extension', "SELECT load_extension('./hacked');", /SELECT/],
		['contains a command of the sqlite3 shell', '.shell touch hacked', /./],
		['creates a table from a query', "CREATE TABLE hacked AS SELECT writefile('hacked', 'x');", /./],
		['begins a transaction', 'BEGIN; CREATE TABLE b (x); COMMIT;', /BEGIN/],
		['hides a statement after a comment', '/* x */ -- y\n;; dElEtE FROM good;', /dElEtE|DELETE/i],
		['creates a temporary trigger', 'CREATE TEMP TRIGGER t AFTER INSERT ON good BEGIN SELECT 1; END;', /./],
		['creates in another database', 'CREATE TABLE other.t (x);', /./],
	])('that %s is refused with its line, by every command that loads it', async (_name, statement, message) => {
		const outputs = await outputsFor('bad.sql', `-- one line before it\n${statement}\n`);
		for (const output of outputs) {
			expect(output).toMatch(/models\/bad\.sql:\d/);
			expect(output).toMatch(message);
			expect(output).not.toMatch(/itself failed|internal error|bug in lite-migr/);
		}
	});

	test.each([
		['a default', "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT DEFAULT (load_extension('./hacked')));"],
		['a check', "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT CHECK (load_extension('./hacked')));"],
		['a generated column', "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT AS (load_extension('./hacked')));"],
		['an index', "CREATE TABLE t (x TEXT); CREATE INDEX i ON t (load_extension('./hacked'));"],
		['a view', "CREATE VIEW v AS SELECT load_extension('./hacked'), writefile('hacked', 'x'), edit('x', 'touch hacked');"],
		['a trigger', "CREATE TRIGGER t AFTER INSERT ON good BEGIN SELECT load_extension('./hacked'); END;"],
		['a virtual table', "CREATE VIRTUAL TABLE t USING csv(filename='/etc/passwd');"],
		['a full-text table', "CREATE VIRTUAL TABLE t USING fts5(x, tokenize='hacked');"],
	])('that calls a dangerous function in %s runs nothing', async (_name, statements) => {
		for (const output of await outputsFor('bad.sql', `${statements}\n`, ['diff', 'create x', 'upgrade']))
			expect(output).not.toMatch(/itself failed|internal error|bug in lite-migr/);
	});
});

describe('a .py model', () => {
	test.each([
		['at its top', "import os\nos.system('touch hacked')\nopen('hacked', 'w')\n"],
		['in a class body', "class User(DbModel):\n    x = open('hacked', 'w')\n    id: int = DbField(primary_key=True)\n"],
		['in a field', "class User(DbModel):\n    id: int = DbField(primary_key=True, default=__import__('os').system('touch hacked'))\n"],
		[
			'in Meta',
			"class User(DbModel):\n    id: int = DbField(primary_key=True)\n    class Meta:\n        table_name = exec(\"open('hacked', 'w')\")\n",
		],
		['in a decorator', "@__import__('os').system('touch hacked')\nclass User(DbModel):\n    id: int = DbField(primary_key=True)\n"],
		['in a comprehension', "x = [open('hacked', 'w') for _ in range(10 ** 9)]\n"],
	])('with code %s runs nothing', async (_name, text) => {
		for (const output of await outputsFor('bad.py', `from pylite_orm import DbModel, DbField\n${text}`))
			expect(output).not.toMatch(/itself failed|internal error|bug in lite-migr/);
	});
});
