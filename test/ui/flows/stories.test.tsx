import {beforeEach, describe, expect, test} from 'vitest';
import {noDecisions} from '../../../source/core/diff/question.ts';
import type {UiTask} from '../../../source/ui/mount.tsx';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {openScreens, type ProgramOptions, servicesFor} from '../program.ts';
import {keys} from '../terminal.ts';

const before = `
	CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT);
	CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);
	INSERT INTO user (name, nick, email) VALUES ('Ann Lee', 'ann', NULL), ('Bob Hart', NULL, 'bob@x.org');
	INSERT INTO legacy_log (line) VALUES ('one'), ('two'), ('three');
`;

let folder: ProjectFolder;
beforeEach(() => {
	folder = projectFolder({'migrate.toml': toml});
	folder.database((db) => db.exec(before));
});

const open = (task: UiTask, options: ProgramOptions = {}) => openScreens(folder, task, options);

const models = (sql: string): void => folder.write('models/schema.sql', sql);

describe('create', () => {
	test.each([
		[
			'objects that are not in any migration',
			async () => {},
			'! no migration creates user, legacy_log, so this one works on app.db, but not on a new database',
		],
		[
			'changes made outside lite-migr',
			async () => {
				await servicesFor(folder).baseline('start');
				folder.database((db) => db.exec('ALTER TABLE user ADD COLUMN phone TEXT'));
			},
			'! app.db was changed outside lite-migr, so this migration fails on a database built only from the migrations:',
		],
	])('says that the file only fits this database, because it depends on %s', async (_, prepare, message) => {
		await prepare();
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, telephone TEXT -- @renamed from=phone\n); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		const ui = open({kind: 'create', name: 'telephone'}, {columns: 200});
		await ui.waitFor('telephone');
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
		expect(ui.everything()).toContain(message);
		expect(ui.everything()).toContain('to fix this, remove the file, run lite-migr baseline <name>');
	});

	test('suggests a name after the table that changes, not after the view that changes with it', async () => {
		folder.database((db) => db.exec('CREATE VIEW names AS SELECT name FROM user'));
		await servicesFor(folder).baseline('start');
		models(`CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, -- @renamed from=name
			nick TEXT, email TEXT); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT); CREATE VIEW names AS SELECT full_name FROM user;`);
		const ui = open({kind: 'home'});
		await ui.waitFor('models are ahead by 2 changes');
		await ui.waitFor('❯ Create a migration');
		ui.press(keys.enter);
		await ui.waitFor('enter write the file');
		ui.press(keys.enter);
		await ui.waitFor('enter use change_user');
	});

	test('asks what it cannot infer, shows the changes, and writes the file', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, email TEXT NOT NULL);');
		const ui = open({kind: 'create', name: 'names'});
		await ui.waitFor('table legacy_log is in the database');
		await ui.waitFor('loses 3 rows');
		ui.press(keys.down, keys.enter);
		await ui.waitFor('keeps 2 values');
		ui.press(keys.enter);
		await ui.waitFor('drop user.nick');
		ui.press(keys.down, keys.enter);
		expect(await ui.waitFor("'Ann Lee'")).toContain('1 of 2 rows has no value');
		ui.press('lower(full_name)');
		await ui.waitFor("id 1 → 'ann lee'");
		ui.press(keys.enter);
		expect(await ui.waitFor('▲ drops 3 rows')).toMatch(/~ name → full_name +rename/);
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
		const [file] = folder.files('migrations');
		expect(ui.frame()).toContain(`✔ migrations/${file}`);
		const text = folder.read(`migrations/${file}`);
		for (const part of ["op.renameColumn('user', 'name', 'full_name')", 'lower(full_name)', "op.dropTable('legacy_log')"])
			expect(text).toContain(part);
	});

	test('gives the same answer to similar questions, after a list to review', async () => {
		folder.database((db) =>
			db.exec(
				"DROP TABLE legacy_log; DROP TABLE user; CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE b (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE c (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO b (name) VALUES ('x'), ('y')",
			),
		);
		models(
			'CREATE TABLE a (id INTEGER PRIMARY KEY, full_name TEXT); CREATE TABLE b (id INTEGER PRIMARY KEY, full_name TEXT); CREATE TABLE c (id INTEGER PRIMARY KEY, full_name TEXT);',
		);
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('a same for 2 more');
		ui.press('a');
		expect(await ui.waitFor('The same answer for 2 more questions')).toMatch(
			/~ b\.name → full_name +keeps 2 values\n +~ c\.name → full_name +keeps 0 values/,
		);
		ui.press(keys.escape);
		await ui.waitFor('question 1 of 3');
		ui.press('a');
		await ui.waitFor('enter answer 2 questions');
		ui.press(keys.enter);
		expect((await ui.waitFor('enter write the file')).match(/name → full_name/g)).toHaveLength(3);
	});

	test('handles two quick presses of Escape on two screens', async () => {
		folder.write('migrations/20260101_000000_start.sql', '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n');
		models('CREATE TABLE start (id INTEGER PRIMARY KEY); CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);');
		const ui = open({kind: 'home'});
		await ui.waitFor('3 questions to answer');
		ui.press(keys.up, keys.enter);
		await ui.waitFor('question 1 of 3');
		ui.press(keys.escape + keys.escape);
		expect(await ui.code).toBe(0);
	});

	test('lists the commands that do the same, and copies one to the clipboard of the terminal', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		folder.write('migrations/20260101_000000_start.sql', '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n');
		models(`${folder.read('models/schema.sql')} CREATE TABLE start (id INTEGER PRIMARY KEY);`);
		const ui = open({kind: 'home'});
		await ui.waitFor('models are ahead by 1 change');
		ui.press(keys.up, keys.enter);
		await ui.waitFor('enter write the file');
		ui.press(keys.enter);
		await ui.waitFor('enter use change_user');
		ui.press(keys.enter);
		await ui.waitFor('❯ Upgrade              apply 2 migrations');
		ui.press('@');
		await ui.waitFor('❯ lite-migr create change_user');
		ui.press('y');
		await ui.waitFor('✔ copied the command');
		expect(ui.written()).toContain(`\u001b]52;c;${Buffer.from('lite-migr create change_user').toString('base64')}\u0007`);
		ui.press(keys.escape);
		await ui.waitFor('❯ Upgrade              apply 2 migrations');
		expect(ui.everything()).toContain('same as   lite-migr create change_user');
	});

	test('the menu and the preview follow changes of models, migrations and the database', async () => {
		const start = '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n';
		folder.write('migrations/20260101_000000_start.sql', start);
		const all = `${before.replace(/INSERT[^;]*;/g, '')} CREATE TABLE start (id INTEGER PRIMARY KEY);`;
		models(all);
		const ui = open({kind: 'home'});
		await ui.waitFor('nothing to change');
		ui.press(keys.down, keys.down);
		await ui.waitFor('❯ Look around');
		models(`${all} CREATE TABLE extra (id INTEGER PRIMARY KEY);`);
		expect(await ui.waitFor('models are ahead by 1 change')).toContain('❯ Look around');
		folder.database((db) => db.exec('CREATE TABLE extra (id INTEGER PRIMARY KEY)'));
		await ui.waitFor('nothing to change');
		models(`${all} CREATE TABLE extra (id INTEGER PRIMARY KEY, a TEXT);`);
		await ui.waitFor('models are ahead by 1 change');
		ui.press(keys.home, keys.enter);
		await ui.waitFor('+ a TEXT');
		models(`${all} CREATE TABLE extra (id INTEGER PRIMARY KEY, a TEXT, b TEXT);`);
		expect(await ui.waitFor('changed since you looked')).toContain('+ b TEXT');
		ui.press(keys.escape);
		await ui.waitFor('models are ahead by 2 changes');
	});

	test('continues with the answers of an earlier attempt, unless the models ask something else by now', async () => {
		folder.write('migrations/20260101_000000_start.sql', '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n');
		models('CREATE TABLE start (id INTEGER PRIMARY KEY); CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);');
		const ui = open({kind: 'home'});
		await ui.waitFor('3 questions to answer');
		ui.press(keys.up, keys.enter);
		await ui.waitFor('question 1 of 3');
		ui.press(keys.down, keys.enter);
		await ui.waitFor('question 2 of 3');
		ui.press(keys.escape);
		await ui.waitFor('3 questions to answer');
		ui.press(keys.enter);
		await ui.waitFor('question 2 of 3');
		ui.press(keys.escape);
		await ui.waitFor('3 questions to answer');
		models(
			'CREATE TABLE start (id INTEGER PRIMARY KEY); CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		ui.press(keys.enter);
		await ui.waitFor('question 1 of 1');
	});

	test('goes back to the previous question, and answers it again', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 2');
		ui.press(keys.down, keys.down, keys.enter);
		await ui.waitFor('question 2 of 2');
		ui.press('b');
		expect(await ui.waitFor('question 1 of 2')).toContain('❯ ○ ignore it');
		ui.press(keys.up, keys.enter);
		await ui.waitFor('question 2 of 2');
		ui.press(keys.down, keys.enter);
		await ui.waitFor('▲ drops 3 rows');
		ui.press('b');
		await ui.waitFor('question 2 of 2');
	});

	test('stays at a fill that fails on the rows, and keeps the other answers', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT NOT NULL);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 2');
		ui.press(keys.down, keys.enter);
		await ui.waitFor('question 2 of 2');
		ui.press('nock', keys.enter);
		expect(await ui.waitFor(/over\s+the\s+current\s+columns:\s+id,\s+name,/)).toMatch(
			/❯ nock▏\n {2}✗ no such column: nock\n {2}! not accepted: write\s+the\s+fill\s+of\s+user\.email/,
		);
		ui.press(keys.backspace.repeat(4), 'name');
		await ui.waitFor("id 1 → 'Ann Lee'");
		ui.press(keys.enter);
		await ui.waitFor('▲ drops 3 rows');
		ui.press('b');
		expect(await ui.waitFor("id 1 → 'Ann Lee'")).toContain('❯ name▏');
		ui.press(keys.ctrlC);
		expect(await ui.code).toBe(130);
	});

	test('stays at a fill that reads an unknown table, and accepts one that reads a table of a pending migration', async () => {
		models(`${before.replace(/INSERT[^;]*;/g, '').replace('email TEXT', 'email TEXT NOT NULL')} CREATE TABLE fresh (a TEXT);`);
		folder.write('migrations/20260101_000000_fresh.sql', '-- upgrade\nCREATE TABLE fresh (a TEXT);\n');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 1');
		ui.press("coalesce((SELECT a FROM frish), '')", keys.enter);
		expect(await ui.waitFor('! not accepted')).toContain('✗ no such table: frish');
		ui.press(keys.enter);
		ui.press(keys.home, keys.right.repeat(26), keys.delete, 'e', keys.enter);
		expect(await ui.waitFor('enter write the file')).toContain('email');
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
		expect(folder.read(`migrations/${folder.files('migrations').at(-1)}`)).toContain('FROM fresh');
	});

	test('asks for a second Enter if rows stay NULL', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT NOT NULL); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		folder.exec('UPDATE user SET nick = NULL');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 1');
		ui.press('nick', keys.enter);
		expect(await ui.waitFor('press enter again')).toContain('✗ still NULL for 1 row');
		ui.press(keys.enter);
		expect(await ui.waitFor('enter write the file')).toContain('✗ 1 would fail on existing rows');
	});

	test('accepts a fill in a table that only a pending migration creates', async () => {
		models(`${before.replace(/INSERT[^;]*;/g, '')} CREATE TABLE fresh (id INTEGER PRIMARY KEY, a TEXT, b TEXT NOT NULL);`);
		folder.write('migrations/20260101_000000_fresh.sql', '-- upgrade\nCREATE TABLE fresh (id INTEGER PRIMARY KEY, a TEXT, b TEXT);\n');
		const question = {kind: 'fill', id: 'x', table: 'fresh', column: 'b', isNew: false, message: '', flags: []} as const;
		expect(await servicesFor(folder).tryFill(question, 'a', noDecisions)).toEqual({isValid: true, samples: [], nulls: 0});
	});

	test('shows the command that repeats the answers if it is stopped', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT NOT NULL);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 2');
		ui.press(keys.down, keys.enter);
		await ui.waitFor('question 2 of 2');
		ui.press("'@'", keys.enter);
		await ui.waitFor('▲ drops 3 rows');
		ui.press(keys.escape);
		expect(await ui.code).toBe(130);
		expect(ui.frame()).toBe(
			'○ cancelled; nothing was written\n  to continue from there:\n    lite-migr create x --drop legacy_log --fill user.email="\'@\'"',
		);
		expect(folder.files('.')).not.toContain('migrations');
	});

	test('writes nothing and ends with exit code 130 if a question is decided later', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 1');
		ui.press(keys.escape);
		expect(await ui.code).toBe(130);
		expect(ui.frame()).toBe('○ cancelled; 1 question left open, nothing was written');
		expect(folder.files('.')).not.toContain('migrations');
	});

	test('adds an ignored table to migrate.toml', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER);');
		const ui = open({kind: 'create', name: 'age'});
		await ui.waitFor('ignore it');
		ui.press(keys.down, keys.down, keys.enter);
		await ui.waitFor('+ age INTEGER');
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
		expect(folder.read('migrate.toml')).toContain('ignore = ["legacy_log"]');
	});

	test('writes no file if objects are only ignored', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('ignore it');
		ui.press(keys.down, keys.down, keys.enter);
		expect(await ui.code).toBe(0);
		expect(ui.frame()).toMatch(/✔ migrate\.toml now ignores legacy_log\n✔ no differences/);
		expect(folder.files('.')).not.toContain('migrations');
	});

	test('reports that nothing differs, and writes nothing', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		const ui = open({kind: 'create', name: 'x'});
		expect(await ui.code).toBe(0);
		expect(ui.frame()).toContain('no differences');
	});

	test('rejects a name with invalid characters before asking anything', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY);');
		await expect(open({kind: 'create', name: '../evil'}).code).rejects.toMatchObject({code: 'usage'});
	});

	test('opens the new file in the editor, and returns', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		const seen = `${folder.path}/seen`;
		const ui = open({kind: 'create', name: 'age'}, {editor: `cp -t . 2>/dev/null; f() { echo "$1" > ${seen}; }; f`});
		await ui.waitFor('+ age INTEGER');
		expect(ui.isRaw()).toBe(true);
		ui.press('e');
		expect(await ui.code).toBe(0);
		expect(folder.read('seen').trim()).toMatch(/migrations\/\d+_\d+_age\.ts$/);
		expect(ui.isRaw()).toBe(false);
	});
});

