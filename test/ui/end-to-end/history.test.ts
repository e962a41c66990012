import {expect} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {confirm, flat, story} from './at-every-size.ts';

const [one, two, three] = ['20260101_000000_one', '20260102_000000_two', '20260103_000000_three'] as const;

function threeMigrations(): ProjectFolder {
	const project = projectFolder({'migrate.toml': toml});
	for (const name of [one, two, three]) {
		const table = name.split('_')[2];
		project.migration(`${name}.sql`, `-- upgrade\nCREATE TABLE ${table} (id INTEGER PRIMARY KEY, name TEXT);\n-- downgrade\nDROP TABLE ${table};\n`);
	}
	return project;
}

story('the history shows the details of a migration, and runs to the selected one', async ({open, isWide}) => {
	const project = threeMigrations();
	const ui = open(project, 'status');
	const list = await ui.waitFor(`❯ ○ ${three}`.slice(0, 34));
	if (isWide) expect(await ui.waitFor('CREATE TABLE three')).toMatch(/│.*CREATE TABLE three/);
	else expect(list).not.toContain('CREATE TABLE three');
	ui.press(keys.enter);
	await ui.waitFor('tab file');
	ui.press(keys.tab);
	await ui.waitFor((frame) => frame.includes('CREATE TABLE three') && frame.includes('tab changes'));
	ui.press(keys.escape);
	await ui.waitFor(/❯ ○/);
	ui.press('g', 'G', keys.up, 't');
	await ui.waitFor(/apply 2 mig/);
	ui.press('d');
	await ui.waitFor(/d try again|✔ dry run at/);
	expect(project.all('SELECT name FROM sqlite_schema')).toEqual([]);
	ui.press(keys.enter);
	await ui.waitFor('2 applied · 1 pending');
	expect(flat(ui.everything())).toMatch(/same as:? lite-migr upgrade --to (\\ )?20260102_000000_two/);
	ui.press('g', keys.up, 'G');
	ui.press(keys.up, keys.up);
	await ui.waitFor(/❯ ● 20260101/);
	ui.press('t');
	await ui.waitFor(/undo 1 mig/);
	ui.press(keys.escape);
	await ui.waitFor('2 applied · 1 pending');
	ui.press('@');
	await ui.waitFor('Commands of this session');
	ui.press('y');
	await ui.waitFor('✔ copied the command');
	expect(ui.written()).toContain(`\u001b]52;c;${Buffer.from(`lite-migr upgrade --to ${two}`).toString('base64')}\u0007`);
	ui.press(keys.escape);
	await ui.waitFor('2 applied · 1 pending');
	ui.press(keys.escape);
	expect(await ui.exited).toBe(0);
});

story('the schema browser filters, shows a table with its keys and rows, and masks values', async ({open}) => {
	const project = projectFolder({});
	const names = Array.from({length: 50}, (_, index) => `CREATE TABLE t${index} (id INTEGER PRIMARY KEY)`).join(';');
	project.exec(
		`${names}; CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL); CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE CASCADE); CREATE INDEX by_name ON user (name); INSERT INTO user (name) VALUES ('Ann Lee'), ('Bob Hart')`,
	);
	const ui = open(project);
	await ui.waitFor('❯ Adopt it');
	ui.press(keys.down, keys.down, keys.enter);
	await ui.waitFor('tables and views');
	ui.press('/', 'user', keys.enter);
	await ui.waitFor(/❯ user/);
	ui.press(keys.enter);
	await ui.waitFor(/id +INTEGER/);
	ui.press(keys.tab);
	await ui.waitFor("'Ann Lee'");
	ui.press('m');
	await ui.waitFor((frame) => frame.includes('•••') && !frame.includes('Ann Lee'));
	ui.press('m');
	await ui.waitFor("'Ann Lee'");
	ui.press(keys.tab);
	await ui.waitFor('CREATE TABLE user');
	ui.press(keys.escape);
	await ui.waitFor('tables and views');
	ui.press(keys.escape);
	await ui.waitFor('❯ Adopt it');
	ui.press(keys.escape);
	expect(await ui.exited).toBe(0);
	expect(project.files('.')).toEqual(['app.db']);
});

