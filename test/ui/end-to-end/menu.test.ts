import {expect, vi} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {confirm, flat, heardConfirmation, story} from './at-every-size.ts';

const start = '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n-- downgrade\nDROP TABLE start;\n';

/** A project at its first migration, without differences. */
async function project(): Promise<ProjectFolder> {
	const folder = projectFolder({
		'migrate.toml': toml,
		'migrations/20260101_000000_start.sql': start,
		'models/schema.sql': 'CREATE TABLE start (id INTEGER PRIMARY KEY);',
	});
	expect((await folder.lite('upgrade')).code).toBe(0);
	return folder;
}

story('the menu and the preview follow changes of the models, and a changed preview says so', async ({open}) => {
	const folder = await project();
	const ui = open(folder);
	await ui.waitFor('● 1 applied');
	await ui.waitFor(/❯ /);
	folder.write('models/schema.sql', 'CREATE TABLE start (id INTEGER PRIMARY KEY); CREATE TABLE extra (id INTEGER PRIMARY KEY, a TEXT);');
	await ui.waitFor(/1 change/);
	ui.press(keys.home, keys.enter);
	await ui.waitFor('+ extra');
	folder.write('models/schema.sql', 'CREATE TABLE start (id INTEGER PRIMARY KEY); CREATE TABLE extra (id INTEGER PRIMARY KEY, a TEXT, b TEXT);');
	await ui.waitFor(/changed since/);
	await ui.waitFor(/enter write/);
	ui.press(keys.escape);
	await ui.waitFor(/Create/);
	expect(folder.files('migrations')).toHaveLength(1);
	ui.press('q');
	expect(await ui.exited).toBe(0);
});

story('a guided run ends with its command, which the list of commands copies', async ({open}) => {
	const folder = await project();
	folder.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, nick TEXT); INSERT INTO user (name) VALUES ('Ann'), ('Bob')");
	folder.write(
		'models/schema.sql',
		'CREATE TABLE start (id INTEGER PRIMARY KEY); CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT, nick TEXT);',
	);
	const ui = open(folder);
	await ui.waitFor(/1\s+question/);
	ui.press(keys.home, keys.enter);
	await ui.waitFor('question 1 of 1');
	ui.press(keys.enter);
	await ui.waitFor('enter write');
	ui.press(keys.enter);
	await ui.waitFor('enter use');
	// A suggested name is replaced by typing, and spaces become underscores.
	ui.press('first names');
	await ui.waitFor('first_names');
	ui.press(keys.enter);
	await ui.waitFor('● 1 applied');
	const command = 'lite-migr create first_names --rename user.name=full_name';
	expect(flat(ui.everything()).replaceAll('\\ ', '')).toMatch(new RegExp(`same as:? ${command}`));
	ui.press('@');
	await ui.waitFor('Commands of this session');
	ui.press('y');
	await ui.waitFor('✔ copied the command');
	expect(ui.written()).toContain(`\u001b]52;c;${Buffer.from(command).toString('base64')}\u0007`);
	ui.press(keys.escape);
	await ui.waitFor('● 1 applied');
	ui.press('q');
	expect(await ui.exited).toBe(0);
});

story('after a cancelled upgrade the cursor is still on it, and Escape pressed twice counts twice', async ({open}) => {
	const folder = await project();
	folder.migration('20260102_000000_drop.sql', '-- upgrade\nDROP TABLE log;\n');
	folder.exec("CREATE TABLE log (x TEXT); INSERT INTO log VALUES ('a')");
	const ui = open(folder);
	await ui.waitFor(/❯ Upgrade/);
	ui.press(keys.enter);
	await ui.waitFor(/enter apply 1/);
	ui.press(keys.enter);
	await heardConfirmation(ui);
	ui.press(keys.escape);
	await ui.waitFor((frame) => /❯ Upgrade/.test(frame) && !frame.includes('type log'));
	expect(flat(ui.everything())).toContain('cancelled; nothing was changed, app.db is still at 20260101_000000_start');
	ui.press('G', 'g', 'G');
	await ui.waitFor(/❯ Quit/);
	ui.press('g', keys.down);
	await ui.waitFor((frame) => !frame.includes('❯ Quit'));
	ui.press('g');
	await ui.waitFor(/❯ /);
	await ui.still();
	ui.press(keys.escape + keys.escape);
	expect(await ui.exited).toBe(0);
});

