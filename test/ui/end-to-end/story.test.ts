import {describe, expect, test, vi} from 'vitest';
import {projectFolder} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {command} from '../pseudo-terminal.ts';

const sizes = [
	[80, 24],
	[40, 12],
	[120, 40],
] as const;

/** Waits before typing: a confirmation ignores keys for a moment, and no user reads and types that fast. */
async function confirm(ui: ReturnType<typeof command>, name: string): Promise<void> {
	await ui.waitFor('❯ Cancel');
	await vi.waitFor(() => {
		ui.press(keys.down);
		if (!/❯ (Upgrade|Downgrade|Restore)/.test(ui.frame())) throw new Error('the confirmation is still deaf');
	});
	ui.press(name);
	await ui.waitFor(`${name.slice(-6)}▏`);
	ui.press(keys.enter);
}

describe.each(sizes)('the complete workflow at %i × %i', (columns, rows) => {
	test('leads from an empty folder to a downgrade', async () => {
		const folder = projectFolder();
		const open = (...argv: readonly string[]) => command(folder.path, argv, {columns, rows});

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
	}, 90_000);
});
