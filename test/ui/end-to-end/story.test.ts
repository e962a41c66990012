import {expect} from 'vitest';
import {projectFolder} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {confirm, story} from './at-every-size.ts';

story('the complete workflow leads from an empty folder to a downgrade', async (size) => {
	const folder = projectFolder();
	const open = (...argv: readonly string[]) => size.open(folder, ...argv);

	const menu = open();
	await menu.waitFor('Set up for a new app.db');
	menu.press(keys.enter);
	await menu.waitFor('A first model?');
	menu.press(keys.enter);
	await menu.waitFor(/Create a migration/);
	await menu.waitFor(/1 change/);
	menu.press(keys.enter);
	await menu.waitFor('enter write the file');
	menu.press(keys.enter);
	await menu.waitFor('enter use add_user');
	menu.press(keys.enter);
	await menu.waitFor('❯ Upgrade');
	menu.press(keys.enter);
	await menu.waitFor('enter apply 1 migration');
	menu.press(keys.enter);
	await menu.waitFor('● 1 applied');
	menu.press('q');
	expect(await menu.exited).toBe(0);
	folder.database((db) => db.exec("INSERT INTO user (name) VALUES ('Ann Lee'), ('Bob Hart')"));

	folder.write('models/user.ts', folder.read('models/user.ts').replace('name: text()', 'fullName: text("full_name")'));
	const rename = open('create', 'names');
	await rename.waitFor('question 1 of 1');
	await rename.waitFor('❯ ~ name → full_name');
	rename.press(keys.enter);
	expect(await rename.waitFor('enter write the file')).toMatch(/name → full_name +rename$/m);
	rename.press(keys.enter);
	expect(await rename.exited).toBe(0);
	const upgrade = open('upgrade');
	expect(await upgrade.exited).toBe(0);
	expect(upgrade.everything()).toMatch(/app\.db is at/);
	expect(folder.database((db) => db.all('SELECT full_name FROM user ORDER BY id'))).toEqual([{full_name: 'Ann Lee'}, {full_name: 'Bob Hart'}]);

	folder.write('models/user.ts', "import {integer, table} from 'lite-migr';\n\nexport const user = table('user', {id: integer().primaryKey()});\n");
	const drop = open('create', 'drop_names');
	await drop.waitFor('drop user.full_name');
	drop.press(keys.down, keys.enter);
	await drop.waitFor('enter write the file');
	drop.press(keys.enter);
	expect(await drop.exited).toBe(0);
	const lossy = open('upgrade');
	await confirm(lossy, 'user.full_name');
	expect(await lossy.exited).toBe(0);
	expect(folder.database((db) => db.all("SELECT name FROM pragma_table_info('user')"))).toEqual([{name: 'id'}]);
	expect(folder.files('backups')).toHaveLength(1);

	const back = open('downgrade');
	await back.waitFor('enter undo 1 migration');
	back.press(keys.enter);
	expect(await back.exited).toBe(0);
	expect(folder.database((db) => db.value("SELECT count(*) FROM pragma_table_info('user') WHERE name = 'full_name'"))).toBe(1);
});