/** Creates a pending migration that loses data, from models. */
async function pendingDrop(): Promise<void> {
	models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT);');
	await servicesFor(folder).writeMigration('tidy', {...noDecisions, drops: [{table: 'legacy_log'}]});
}

async function upgraded(): Promise<void> {
	const {id} = await servicesFor(folder).preflight({direction: 'upgrade'});
	let last: unknown;
	for await (const event of servicesFor(folder).run({direction: 'upgrade', ...(id === null ? {} : {plan: id})}, new AbortController().signal))
		last = event;
	expect(last).toMatchObject({type: 'done'});
}

const tables = (): readonly unknown[] =>
	folder.database((db) => db.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'").map(({name}) => name));

describe('upgrade', () => {
	test('asks for consent by name, runs, and leaves a summary', async () => {
		await pendingDrop();
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		expect(await ui.waitFor('type legacy_log to confirm')).toContain('❯ Cancel');
		await ui.waitFor('backup first: backups/');
		ui.press('legacy_log', keys.enter);
		expect(await ui.code).toBe(0);
		expect(ui.everything()).toMatch(/✔ app\.db is at \d+_\d+_tidy/);
		expect(ui.everything()).toMatch(/restore +lite-migr restore \d{8}T\d{6}/);
		expect(tables()).not.toContain('legacy_log');
	});

	test('is cancelled by Enter alone, and changes nothing', async () => {
		await pendingDrop();
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		await ui.waitFor('❯ Cancel');
		ui.press('x', keys.up, keys.enter);
		expect(await ui.code).toBe(130);
		expect(ui.frame()).toContain('cancelled; nothing was changed');
		expect(tables()).toContain('legacy_log');
	});

	test('ends with 130 after Ctrl-C in a confirmation, and restores the terminal', async () => {
		await pendingDrop();
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		await ui.waitFor('❯ Cancel');
		ui.press(keys.ctrlC);
		expect(await ui.code).toBe(130);
		expect(ui.isRaw()).toBe(false);
		expect(ui.written()).toMatch(/\u001b\[\?25h(?!.*\u001b\[\?25l)/s);
		expect(ui.written()).toMatch(/\u001b\[\?2004l(?!.*\u001b\[\?2004h)/s);
		expect(tables()).toContain('legacy_log');
	});

	test('runs immediately if nothing is lost', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		await servicesFor(folder).writeMigration('age', noDecisions);
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		expect(await ui.code).toBe(0);
		expect(ui.everything()).toMatch(/is at \d+_\d+_age/);
	});

	test('shows rows that would make it fail with suggested fixes, and runs nothing', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, CHECK (length(name) > 7)); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		await servicesFor(folder).writeMigration('check', noDecisions);
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		expect(await ui.waitFor('CHECK (length(name) > 7)')).toContain('✗');
		ui.press(keys.escape);
		expect(await ui.code).toBe(1);
		expect(ui.everything()).toMatch(/would fail; nothing was changed/);
	});

	test('reports that nothing is pending', async () => {
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		expect(await ui.code).toBe(0);
		expect(ui.frame()).toContain('nothing to apply');
	});

	test('shows the problem, the location and the state of the database after a failure', async () => {
		folder.write('migrations/20260101_000000_bad.sql', "-- upgrade\nINSERT INTO user (name) VALUES ('x');\nINSERT INTO nowhere VALUES (1);\n");
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		expect(await ui.code).toBe(1);
		const shown = ui.everything();
		expect(shown).toMatch(/✗ 20260101_000000_bad failed\. Everything was rolled back: app\.db has no\s+migrations applied\./);
		expect(shown).toContain('│ no such table: nowhere\n  │ migrations/20260101_000000_bad.sql:3');
		expect(folder.database((db) => db.value('SELECT count(*) FROM user'))).toBe(2);
	});
});

describe('downgrade and restore', () => {
	test('a dry run from the preview changes nothing, and the preview comes back', async () => {
		await pendingDrop();
		const ui = open({kind: 'home'});
		await ui.waitFor('apply 1 migration');
		ui.press(keys.enter);
		await ui.waitFor('d dry run');
		ui.press('d');
		await ui.waitFor('the dry run succeeded');
		expect(tables()).toContain('legacy_log');
		const again = await ui.waitFor('d try again');
		expect(again).toContain('enter apply 1 migration');
		expect(again).toMatch(/✔ dry run at \d\d:\d\d:\d\d succeeded in [\d.]+ m?s; nothing was changed/);
		folder.migration('20990101_000000_more', "\top.execute('CREATE TABLE more (x)');");
		ui.press('d');
		expect(await ui.waitFor('apply 2 migrations')).not.toContain('✔ dry run at');
	});

	test('a migration of the history is the target of an upgrade and of a downgrade', async () => {
		folder.write('migrations/20260101_000000_one.sql', '-- upgrade\nCREATE TABLE one (id);\n-- downgrade\nDROP TABLE one;\n');
		folder.write('migrations/20260102_000000_two.sql', '-- upgrade\nCREATE TABLE two (id);\n-- downgrade\nDROP TABLE two;\n');
		folder.write('migrations/20260103_000000_three.sql', '-- upgrade\nCREATE TABLE three (id);\n-- downgrade\nDROP TABLE three;\n');
		const ui = open({kind: 'status'});
		await ui.waitFor('❯ ○ 20260103_000000_three');
		ui.press(keys.up, 't');
		await ui.waitFor('enter apply 2 migrations');
		ui.press(keys.enter);
		await ui.waitFor('2 applied · 1 pending');
		expect(tables()).toEqual(expect.arrayContaining(['one', 'two']));
		expect(tables()).not.toContain('three');
		ui.press(keys.up);
		await ui.waitFor('t downgrade to here');
		ui.press('t');
		await ui.waitFor('enter undo 1 migration');
	});

	test('downgrade shows what it will do first', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		await servicesFor(folder).writeMigration('age', noDecisions);
		await upgraded();
		const ui = open({kind: 'run', request: {direction: 'downgrade', steps: 1}});
		await ui.waitFor('undo 1 migration');
		ui.press(keys.enter);
		// No value is lost, so there is no name to type.
		await ui.waitFor('This downgrade drops empty objects');
		ui.press(keys.down, keys.enter);
		expect(await ui.code).toBe(0);
		expect(ui.everything()).toContain('app.db has no migration applied');
		expect(folder.database((db) => db.all('SELECT name FROM pragma_table_info(?)', 'user').length)).toBe(4);
	});

	test('restore shows the changes, asks for the name of the database, and restores the backup', async () => {
		await pendingDrop();
		await upgraded();
		const ui = open({kind: 'restore', backup: undefined});
		await ui.waitFor(/❯ \d{8}T\d{6}/);
		ui.press(keys.enter);
		expect(await ui.waitFor('type app.db to confirm')).toMatch(/\+ legacy_log +is restored with 3 rows/);
		ui.press('app.db', keys.enter);
		expect(await ui.code).toBe(0);
		expect(ui.frame()).toContain('app.db is restored');
		expect(tables()).toContain('legacy_log');
	});
});

describe('pull', () => {
	const before = 'CREATE TABLE mine (id INTEGER PRIMARY KEY);\n';

	test('shows the models, and writes them on Enter', async () => {
		const ui = open({kind: 'pull', format: 'sql'});
		expect(await ui.waitFor('+ models/schema.sql   new, ')).toMatch(
			/\+ user +4 columns\n +\+ legacy_log +2 columns\n[\s\S]*app\.db: 2 tables, 0 indexes/,
		);
		ui.press(keys.tab);
		await ui.waitFor('CREATE TABLE legacy_log (');
		expect(folder.files('.')).not.toContain('models');
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
		expect(ui.frame()).toBe(
			'✔ wrote models/schema.sql\n  2 tables, 0 indexes, 0 views, 0 triggers\n  next: lite-migr baseline start, if the database has no migrations yet\n  same as   lite-migr pull --format sql',
		);
		expect(folder.read('models/schema.sql')).toContain('CREATE TABLE legacy_log (');
	});

	test.each([
		['Escape', keys.escape],
		['Ctrl-C', keys.ctrlC],
	])('%s writes nothing, and creates no folder', async (_name, pressed) => {
		const ui = open({kind: 'pull', format: 'sql'});
		await ui.waitFor('enter write the file');
		ui.press(pressed);
		expect(await ui.code).toBe(130);
		expect(folder.files('.')).not.toContain('models');
	});

	test('overwrites an existing file only if its name is typed', async () => {
		models(before);
		const cancelled = open({kind: 'pull', format: 'sql'});
		await cancelled.waitFor('▲ models/schema.sql   already exists and would be overwritten');
		cancelled.press(keys.enter);
		await cancelled.waitFor('❯ Cancel');
		cancelled.press(keys.enter);
		expect(await cancelled.code).toBe(130);
		expect(cancelled.frame()).toBe('○ cancelled; nothing was written');
		expect(folder.read('models/schema.sql')).toBe(before);

		const ui = open({kind: 'pull', format: 'sql'});
		await ui.waitFor('▲ models/schema.sql');
		ui.press(keys.enter);
		await ui.waitFor('❯ Cancel');
		ui.press('schema.sql', keys.enter);
		expect(await ui.code).toBe(0);
		expect(folder.read('models/schema.sql')).toContain('CREATE TABLE user (');

		const again = open({kind: 'pull', format: 'sql'});
		await again.waitFor('already exists and is the same');
		again.press(keys.enter);
		expect(await again.code).toBe(0);
		expect(again.frame()).toContain('✔ models/schema.sql is already up to date');
	});

	test('keeps model files of other names, and asks for confirmation', async () => {
		folder.write('models/mine.sql', before);
		const ui = open({kind: 'pull', format: 'sql'});
		await ui.waitFor('! another model file stays in the folder');
		ui.press(keys.enter);
		expect(await ui.waitFor('❯ Cancel')).toContain('! Models already exist');
		ui.press(keys.escape);
		expect(await ui.code).toBe(130);
		expect(folder.files('models')).toEqual(['mine.sql']);
	});

	test('never overwrites a file that is created while the screen is open', async () => {
		const ui = open({kind: 'pull', format: 'sql'});
		await ui.waitFor('enter write the file');
		models(before);
		ui.press(keys.enter);
		await expect(ui.code).rejects.toMatchObject({code: 'files', message: expect.stringContaining('was created in the meantime')});
		expect(folder.read('models/schema.sql')).toBe(before);
	});

	test('shows a format that is not available as a problem, and still offers the others', async () => {
		const ui = open({kind: 'pull', format: 'sql'});
		await ui.waitFor('f as Drizzle');
		ui.press('f');
		expect(await ui.waitFor('That did not work')).toMatch(/✗ schema\.ts has Drizzle tables, but drizzle-orm/);
		ui.press(keys.escape);
		await ui.waitFor('f as TypeScript');
		expect(folder.files('.')).not.toContain('models');
	});
});

describe('home', () => {
	test('leads from the models to the database and back to the menu', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		folder.write('migrations/20260101_000000_start.sql', '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n');
		models(`${folder.read('models/schema.sql')} CREATE TABLE start (id INTEGER PRIMARY KEY);`);
		const ui = open({kind: 'home'});
		await ui.waitFor('models are ahead by 1 change');
		ui.press(keys.up, keys.enter);
		await ui.waitFor('+ age INTEGER');
		ui.press(keys.enter);
		await ui.waitFor('enter use change_user');
		ui.press(keys.enter);
		await ui.waitFor('❯ Upgrade              apply 2 migrations');
		ui.press(keys.enter);
		await ui.waitFor('enter apply 2 migrations');
		ui.press(keys.enter);
		await ui.waitFor('● 2 applied');
		ui.press('q');
		expect(await ui.code).toBe(0);
		expect(ui.everything()).toMatch(/app\.db is at \d+_\d+_change_user/);
	});

	test('shows a model that does not load as a problem, and continues after it is fixed', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT); CREATE TABEL x (id);');
		folder.write('migrations/20260101_000000_start.sql', '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n');
		const ui = open({kind: 'home'});
		await ui.waitFor('the models do not load');
		ui.press(keys.up, keys.enter);
		expect(await ui.waitFor('That did not work')).toContain('models/schema.sql:1');
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT);');
		ui.press('r');
		await ui.waitFor('question 1 of 2');
		ui.press(keys.escape);
		await ui.waitFor('enter choose');
	});

	test('adopts an existing database', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		const ui = open({kind: 'home'});
		await ui.waitFor('❯ Adopt the database');
		ui.press(keys.home, keys.enter);
		await ui.waitFor('enter use baseline');
		ui.press(keys.enter);
		await ui.waitFor('● 1 applied');
		expect(ui.everything()).toMatch(/\d+_\d+_baseline +marked as applied; no row was changed/);
		await ui.waitFor('models and migrations agree');
	});

	test('looks around in an existing database before anything is written', async () => {
		folder.remove('migrate.toml');
		folder.database((db) => db.exec('CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE CASCADE)'));
		const ui = open({kind: 'home'});
		await ui.waitFor('❯ Adopt it');
		ui.press(keys.down, keys.down, keys.enter);
		await ui.waitFor(/❯ user +2 rows · 4 columns/);
		ui.press(keys.enter);
		expect(await ui.waitFor('referred to by')).toMatch(/id +INTEGER, primary key[\s\S]*post\.user_id, on delete cascade/);
		ui.press(keys.tab);
		await ui.waitFor("'Ann Lee'");
		ui.press('m');
		await ui.waitFor('•••');
		ui.press(keys.escape);
		await ui.waitFor('3 of 3 tables and views');
		ui.press('/', 'post', keys.enter, keys.enter);
		await ui.waitFor('user_id → user.id');
		ui.press(keys.escape);
		await ui.waitFor('tables and views');
		ui.press(keys.escape);
		await ui.waitFor('❯ Adopt it');
		ui.press(keys.escape);
		expect(await ui.code).toBe(0);
		expect(folder.files('.')).not.toContain('migrate.toml');
	});

	test('sets up a folder without migrate.toml', async () => {
		const {rmSync} = await import('node:fs');
		rmSync(`${folder.path}/migrate.toml`);
		rmSync(`${folder.path}/app.db`);
		const ui = open({kind: 'home'});
		await ui.waitFor('Set up for a new app.db');
		ui.press(keys.enter);
		await ui.waitFor('A first model?');
		ui.press(keys.down, keys.enter);
		await ui.waitFor('models are ahead by 1 change');
		expect(folder.read('migrate.toml')).toBe(toml);
		expect(folder.files('models')).toEqual(['schema.sql']);
	});
});

