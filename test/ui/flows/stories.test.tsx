import {beforeEach, describe, expect, onTestFinished, test} from 'vitest';
import {noDecisions} from '../../../source/core/diff/question.ts';
import {projectServices} from '../../../source/ui/engine/project-services.ts';
import {mountUi, type UiTask} from '../../../source/ui/mount.tsx';
import {type ProjectFolder, projectFolder, toml} from '../../cli/project-folder.ts';
import {keys, openTerminal, type TestTerminal} from '../terminal.ts';

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

const services = () => projectServices({cwd: folder.path, config: undefined, db: undefined, format: undefined});

/** The whole program but for its process: the screens over the core, on a real database. */
function open(task: UiTask, columns = 80, rows = 24, editor = 'true', stop = async () => {}): TestTerminal & {code: Promise<number>} {
	const terminal = openTerminal(columns, rows);
	const controller = new AbortController();
	let time = 0;
	const code = mountUi({
		task,
		services: services(),
		version: '1.0.0',
		decisions: noDecisions,
		hidesSamples: false,
		isAscii: false,
		editor,
		stdin: terminal.stdin,
		stdout: terminal.stdout,
		signal: controller.signal,
		stop,
		// Every look at it a second later, so that no confirmation is deaf.
		clock: () => (time += 1000),
	});
	onTestFinished(() => controller.abort());
	const done = code.then(async (result) => {
		await terminal.parsed();
		return result;
	});
	return {...terminal, code: done};
}

const models = (sql: string): void => folder.write('models/schema.sql', sql);

