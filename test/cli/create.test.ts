import {describe, expect, test} from 'vitest';
import {projectFolder, toml} from '../project-folder.ts';

/** Creates a project with a database that has rows and models that differ from it. */
function start(models: string, more = '') {
	const project = projectFolder({'migrate.toml': toml + more, 'models/schema.sql': models});
	project.database((db) =>
		db.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, zip TEXT);
			INSERT INTO user VALUES (17, 'Ann Lee', NULL, '007'), (90, 'Bob Hart', 'bob@x', 'abc');
			CREATE TABLE legacy_log (line TEXT); INSERT INTO legacy_log VALUES ('x'), ('y'), ('z');`),
	);
	return project;
}

const same = `CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, zip TEXT);\nCREATE TABLE legacy_log (line TEXT);\n`;
const renamed = same.replace('name TEXT', 'full_name TEXT');

test('a default that changes at each load keeps the value in the database, and is reported', async () => {
	const model = (key = '') => `import {integer, text, table} from 'lite-migr';
		export const user = table('user', {id: integer().primaryKey(${key}), made: text().notNull().default(new Date().toISOString()), token: text().default(crypto.randomUUID())});`;
	const project = projectFolder({'migrate.toml': toml, 'models/user.ts': model()});
	const created = await project.lite('create', 'start');
	expect(created).toMatchObject({code: 0, stderr: ''});
	expect(created.stdout).toContain('! the default of user.made, user.token is different each time the models are loaded');
	expect((await project.lite('upgrade')).code).toBe(0);
	expect(await project.lite('check')).toMatchObject({code: 0, stdout: '✔ models, migrations and app.db agree\n'});
	const same = await project.lite('diff');
	expect(same.stdout).toMatch(/^✔ no differences between models and database\n {2}! the default of user\.made, user\.token is different each time/);
	const before = project.database((db) => db.value("SELECT dflt_value FROM pragma_table_xinfo('user') WHERE name = 'made'"));
	project.write('models/user.ts', model('{autoIncrement: true}'));
	// Copying the table must not change the default either.
	expect((await project.lite('create', 'marks')).stdout).toMatch(/^1 change\n[\s\S]*rewrite/);
	expect((await project.lite('upgrade')).code).toBe(0);
	expect(project.database((db) => db.value("SELECT dflt_value FROM pragma_table_xinfo('user') WHERE name = 'made'"))).toBe(before);
	expect((await project.lite('check')).code).toBe(0);
});

test('a migration that existing rows make fail is written, and create says what to do first', async () => {
	const project = start(same.replace('name TEXT NOT NULL', 'name TEXT NOT NULL CHECK (length(name) > 7)'));
	const {code, stdout} = await project.lite('create', 'long');
	expect(code).toBe(0);
	expect(stdout).toMatch(
		/ {2}next: lite-migr upgrade\n {2}! upgrade fails on app\.db until these rows are fixed: user\.name: .*CHECK.*\n {4}fix the rows, or /,
	);
	expect((await project.lite('upgrade')).code).toBe(1);
	project.database((db) => db.exec("UPDATE user SET name = 'Ann Maria Lee' WHERE id = 17"));
	expect((await project.lite('upgrade')).code).toBe(0);
	project.write('models/schema.sql', `${same.replace('name TEXT NOT NULL', 'name TEXT NOT NULL CHECK (length(name) > 3)')}`);
	expect((await project.lite('create', 'short')).stdout).not.toContain('upgrade fails');
});

test('a full-text index that is filled with more rows than its trigger adds is reported', async () => {
	const index = (when: string) => `${same}CREATE VIRTUAL TABLE found USING fts5(name, content='user', content_rowid='id');
		CREATE TRIGGER named AFTER INSERT ON user ${when} BEGIN INSERT INTO found (rowid, name) VALUES (new.id, new.name); END;`;
	const caveat = '! the migration fills found with all existing rows, but trigger named adds or removes only some of them';
	expect((await start(index('WHEN new.email IS NOT NULL')).lite('create', 'search')).stdout).toContain(caveat);
	const {code, stdout} = await start(index('')).lite('create', 'search');
	expect([code, stdout]).toEqual([0, expect.not.stringContaining('! the migration fills')]);
});

test('an answer about what a pending migration already contains names that migration', async () => {
	const project = start(renamed);
	const flags = ['--rename', 'user.name=full_name'];
	const {stdout} = await project.lite('create', 'names', ...flags);
	const name = /(\d+_\d+_names)\.ts/.exec(stdout)?.[1];
	const again = await project.lite('create', 'names', ...flags);
	expect(again).toMatchObject({
		code: 2,
		stderr: expect.stringContaining(`${name} is pending and counts as applied here; to create it again, remove its file`),
	});
});

describe('a question', () => {
	test('ends with exit code 3, lists every flag with evidence from the rows, and writes nothing', async () => {
		const {lite, files, write} = start(renamed);
		write('migrations/.keep', '');
		for (const extra of [[], ['--yes']]) {
			const {code, stdout, stderr} = await lite('create', 'names', ...extra);
			expect(code).toBe(3);
			expect(stdout).toContain('? user.full_name is new and user.name is gone');
			expect(stdout).toMatch(/renamed +--rename user\.name=full_name +\(names \d+% similar, keeps 2 values, such as 'Ann Lee' and 'Bob Hart'\)/);
			expect(stdout).toMatch(/not renamed +--drop user\.name +\(drops 2 values\)/);
			expect(stderr).toBe('lite-migr: 1 question is open; nothing was written (exit 3)\n');
			expect(files('migrations')).toEqual(['.keep']);
		}
	});

	test('about many removed columns names a few of them in its sentence, and each one with its flag', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/schema.sql': 'CREATE TABLE keep (id INTEGER PRIMARY KEY);'});
		project.database((db) => db.exec(Array.from({length: 40}, (_, index) => `CREATE TABLE kept_${index} (id INTEGER PRIMARY KEY);`).join('')));
		const {stdout} = await project.lite('create', 'keep');
		expect(stdout).toMatch(/^\? table keep is new and kept_\d+(, kept_\d+){4} and 35 others are gone$/m);
		expect(stdout.match(/--rename kept_\d+=keep/g)).toHaveLength(40);
	});

	test('hides sample values with --no-samples', async () => {
		const {lite} = start(renamed.replace('zip TEXT', 'zip INTEGER'));
		const asked = await lite('create', 'names', '--no-samples');
		expect(asked.stdout).not.toContain('Ann Lee');
		const reported = await lite('diff', '--no-samples', '--rename', 'user.name=full_name');
		expect(reported.stdout).not.toContain("'abc'");
		expect((await lite('diff', '--json', '--no-samples', '--rename', 'user.name=full_name')).stdout).not.toContain('"abc"');
	});

	test('is JSON with --json', async () => {
		const {code, stdout} = await start(renamed).lite('create', 'names', '--json');
		expect(code).toBe(3);
		expect(JSON.parse(stdout)).toMatchObject({
			migration: null,
			path: null,
			questions: [
				{
					kind: 'rename',
					table: 'user',
					column: 'full_name',
					candidates: [{name: 'name', likely: true}],
					flags: ['--rename user.name=full_name', '--drop user.name'],
					message: 'user.full_name is new and user.name is gone',
				},
			],
			operations: [],
			hazards: [],
		});
	});

	test('about a drop can be answered with --ignore, which is saved in migrate.toml', async () => {
		const project = start(same.replace(/CREATE TABLE legacy_log.*\n/, ''), '# keep me\n');
		const asked = await project.lite('create', 'tidy');
		expect(asked.code).toBe(3);
		expect(asked.stdout).toMatch(/drop it +--drop legacy_log +\(loses 3 rows, such as/);
		expect(asked.stdout).toMatch(/ignore it +--ignore legacy_log/);
		const ignored = await project.lite('create', 'tidy', '--ignore', 'legacy_log');
		expect(ignored).toMatchObject({code: 0, stdout: expect.stringContaining('nothing to write')});
		expect(project.read('migrate.toml')).toBe(`${toml}ignore = ["legacy_log"]\n# keep me\n`);
		expect((await project.lite('create', 'tidy')).code).toBe(0);
	});

	test('about rows without a value shows them, and accepts an expression', async () => {
		const project = start(same.replace('email TEXT', 'email TEXT NOT NULL'));
		const asked = await project.lite('create', 'mail');
		expect(asked.code).toBe(3);
		expect(asked.stdout).toContain('--fill user.email=');
		expect(asked.stdout).toContain("1 of 2 rows has no value: id 17 ('Ann Lee')");
		expect(await project.lite('create', 'mail', '--fill', 'user.email=nick')).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(
				/no such column: nick\n.*write the fill of user\.email as an SQL expression over the current columns: id, name, email, zip\n$/s,
			),
		});
		const written = await project.lite('create', 'mail', '--fill', "user.email=lower(name) || '@example.com'");
		expect(written.code).toBe(0);
		expect((await project.lite('upgrade', '--yes')).code).toBe(0);
		expect(project.database((db) => db.tuples('SELECT email FROM user ORDER BY id'))).toEqual([['ann lee@example.com'], ['bob@x']]);
	});

	test('is answered by a file or by flags', async () => {
		const project = start(renamed.replace(/CREATE TABLE legacy_log.*\n/, ''));
		project.write('answers.toml', 'drop = ["legacy_log"]\n\n[rename]\nuser.name = "full_name"\n');
		expect((await project.lite('create', 'both', '--answers', 'answers.toml', '--drop', 'legacy_log')).code).toBe(0);
		expect(project.files('migrations')).toHaveLength(1);
	});

	test('is not asked if --no-renames and --allow-drops answer it', async () => {
		const project = start(renamed.replace(/CREATE TABLE legacy_log.*\n/, '').replace('full_name TEXT NOT NULL', 'full_name TEXT'));
		expect((await project.lite('create', 'x', '--allow-drops')).code).toBe(3);
		expect((await project.lite('create', 'x', '--allow-drops', '--no-renames')).code).toBe(0);
	});
});