test('init leaves an existing migrate.toml unchanged', async () => {
	const ui = open({kind: 'init', paths: {}});
	expect(await ui.code).toBe(0);
	expect(ui.frame()).toContain('migrate.toml already exists; left unchanged');
	expect(folder.read('migrate.toml')).toBe(toml);
});

test('status shows which migration cannot be applied, and leaves its counts on the terminal', async () => {
	models(before.replace(/INSERT[^;]*;/g, ''));
	await servicesFor(folder).baseline('start');
	folder.write('migrations/29990101_000000_bad.sql', '-- upgrade\nALTER TABLE nowhere ADD COLUMN x;\n');
	folder.database((db) => db.exec(Array.from({length: 9}, (_, index) => `CREATE TABLE stray_${index} (x);`).join('')));
	const ui = open({kind: 'status'});
	const shown = await ui.waitFor('✗ cannot be applied');
	expect(shown).toContain('! the database has drifted from its migrations:\n      + table stray_0: not in any migration\n');
	expect(shown).toMatch(/… and 5 more; to list them all, run lite-migr check\n\n {2}✗ a pending migration does not fit: no such table: nowhere/);
	expect(shown).toMatch(/○ 29990101_000000_bad +pending +✗ cannot be applied/);
	ui.press(keys.escape);
	expect(await ui.code).toBe(0);
	expect(ui.frame()).toBe('app.db   1 applied · 1 pending');
});