story('the schema browser lists the columns of views and virtual tables, and says why one cannot be read', async ({open, isSmall}) => {
	const project = projectFolder({});
	project.exec(
		`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); CREATE VIRTUAL TABLE found USING fts5 (title, body); CREATE TABLE old (x);
		CREATE VIEW broken AS SELECT x FROM old; DROP TABLE old; CREATE VIEW short AS SELECT name FROM user; CREATE VIEW app AS SELECT only_in_app(1) AS z`,
	);
	const ui = open(project);
	await ui.waitFor('❯ Adopt it');
	ui.press(keys.down, keys.down, keys.enter);
	await ui.waitFor('5 of 5 tables and views');
	if (!isSmall) {
		await ui.waitFor(/found +virtual table \(fts5\) · 0 rows · 2 columns/);
		await ui.waitFor(/short +view · 1 column\s/);
		await ui.waitFor(/broken +view · cannot be read/);
	}
	ui.press('/', 'short', keys.enter, keys.enter);
	await ui.waitFor(/name +TEXT/);
	ui.press(keys.escape);
	await ui.waitFor('tables and views');
	ui.press('/', keys.escape, '/', 'broken', keys.enter, keys.enter);
	expect(flat(await ui.waitFor('✗ cannot be read'))).toContain('no such table: main.old');
	ui.press(keys.tab);
	expect(flat(await ui.waitFor('✗ cannot be read'))).toContain('no such table: main.old');
	ui.press(keys.escape);
	await ui.waitFor('tables and views');
	ui.press('/', keys.escape, '/', 'app', keys.enter, keys.enter, keys.tab);
	expect(flat(await ui.waitFor('✗ cannot be read'))).toContain('no such function: only_in_app');
	ui.press(keys.escape, keys.escape, keys.escape);
	expect(await ui.exited).toBe(0);
});

story('backups of the same migration are told apart, and restoring one shows what it changes', async ({open, isSmall}) => {
	const project = projectFolder({'migrate.toml': toml});
	project.migration(`${one}.sql`, '-- upgrade\nCREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT);\n');
	expect((await project.lite('upgrade')).code).toBe(0);
	project.exec("INSERT INTO log (line) VALUES ('a'), ('b'), ('c')");
	project.migration(`${two}.sql`, '-- upgrade\nDELETE FROM log WHERE id > 1;\n');
	expect((await project.lite('upgrade', '--yes')).code).toBe(0);
	const first = /\d{8}T\d{6}/.exec(project.files('backups')[0] ?? '')?.[0] ?? '';
	expect((await project.lite('restore', first, '--yes')).code).toBe(0);
	expect((await project.lite('upgrade', '--yes')).code).toBe(0);

	const ui = open(project);
	await ui.waitFor('● 2 applied');
	await ui.still();
	ui.press('G', keys.up, keys.up);
	await ui.waitFor(/❯ Backups/);
	ui.press(keys.enter);
	const list = await ui.waitFor('3 backups');
	const ids = list.match(/\d{8}T\d{6}(?:-\d+)?/g) ?? [];
	expect(new Set(ids).size).toBe(3);
	if (!isSmall) expect(list).toMatch(new RegExp(`before ${two}[^]*before restore[^]*before ${two}`));
	ui.press('y');
	await ui.waitFor('✔ copied the path of the backup');
	ui.press('G', keys.enter);
	expect(flat(await ui.waitFor(/Restore app\.db/))).toContain('~ log 1 → 3 rows');
	await confirm(ui, 'app.db');
	await ui.waitFor('● 1 applied');
	expect(flat(ui.everything()).replaceAll('\\ ', '')).toMatch(new RegExp(`same as:? lite-migr restore ${first} --yes`));
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(project.all('SELECT count(*) AS n FROM log')).toEqual([{n: 3}]);
});