describe('a decision that matches nothing', () => {
	test.each([
		[['--rename', 'usr.name=full_name'], 'there is no table usr in the database', 'did you mean user?'],
		[['--rename', 'user.nme=full_name'], 'there is no column nme in user', 'did you mean name?'],
		[['--rename', 'user.name=fullname'], 'there is no column fullname in the model of user', 'did you mean full_name?'],
		[['--rename', 'legacy_log=log'], 'there is no table log in the models', ''],
		[['--drop', 'legacy_lg'], 'there is no legacy_lg in the database', 'did you mean legacy_log?'],
		[['--drop', 'user.zip'], 'user.zip is still in the models', 'remove it from the models first'],
		[
			['--rename', 'user.name=full_name', '--drop', 'user.name'],
			'--drop user.name and --rename user.name=full_name contradict each other',
			'remove one',
		],
		[['--fill', 'user.emial=1'], 'there is no column emial in user', 'did you mean email?'],
		[['--fill', 'user.zip=1', '--rename', 'user.name=full_name'], 'this column does not need a fill', ''],
		[['--ignore', 'lagecy_log'], 'nothing in the database has this name', 'did you mean legacy_log?'],
	])('%j is an error, and nothing is written', async (flags, message, hint) => {
		const project = start(renamed);
		const {code, stdout, stderr} = await project.lite('create', 'x', ...flags);
		expect(code).toBe(2);
		expect(stdout).toBe('');
		expect(stderr).toContain(message);
		expect(stderr).toContain(hint);
		expect(project.read('migrate.toml')).toBe(toml);
	});
});