test('status lists the history, and opens a migration', async () => {
	await pendingDrop();
	const ui = open({kind: 'status'});
	await ui.waitFor('▲ destructive');
	ui.press(keys.enter);
	await ui.waitFor(/migrations\/\d+_\d+_tidy\.ts/);
	ui.press(keys.tab);
	await ui.waitFor("op.dropTable('legacy_log')");
	ui.press(keys.escape);
	await ui.waitFor('0 applied · 1 pending');
	ui.press(keys.escape);
	expect(await ui.code).toBe(0);
});

test('on a wide terminal, the selected migration is shown next to the list', async () => {
	for (const [day, name] of ['one', 'two'].entries()) {
		const code = `export function upgrade(op) {\n\top.createTable('CREATE TABLE ${name} (id INTEGER)');\n}\n`;
		folder.write(`migrations/2026010${day + 1}_000000_${name}.ts`, code);
	}

	const ui = open({kind: 'status'}, {columns: 120, rows: 30});
	expect(await ui.waitFor('+ two')).toMatch(/❯ ○ 20260102_000000_two +pending +│/);
	ui.press(keys.up);
	expect(await ui.waitFor('+ one')).not.toContain('+ two');
	ui.resize(80, 24);
	await ui.waitFor((frame) => frame.includes('❯ ○ 20260101_000000_one') && !frame.includes('│'));
	ui.press(keys.escape);
	expect(await ui.code).toBe(0);
});

describe('Ctrl-Z', () => {
	test('releases the terminal while the process is suspended, and continues on the same screen', async () => {
		await pendingDrop();
		const {promise, resolve} = Promise.withResolvers<void>();
		const ui = open({kind: 'home'}, {stop: () => promise});
		await ui.waitFor('apply 1 migration, 1 ▲ destructive');
		ui.press(keys.down, keys.ctrlZ, keys.ctrlZ, keys.down);
		await ui.waitFor((frame) => !frame.includes('lite-migr'));
		expect(ui.isRaw()).toBe(false);
		expect(ui.written()).toMatch(/\u001b\[\?25h(?!.*\u001b\[\?25l)/s);
		resolve();
		await ui.waitFor('❯ Look around');
		expect(ui.isRaw()).toBe(true);
		ui.press('q');
		expect(await ui.code).toBe(0);
	});
});

test('no empty row separates the output from the prompt', async () => {
	const ui = open({kind: 'run', request: {direction: 'upgrade'}});
	expect(await ui.code).toBe(0);
	const {active} = ui.terminal.buffer;
	expect([active.getLine(0)?.translateToString(true), active.cursorY, active.cursorX]).toEqual([
		'✔ nothing to apply   app.db has no migration applied',
		1,
		0,
	]);
});
