import {expect} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {flat, story} from './at-every-size.ts';

const columns = 'id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT';

/** A project whose models add a column to each of 40 tables, and drop two others with rows. */
function large(): ProjectFolder {
	const names = Array.from({length: 40}, (_, index) => `table_${String(index + 1).padStart(2, '0')}`);
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': names.map((name) => `CREATE TABLE ${name} (${columns}, more TEXT);`).join('\n'),
	});
	project.exec(
		`${names.map((name) => `CREATE TABLE ${name} (${columns})`).join(';')}; CREATE TABLE old_log (x TEXT); INSERT INTO old_log VALUES ('a'), ('b'); CREATE TABLE zoo (x TEXT); INSERT INTO zoo VALUES ('a')`,
	);
	return project;
}

story('a large preview is filtered, walked through, folded and shown as SQL and side by side', async ({open, isWide}) => {
	const ui = open(large(), 'create', 'more', '--drop', 'old_log', '--drop', 'zoo');
	await ui.waitFor('~ table_01');
	ui.press('G');
	await ui.waitFor((frame) => frame.includes('zoo') && !frame.includes('table_01'));
	ui.press('g');
	await ui.waitFor('~ table_01');
	ui.press('!');
	await ui.waitFor(/▲.*(old_log|zoo)|(old_log|zoo).*▲/);
	ui.press('g', ']', ']', ']');
	await ui.waitFor((frame) => frame.includes('table_04') && !frame.includes('table_01'));
	ui.press('[');
	await ui.waitFor('table_03');
	ui.press(keys.left);
	await ui.waitFor((frame) => frame.includes('table_01') && !frame.includes('+ more'));
	ui.press(keys.right);
	await ui.waitFor('+ more');
	ui.press('/', 'table_2');
	await ui.waitFor('~ table_20');
	expect(ui.frame()).not.toContain('table_01');
	ui.press(keys.enter);
	await ui.waitFor(isWide ? /enter write/ : /↓ \d+ more/);
	if (!isWide) {
		ui.press('n', 'n', 'n', 'n');
		await ui.waitFor((frame) => !frame.includes('~ table_20'));
		ui.press('N', 'N', 'N', 'N', 'N', 'N');
		await ui.waitFor('~ table_20');
	}
	ui.press('/', keys.escape);
	await ui.waitFor('~ table_01');
	ui.press(keys.tab);
	await ui.waitFor('ALTER TABLE table_01 ADD COLUMN');
	ui.press('y');
	await ui.waitFor(() => /\u001b\]52;c;[\w+/=]+\u0007/.test(ui.written()));
	ui.press(keys.tab);
	if (isWide) expect(await ui.waitFor('CREATE TABLE table_01')).toMatch(/CREATE TABLE table_01.*CREATE TABLE table_01/);
	else await ui.waitFor('~ table_01');
	ui.press(keys.escape);
	expect(await ui.exited).toBe(130);
	expect(flat(ui.everything())).toContain('nothing was written');
});

story('similar questions get the same answer, and an attempt that was stopped continues', async ({open}) => {
	const names = ['customer', 'supplier', 'employee', 'partner'];
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': names.map((name) => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, full_name TEXT);`).join('\n'),
		'migrations/20260101_000000_start.sql': '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n',
	});
	project.write('models/start.sql', 'CREATE TABLE start (id INTEGER PRIMARY KEY);');
	project.exec(
		names.map((name) => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO ${name} (name) VALUES ('Ann'), ('Bob')`).join(';'),
	);
	const ui = open(project);
	await ui.waitFor(/4\s+questions/);
	ui.press(keys.home);
	await ui.waitFor(/❯ Create/);
	ui.press(keys.enter);
	await ui.waitFor('question 1 of 4');
	ui.press(keys.enter);
	await ui.waitFor('question 2 of 4');
	ui.press(keys.escape);
	await ui.waitFor(/❯ Create a migration\s+4\s+questions/);
	ui.press(keys.enter);
	await ui.waitFor('question 2 of 4');
	ui.press('a');
	await ui.waitFor(/The same answer for 2 more/);
	ui.press(keys.escape);
	await ui.waitFor('question 2 of 4');
	ui.press('a');
	await ui.waitFor(/enter answer 2/);
	ui.press(keys.enter);
	await ui.waitFor('enter write the file');
	ui.press(keys.escape);
	await ui.waitFor(/Create/);
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(project.files('migrations')).toEqual(['20260101_000000_start.sql']);
});