describe('create', () => {
	test('prints the changes, the findings in existing rows, and the next command', async () => {
		const project = start(same.replace('zip TEXT', 'zip INTEGER, age INTEGER DEFAULT 0'));
		const {code, stdout, stderr} = await project.lite('create', 'zip');
		expect([code, stderr]).toEqual([0, '']);
		expect(stdout).toMatch(/^2 changes\n/);
		expect(stdout).toMatch(/^~ user +rewrite, copies 2 rows$/m);
		expect(stdout).toMatch(/^ {4}~ zip +▲ TEXT → INTEGER$/m);
		expect(stdout).toMatch(/^ {4}\+ age INTEGER DEFAULT 0 +add column$/m);
		expect(stdout).toMatch(/│ id 17 +'007' → 7/);
		expect(stdout).toMatch(/│ id 90 +'abc'/);
		expect(stdout).toMatch(/^✔ wrote migrations\/\d{8}_\d{6}_zip\.ts\n {2}next: lite-migr upgrade .*--yes/m);
		expect(project.read(`migrations/${project.files('migrations')[0]}`)).toContain('op.changeTable');
	});

	test('reports that there is no difference, and writes nothing', async () => {
		const project = start(same);
		project.write('migrations/.keep', '');
		expect(await project.lite('create', 'nothing')).toMatchObject({
			code: 0,
			stdout: '✔ no differences between models and database; nothing to write\n',
		});
		expect(project.files('migrations')).toEqual(['.keep']);
		expect(JSON.parse((await project.lite('create', 'nothing', '--json')).stdout)).toEqual({
			migration: null,
			path: null,
			questions: [],
			operations: [],
			hazards: [],
			findings: [],
		});
	});

	test('prints the path of the new file as JSON', async () => {
		const project = start(same.replace('zip TEXT', 'zip TEXT, age INTEGER'));
		const reported = JSON.parse((await project.lite('create', 'age', '--json')).stdout);
		expect(reported).toMatchObject({
			migration: expect.stringMatching(/^\d{8}_\d{6}_age$/),
			operations: [{kind: 'addColumn', table: 'user'}],
			questions: [],
		});
		expect(reported.path).toBe(`${project.path}/migrations/${reported.migration}.ts`);
	});

	test('writes SQL if a flag or the configuration says so', async () => {
		const byFlag = start(same.replace('zip TEXT', 'zip TEXT, age INTEGER'));
		await byFlag.lite('create', 'age', '--format', 'sql');
		expect(byFlag.read(`migrations/${byFlag.files('migrations')[0]}`)).toContain('-- upgrade');
		const byFile = start(same.replace('zip TEXT', 'zip TEXT, age INTEGER'), 'format = "sql"\n');
		await byFile.lite('create', 'age');
		expect(byFile.files('migrations')[0]).toMatch(/_age\.sql$/);
	});

	test('writes an empty migration', async () => {
		const project = start(renamed);
		expect((await project.lite('create', 'backfill', '--empty')).code).toBe(0);
		expect(project.read(`migrations/${project.files('migrations')[0]}`)).toContain('export function upgrade');
		expect((await project.lite('create', 'backfill', '--empty', '--drop', 'user.zip')).code).toBe(2);
		expect(project.files('migrations')).toHaveLength(1);
	});

	test('works without a database, and while migrations are pending', async () => {
		const project = projectFolder({'migrate.toml': toml, 'models/a.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);'});
		expect((await project.lite('create', 'one')).code).toBe(0);
		project.write('models/a.sql', 'CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT);');
		expect((await project.lite('create', 'two')).stdout).toContain('+ b TEXT');
		expect((await project.lite('create', 'three')).stdout).toContain('nothing to write');
		expect(project.files('migrations')).toHaveLength(2);
		expect(project.files('.')).not.toContain('app.db');
	});

	test('names the line of a model that cannot be read', async () => {
		const {code, stderr} = await projectFolder({'migrate.toml': toml, 'models/a.sql': '\nCREATE TABLE a (id INTEGER PRIMARY KEY,,);\n'}).lite(
			'create',
			'x',
		);
		expect(code).toBe(1);
		expect(stderr).toContain('models/a.sql:2');
		expect(stderr).not.toMatch(/^\s+at /m);
	});

	test('shows hostile names without acting on the terminal, in flags that are safe to paste into a shell', async () => {
		const name = 'a\u001b[2J\n"b" \'c\' ñ 🎉';
		const quoted = `"${name.replaceAll('"', '""')}"`;
		const project = projectFolder({'migrate.toml': toml, 'models/a.sql': 'CREATE TABLE kept (x);'});
		project.database((db) => db.exec(`CREATE TABLE kept (x); CREATE TABLE ${quoted} (x); INSERT INTO ${quoted} VALUES (char(27) || '[31m');`));
		const asked = await project.lite('create', 'x');
		expect(asked.code).toBe(3);
		expect(asked.stdout + asked.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
		expect(asked.stdout).toContain(`--drop $'"a\\x1b[2J\\x0a""b"" \\'c\\' ñ 🎉"'`);
		const flag = `"${name.replaceAll('"', '""')}"`;
		expect((await project.lite('create', 'x', '--drop', flag)).code).toBe(0);
		expect((await project.lite('upgrade', '--yes')).code).toBe(0);
		expect(
			project.database((db) =>
				db.tuples("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'"),
			),
		).toEqual([['kept']]);
	});

	test('prints ASCII if the locale is not UTF-8', async () => {
		const project = start(same.replace('zip TEXT', 'zip INTEGER'));
		const {stdout} = await project.builtLiteWith({env: {LC_ALL: 'C'}}, 'create', 'x');
		expect(stdout).toContain('TEXT -> INTEGER');
		expect(stdout).toMatch(/^v wrote/m);
		expect(stdout).toMatch(/^[\x09-\x7e]+$/);
	});
});

describe('diff', () => {
	test('shows what create would write, with its exit codes, and writes nothing', async () => {
		const project = start(renamed);
		expect((await project.lite('diff')).code).toBe(3);
		const shown = await project.lite('diff', '--rename', 'user.name=full_name');
		expect(shown).toMatchObject({code: 0, stdout: expect.stringContaining('~ name → full_name')});
		expect(shown.stdout).toContain('next: lite-migr create <name>, with the same flags');
		expect(project.files('.')).not.toContain('migrations');
		project.write('models/schema.sql', same);
		expect(await project.lite('diff')).toMatchObject({code: 0, stdout: '✔ no differences between models and database\n'});
	});

	test('prints the file that create would write, in the requested format', async () => {
		const project = start(renamed);
		expect(await project.lite('diff', '--format', 'sql')).toMatchObject({code: 3, stdout: expect.stringContaining('--rename user.name=full_name')});
		for (const format of ['ts', 'sql']) {
			const flags = ['--format', format, '--rename', 'user.name=full_name'];
			const {code, stdout, stderr} = await project.lite('diff', ...flags);
			expect([code, stderr]).toEqual([0, '']);
			expect(JSON.parse((await project.lite('diff', '--json', ...flags)).stdout).text).toBe(stdout);
			expect(project.files('.')).not.toContain('migrations');
			const other = start(renamed);
			expect((await other.lite('create', 'names', ...flags)).code).toBe(0);
			expect(other.read(`migrations/${other.files('migrations')[0]}`)).toBe(stdout);
		}
	});

	test('prints the empty file of create --empty, and rejects flags that answer questions', async () => {
		const project = start(renamed);
		expect(await project.lite('diff', '--empty', '--format', 'sql')).toEqual({code: 0, stdout: '-- upgrade\n\n-- downgrade\n', stderr: ''});
		expect((await project.lite('diff', '--empty')).stdout).toMatch(/^import type \{MigrationBuilder\}/);
		expect((await project.lite('diff', '--empty', '--allow-drops')).code).toBe(2);
	});
});

test('a drop after a pending drop is still reported to lose data', async () => {
	const {lite, write} = start(same);
	write('models/schema.sql', same.replace(', zip TEXT', ''));
	expect((await lite('create', 'zip', '--drop', 'user.zip')).stdout).toContain('▲ loses data');
	write('models/schema.sql', same.replace(', email TEXT, zip TEXT', ''));
	expect((await lite('create', 'email', '--drop', 'user.email')).stdout).toContain('▲ loses data');
});

test('an unused answer in the answers file is reported with the file', async () => {
	const {lite, write} = start(same);
	write('answers.toml', 'drop = ["nowhere"]\n');
	const {code, stderr} = await lite('diff', '--answers', 'answers.toml');
	expect([code, stderr]).toEqual([2, '✗ --drop nowhere: there is no nowhere in the database\n  │ answers.toml\n']);
	expect((await lite('diff', '--answers', 'answers.toml', '--drop', 'nothing')).stderr).toBe(
		'✗ --drop nothing: there is no nothing in the database\n',
	);
	write('answers.toml', 'ignore = ["nowhere*"]\n');
	expect((await lite('diff', '--answers', 'answers.toml')).stderr).toContain('  │ answers.toml\n');
});
