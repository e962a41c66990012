import {expect} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {flat, openHelp, story} from './at-every-size.ts';

/** A project whose models rename `customer` and one of its columns, and drop two tables. */
async function project(): Promise<ProjectFolder> {
	const folder = projectFolder({
		'migrate.toml': toml,
		'migrations/20260101_000000_start.sql': '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n',
		'models/start.sql': 'CREATE TABLE start (id INTEGER PRIMARY KEY);',
		'models/schema.sql': 'CREATE TABLE client (id INTEGER PRIMARY KEY, nickname TEXT, city TEXT);',
	});
	expect((await folder.lite('upgrade')).code).toBe(0);
	folder.exec(`CREATE TABLE customer (id INTEGER PRIMARY KEY, nick TEXT, city TEXT);
		INSERT INTO customer (nick, city) VALUES ('ann', 'Bern'), ('bob', 'Bern'), ('cleo', 'Bern'), ('dora', 'Bern'), ('emil', 'Bern'), ('fina', 'Bern');
		CREATE TABLE flag (name TEXT); INSERT INTO flag VALUES ('on'), ('on'), ('on'), ('on'), ('on');
		CREATE TABLE empty_log (line TEXT)`);
	return folder;
}

story('questions offer only what they have, mask values, and use the names that earlier answers chose', async ({open, isSmall}) => {
	const folder = await project();
	const ui = open(folder);
	const menu = flat(await ui.waitFor(/❯ Create a migration\s+\d+\s+questions/));
	expect(menu).toContain(isSmall ? '! 3 questions' : 'the models differ from the database: 3 questions to answer');
	ui.press(keys.home, keys.enter);

	// Nothing is preselected unless it is likely, and Enter alone says what it needs.
	await ui.waitFor('question 1 of 3');
	ui.press(keys.enter);
	expect(flat(await ui.waitFor('nothing is selected'))).toContain('nothing is selected: choose an entry with ↑ or ↓, then press enter');
	ui.press(keys.down);
	await ui.waitFor('❯ ~ customer → client');
	ui.press(keys.enter);
	for (const [table, number] of [
		['flag', 2],
		['empty_log', 3],
	] as const) {
		// One more question: the columns of the renamed table.
		await ui.waitFor(`question ${number} of 4`);
		ui.press('v');
		const help = await openHelp(ui);
		ui.press('x');
		await ui.waitFor(`- drop ${table}`);
		// All values of flag are the same, so there are no more samples to show.
		expect(help).not.toContain('more samples');
		if (!isSmall) expect(help.includes('mask: hides sample values from onlookers')).toBe(table === 'flag');
		ui.press(keys.down);
		await ui.waitFor(`❯ - drop ${table}`);
		ui.press(keys.enter);
	}
	await ui.waitFor('question 4 of 4');
	// The table has its new name by now.
	const question = flat(await ui.waitFor('client.nickname'));
	expect(question).toContain('client.nickname is new and client.nick is gone');
	expect(question).toContain('(client is customer in the database)');
	await ui.waitFor("'ann'");
	expect(ui.frame()).not.toContain("'dora'");
	ui.press('v');
	await ui.waitFor("'dora'");
	ui.press('m');
	await ui.waitFor((frame) => frame.includes('•••') && !/'(?:ann|dora)'/.test(frame));
	expect(await openHelp(ui)).toContain('m unmask: shows sample values');
	ui.press('x', 'm', 'v');
	await ui.waitFor((frame) => frame.includes("'ann'") && !frame.includes("'dora'"));
	ui.press(keys.enter);

	await ui.waitFor('enter write');
	ui.press(keys.enter);
	// A suggested name goes back with Escape, and typing replaces it.
	expect(await ui.waitFor('enter use')).toContain('esc back');
	ui.press(keys.escape);
	await ui.waitFor('enter write');
	ui.press(keys.enter);
	await ui.waitFor('enter use');
	ui.press('clients', keys.enter);
	await ui.waitFor('1 pending');
	ui.press('q');
	expect(await ui.exited).toBe(0);
	const command = flat(ui.everything()).replaceAll('\\ ', '');
	expect(command).toMatch(/lite-migr create clients .*--rename customer=client/);
	expect((await folder.lite('upgrade', '--yes')).code).toBe(0);
	expect(folder.all('SELECT nickname FROM client ORDER BY id LIMIT 2')).toEqual([{nickname: 'ann'}, {nickname: 'bob'}]);
});

story('without sample values, questions start masked', async ({open}) => {
	const folder = await project();
	folder.write('models/schema.sql', 'CREATE TABLE customer (id INTEGER PRIMARY KEY, nick TEXT, city TEXT); CREATE TABLE empty_log (line TEXT);');
	const ui = open(folder, 'create', 'x', '--no-samples');
	await ui.waitFor('table flag is');
	ui.press(keys.down);
	await ui.waitFor(/•••|▲ loses 5 rows/);
	await ui.still();
	expect(ui.everything()).not.toContain("'on'");
	ui.press(keys.escape);
	expect(await ui.exited).toBe(130);
});