story('empty tables are dropped without typing a name, rows need it, and the summary says how to restore them', async ({open}) => {
	const folder = await project();
	folder.exec('CREATE TABLE log (x TEXT)');
	folder.migration('20260102_000000_drop', "\top.dropTable('log');", "\top.createTable('CREATE TABLE log (x TEXT)');");
	const empty = open(folder, 'upgrade');
	await heardConfirmation(empty);
	empty.press(keys.enter);
	expect(await empty.exited).toBe(0);
	folder.exec("CREATE TABLE big (x TEXT); INSERT INTO big VALUES ('a'), ('b')");
	folder.migration('20260103_000000_drop', "\top.dropTable('big');", "\top.createTable('CREATE TABLE big (x TEXT)');");
	const ui = open(folder, 'upgrade');
	await confirm(ui, 'big');
	expect(await ui.exited).toBe(0);
	const end = flat(ui.everything());
	expect(end).toContain('restore lite-migr restore');
	expect(end).toContain('undo lite-migr downgrade');
	expect(end).toMatch(/same as:? lite-migr upgrade (\\ )?--yes/);
	expect(end.indexOf('restore lite-migr')).toBeLessThan(end.indexOf('undo lite-migr'));
});

story('a broken model is shown with its line, and drift names the columns that differ', async ({open}) => {
	const folder = await project();
	folder.write('models/schema.sql', 'CREATE TABLE start (\n\tid INTEGER PRIMARY KEY,\n\tname TEXT COLLATE,\n);');
	const broken = open(folder, 'create', 'x');
	expect(await broken.exited).toBe(1);
	expect(flat(broken.everything())).toMatch(/models\/schema\.sql:3.*> 3\s+name TEXT COLLATE,/);
	folder.write('models/schema.sql', 'CREATE TABLE start (id INTEGER PRIMARY KEY);');
	folder.exec('ALTER TABLE start ADD COLUMN by_hand TEXT');
	const ui = open(folder, 'status');
	await ui.waitFor('1 applied');
	expect(flat(await ui.waitFor(/by_hand/))).toMatch(/start.*by_hand/);
	ui.press(keys.escape);
	expect(await ui.exited).toBe(0);
});

story('an upgrade runs only the plan that was shown: if a migration changes meanwhile, the new plan is shown first', async ({open}) => {
	const folder = await project();
	const file = '20260102_000000_log.sql';
	folder.migration(file, '-- upgrade\nCREATE TABLE log (x TEXT);\n');
	const ui = open(folder);
	await ui.waitFor('❯ Upgrade');
	ui.press(keys.enter);
	await ui.waitFor(/enter apply 1/);
	folder.migration(file, '-- upgrade\nCREATE TABLE log (x TEXT, y TEXT);\n');
	ui.press(keys.enter);
	expect(flat(await ui.waitFor('changed since you looked'))).toContain('! app.db changed since you looked');
	expect(folder.all("SELECT name FROM sqlite_schema WHERE name = 'log'")).toEqual([]);
	// The new plan ignores Enter for a moment.
	await vi.waitFor(
		() => {
			if (/enter apply 1/.test(ui.frame())) ui.press(keys.enter);
			if (!ui.frame().includes('● 2 applied')) throw new Error('it was not applied yet');
		},
		{timeout: 10_000, interval: 500},
	);
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(folder.all("SELECT name FROM pragma_table_info('log')")).toEqual([{name: 'x'}, {name: 'y'}]);
});

story('a preview writes the file and opens it in the editor, whose changes are what an upgrade then applies', async ({openWith}) => {
	const folder = await project();
	folder.write('models/schema.sql', 'CREATE TABLE start (id INTEGER PRIMARY KEY); CREATE TABLE extra (id INTEGER PRIMARY KEY);');
	folder.write('editor.sh', `sed -i 's/extra (id INTEGER/extra (note TEXT, id INTEGER/' "$1"\necho 'this is the editor'\n`);
	const ui = openWith({EDITOR: 'sh editor.sh', VISUAL: undefined}, folder);
	await ui.waitFor(/❯ Create a migration/);
	ui.press(keys.enter);
	await ui.waitFor('enter write');
	ui.press('e');
	await ui.waitFor('enter use add_extra');
	ui.press(keys.enter);
	await ui.waitFor(/❯ Upgrade/);
	expect(ui.everything()).toContain('this is the editor');
	const written = folder.files('migrations').find((name) => name.includes('add_extra')) ?? '';
	expect(folder.read(`migrations/${written}`)).toContain('CREATE TABLE extra (note TEXT, id INTEGER PRIMARY KEY)');
	ui.press(keys.enter);
	await ui.waitFor(/enter apply 1/);
	ui.press(keys.enter);
	await ui.waitFor('● 2 applied');
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(folder.all("SELECT name FROM pragma_table_info('extra')")).toEqual([{name: 'note'}, {name: 'id'}]);
});