describe('create', () => {
	test.each([
		['what no migration made', async () => {}, '! no migration makes user, legacy_log, so this one fits app.db and no new database'],
		[
			'what was changed by other means',
			async () => {
				await services().baseline('start');
				folder.database((db) => db.exec('ALTER TABLE user ADD COLUMN phone TEXT'));
			},
			'! app.db was changed by other means, and this migration fits no database that the migrations alone made:',
		],
	])('says that the file fits this database alone: it builds upon %s', async (_, prepare, told) => {
		await prepare();
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, telephone TEXT -- @renamed from=phone\n); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		const ui = open({kind: 'create', name: 'telephone'}, 200);
		await ui.waitFor('telephone');
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
		expect(ui.everything()).toContain(told);
		expect(ui.everything()).toContain('to mend that, remove the file, run lite-migr baseline <name>');
	});

	test('asks what it cannot know, shows what it will do, and writes the file', async () => {
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

	test('goes back to the question before, and answers it anew', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 2');
		ui.press(keys.down, keys.down, keys.enter);
		await ui.waitFor('question 2 of 2');
		ui.press('b');
		expect(await ui.waitFor('question 1 of 2')).toContain('❯ ○ not ours, ignore it');
		ui.press(keys.up, keys.enter);
		await ui.waitFor('question 2 of 2');
		ui.press(keys.down, keys.enter);
		await ui.waitFor('▲ drops 3 rows');
		ui.press('b');
		await ui.waitFor('question 2 of 2');
	});

	test('a fill that the rows cannot be read with is asked for anew, and the other answers stay', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT NOT NULL);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 2');
		ui.press(keys.down, keys.enter);
		await ui.waitFor('question 2 of 2');
		ui.press('nock', keys.enter);
		expect(await ui.waitFor('over the row as it is now: id, name,')).toMatch(/❯ nock▏\n {2}✗ .*no such\s+column:\s+nock; a\s+fill of user\.email/);
		ui.press(keys.backspace.repeat(4), 'name');
		await ui.waitFor("id 1 → 'Ann Lee'");
		ui.press(keys.enter);
		await ui.waitFor('▲ drops 3 rows');
		ui.press('b');
		expect(await ui.waitFor("id 1 → 'Ann Lee'")).toContain('❯ name▏');
		ui.press(keys.ctrlC);
		expect(await ui.code).toBe(130);
	});

	test('a fill in a table that only a pending migration makes is not told to be wrong', async () => {
		models(`${before.replace(/INSERT[^;]*;/g, '')} CREATE TABLE fresh (id INTEGER PRIMARY KEY, a TEXT, b TEXT NOT NULL);`);
		folder.write('migrations/20260101_000000_fresh.sql', '-- upgrade\nCREATE TABLE fresh (id INTEGER PRIMARY KEY, a TEXT, b TEXT);\n');
		const question = {kind: 'fill', id: 'x', table: 'fresh', column: 'b', isNew: false, message: '', flags: []} as const;
		expect(await services().tryFill(question, 'a', noDecisions)).toEqual({isValid: true, samples: [], nulls: 0});
	});

	test('stopping tells the command that gives the same answers again', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT NOT NULL);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 2');
		ui.press(keys.down, keys.enter);
		await ui.waitFor('question 2 of 2');
		ui.press("'@'", keys.enter);
		await ui.waitFor('▲ drops 3 rows');
		ui.press(keys.escape);
		expect(await ui.code).toBe(3);
		expect(ui.frame()).toBe(
			'○ stopped; nothing was written\n  to go on from there:\n    lite-migr create x --drop legacy_log --fill user.email="\'@\'"',
		);
		expect(folder.files('.')).not.toContain('migrations');
	});

	test('deciding later writes nothing, and ends with 3', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('question 1 of 1');
		ui.press(keys.escape);
		expect(await ui.code).toBe(3);
		expect(ui.frame()).toBe('○ 1 question left open; nothing was written');
		expect(folder.files('.')).not.toContain('migrations');
	});

	test('ignoring a table writes it into migrate.toml', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER);');
		const ui = open({kind: 'create', name: 'age'});
		await ui.waitFor('not ours, ignore it');
		ui.press(keys.down, keys.down, keys.enter);
		await ui.waitFor('+ age INTEGER');
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
		expect(folder.read('migrate.toml')).toContain('ignore = ["legacy_log"]');
	});

	test('where only something is to be ignored, no file is written', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT);');
		const ui = open({kind: 'create', name: 'x'});
		await ui.waitFor('not ours, ignore it');
		ui.press(keys.down, keys.down, keys.enter);
		expect(await ui.code).toBe(0);
		expect(ui.frame()).toMatch(/✔ migrate\.toml ignores legacy_log from now on\n✔ no differences/);
		expect(folder.files('.')).not.toContain('migrations');
	});

	test('says that nothing differs, and writes nothing', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		const ui = open({kind: 'create', name: 'x'});
		expect(await ui.code).toBe(0);
		expect(ui.frame()).toContain('no differences');
	});

	test('a name with other characters is refused before anything is asked', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY);');
		await expect(open({kind: 'create', name: '../evil'}).code).rejects.toMatchObject({code: 'usage'});
	});

	test('opens the new file in the editor, and comes back', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		const seen = `${folder.path}/seen`;
		const ui = open({kind: 'create', name: 'age'}, 80, 24, `cp -t . 2>/dev/null; f() { echo "$1" > ${seen}; }; f`);
		await ui.waitFor('+ age INTEGER');
		expect(ui.isRaw()).toBe(true);
		ui.press('e');
		expect(await ui.code).toBe(0);
		expect(folder.read('seen').trim()).toMatch(/migrations\/\d+_\d+_age\.ts$/);
		expect(ui.isRaw()).toBe(false);
	});
});

/** A pending migration that loses data, from models. */
async function pendingDrop(): Promise<void> {
	models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT);');
	await services().writeMigration('tidy', {...noDecisions, drops: [{table: 'legacy_log'}]});
}

async function upgraded(): Promise<void> {
	const {id} = await services().preflight({direction: 'upgrade'});
	let last: unknown;
	for await (const event of services().run({direction: 'upgrade', ...(id === null ? {} : {plan: id})}, new AbortController().signal)) last = event;
	expect(last).toMatchObject({type: 'done'});
}

const tables = (): readonly unknown[] =>
	folder.database((db) => db.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'").map(({name}) => name));

describe('upgrade', () => {
	test('takes consent by name, runs, and leaves a summary', async () => {
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

	test('Enter alone cancels, and nothing is changed', async () => {
		await pendingDrop();
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		await ui.waitFor('❯ Cancel');
		ui.press('x', keys.up, keys.enter);
		expect(await ui.code).toBe(3);
		expect(ui.frame()).toContain('cancelled; nothing was changed');
		expect(tables()).toContain('legacy_log');
	});

	test('Ctrl-C in a confirmation ends with 130, and the terminal is as it was', async () => {
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

	test('what loses nothing runs at once', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		await services().writeMigration('age', noDecisions);
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		expect(await ui.code).toBe(0);
		expect(ui.everything()).toMatch(/is at \d+_\d+_age/);
	});

	test('rows that would make it fail are shown with ways to mend them, and nothing runs', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, CHECK (length(name) > 7)); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		await services().writeMigration('check', noDecisions);
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		expect(await ui.waitFor('CHECK (length(name) > 7)')).toContain('✗');
		ui.press(keys.escape);
		expect(await ui.code).toBe(1);
		expect(ui.everything()).toMatch(/would fail; nothing was changed/);
	});

	test('with nothing pending says so', async () => {
		const ui = open({kind: 'run', request: {direction: 'upgrade'}});
		expect(await ui.code).toBe(0);
		expect(ui.frame()).toContain('nothing to apply');
	});

	test('a failure tells what, where and the state of the database', async () => {
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
	test('downgrade shows what it will do first', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT, age INTEGER); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		await services().writeMigration('age', noDecisions);
		await upgraded();
		const ui = open({kind: 'run', request: {direction: 'downgrade', steps: 1}});
		await ui.waitFor('undo 1 migration');
		ui.press(keys.enter);
		await ui.waitFor('type user.age to confirm');
		ui.press('user.age', keys.enter);
		expect(await ui.code).toBe(0);
		expect(ui.everything()).toContain('app.db has no migration applied');
		expect(folder.database((db) => db.all('SELECT name FROM pragma_table_info(?)', 'user').length)).toBe(4);
	});

	test('restore shows what changes, wants the name of the database, and puts it back', async () => {
		await pendingDrop();
		await upgraded();
		const ui = open({kind: 'restore', backup: undefined});
		await ui.waitFor(/❯ \d{8}T\d{6}/);
		ui.press(keys.enter);
		expect(await ui.waitFor('type app.db to confirm')).toMatch(/\+ legacy_log +comes back with 3 rows/);
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
			'✔ wrote models/schema.sql\n  2 tables, 0 indexes, 0 views, 0 triggers\n  next: lite-migr baseline start, if the database has no migrations yet',
		);
		expect(folder.read('models/schema.sql')).toContain('CREATE TABLE legacy_log (');
	});

	test.each([
		['Escape', keys.escape, 3],
		['Ctrl-C', keys.ctrlC, 130],
	])('%s writes nothing, and leaves no folder behind', async (_name, pressed, code) => {
		const ui = open({kind: 'pull', format: 'sql'});
		await ui.waitFor('enter write the file');
		ui.press(pressed);
		expect(await ui.code).toBe(code);
		expect(folder.files('.')).not.toContain('models');
	});

	test('a file that is there is overwritten only by its name', async () => {
		models(before);
		const cancelled = open({kind: 'pull', format: 'sql'});
		await cancelled.waitFor('▲ models/schema.sql   is there already, and would be overwritten');
		cancelled.press(keys.enter);
		await cancelled.waitFor('❯ Cancel');
		cancelled.press(keys.enter);
		expect(await cancelled.code).toBe(3);
		expect(cancelled.frame()).toBe('○ stopped; nothing was written');
		expect(folder.read('models/schema.sql')).toBe(before);

		const ui = open({kind: 'pull', format: 'sql'});
		await ui.waitFor('▲ models/schema.sql');
		ui.press(keys.enter);
		await ui.waitFor('❯ Cancel');
		ui.press('schema.sql', keys.enter);
		expect(await ui.code).toBe(0);
		expect(folder.read('models/schema.sql')).toContain('CREATE TABLE user (');

		const again = open({kind: 'pull', format: 'sql'});
		await again.waitFor('is there already and says the same');
		again.press(keys.enter);
		expect(await again.code).toBe(0);
		expect(again.frame()).toContain('✔ models/schema.sql says the same already');
	});

	test('models of another name stay, and are asked about, too', async () => {
		folder.write('models/mine.sql', before);
		const ui = open({kind: 'pull', format: 'sql'});
		await ui.waitFor('! another model file stays beside it');
		ui.press(keys.enter);
		expect(await ui.waitFor('❯ Cancel')).toContain('! There are models already');
		ui.press(keys.escape);
		expect(await ui.code).toBe(3);
		expect(folder.files('models')).toEqual(['mine.sql']);
	});

	test('a file that comes in while the screen is open is never overwritten', async () => {
		const ui = open({kind: 'pull', format: 'sql'});
		await ui.waitFor('enter write the file');
		models(before);
		ui.press(keys.enter);
		await expect(ui.code).rejects.toMatchObject({code: 'files', message: expect.stringContaining('was created in the meantime')});
		expect(folder.read('models/schema.sql')).toBe(before);
	});

	test('a format that cannot be had is a screen, and the others stay within reach', async () => {
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
		await ui.waitFor('❯ change_user');
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

	test('a model that does not load is a screen, and the menu goes on after it is mended', async () => {
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

	test('adopts a database that was there before', async () => {
		models(
			'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick TEXT, email TEXT); CREATE TABLE legacy_log (id INTEGER PRIMARY KEY, line TEXT);',
		);
		const ui = open({kind: 'home'});
		await ui.waitFor('❯ Adopt the database');
		ui.press(keys.home, keys.enter);
		await ui.waitFor('❯ baseline');
		ui.press(keys.enter);
		await ui.waitFor('● 1 applied');
		expect(ui.everything()).toMatch(/\d+_\d+_baseline +marked as applied; no row was touched/);
		await ui.waitFor('models and migrations agree');
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

test('init leaves a migrate.toml that is there as it is', async () => {
	const ui = open({kind: 'init', paths: {}});
	expect(await ui.code).toBe(0);
	expect(ui.frame()).toContain('migrate.toml is there already; it stays as it is');
	expect(folder.read('migrate.toml')).toBe(toml);
});

test('status tells what cannot be applied, and leaves its counts behind', async () => {
	models(before.replace(/INSERT[^;]*;/g, ''));
	await services().baseline('start');
	folder.write('migrations/29990101_000000_bad.sql', '-- upgrade\nALTER TABLE nowhere ADD COLUMN x;\n');
	folder.database((db) => db.exec(Array.from({length: 9}, (_, index) => `CREATE TABLE stray_${index} (x);`).join('')));
	const ui = open({kind: 'status'});
	const shown = await ui.waitFor('✗ cannot be applied');
	expect(shown).toContain('! the database differs from what its migrations made:\n      + table stray_0: in no migration\n');
	expect(shown).toMatch(/… and 5 more; lite-migr check tells them all\n\n {2}✗ a pending migration does not fit: no such table: nowhere/);
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

describe('Ctrl-Z', () => {
	test('gives the terminal back while the process is stopped, and goes on where it was', async () => {
		await pendingDrop();
		const {promise, resolve} = Promise.withResolvers<void>();
		const ui = open({kind: 'home'}, 80, 24, 'true', () => promise);
		await ui.waitFor('apply 1 migration, 1 ▲ destructive');
		ui.press(keys.down, keys.ctrlZ, keys.ctrlZ, keys.down);
		await ui.waitFor((frame) => !frame.includes('lite-migr'));
		expect(ui.isRaw()).toBe(false);
		expect(ui.written()).toMatch(/\u001b\[\?25h(?!.*\u001b\[\?25l)/s);
		resolve();
		await ui.waitFor('❯ Quit');
		expect(ui.isRaw()).toBe(true);
		ui.press('q');
		expect(await ui.code).toBe(0);
	});
});

test('nothing stands between what was done and the prompt', async () => {
	const ui = open({kind: 'run', request: {direction: 'upgrade'}});
	expect(await ui.code).toBe(0);
	const {active} = ui.terminal.buffer;
	expect([active.getLine(0)?.translateToString(true), active.cursorY, active.cursorX]).toEqual([
		'✔ nothing to apply   app.db has no migration applied',
		1,
		0,
	]);
});
