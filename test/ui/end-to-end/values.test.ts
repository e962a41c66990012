import {expect} from 'vitest';
import {projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {flat, story} from './at-every-size.ts';

story('a value is tried while it is typed, for rows that have none and for a conversion in the preview', async ({open, isWide}) => {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, zip INTEGER);',
	});
	project.exec(
		"CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, zip TEXT); INSERT INTO user (name, zip) VALUES ('Ann', '01234'), (NULL, 'x'), (NULL, '777')",
	);
	const ui = open(project, 'create', 'names');
	await ui.waitFor('question 1 of');
	ui.press("'no ' || idd");
	await ui.waitFor(/✗ no such/);
	ui.press(keys.backspace);
	await ui.waitFor("'no 2'");
	ui.press(keys.enter);
	await ui.waitFor('enter write');
	// Screens name a key instead of a flag.
	expect(flat(ui.everything())).not.toContain('--fill');
	if (isWide) expect(ui.frame()).toContain('→ specify the conversion: press f');
	ui.press('f');
	await ui.waitFor((frame) => frame.includes('question 2 of 2') && frame.includes('user.zip'));
	ui.press("iif(zip GLOB '*[0-9]*', CAST(zip AS INTEGER), 0)");
	// The expression is tried a moment after the last letter.
	await ui.still();
	expect(ui.frame()).not.toContain('✗');
	ui.press(keys.enter);
	await ui.waitFor('enter write');
	ui.press(keys.enter);
	expect(await ui.exited).toBe(0);
	expect(flat(ui.everything())).toMatch(/same as:? lite-migr create names/);
	const upgrade = open(project);
	await upgrade.waitFor('❯ Upgrade');
	upgrade.press(keys.enter);
	await upgrade.waitFor(/enter apply 1/);
	// upgrade has no such flag: the value is in the file.
	expect(upgrade.frame()).not.toContain('--fill');
	upgrade.press(keys.escape);
	await upgrade.waitFor('❯ Upgrade');
	upgrade.press('q');
	expect(await upgrade.exited).toBe(0);
	expect((await project.lite('upgrade', '--yes')).code).toBe(0);
	expect(project.all('SELECT name, zip FROM user ORDER BY id')).toEqual([
		{name: 'Ann', zip: 1234},
		{name: 'no 2', zip: 0},
		{name: 'no 3', zip: 777},
	]);
});

story('an expression that leaves rows without a value can be changed in the preview, from an answer and from a flag', async ({open}) => {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, w TEXT NOT NULL);',
	});
	project.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO user (name) VALUES ('Ann'), (NULL)");
	for (const argv of [
		['create', 'names'],
		['create', 'names', '--fill', 'user.w=lower(name)'],
	]) {
		const ui = open(project, ...argv);
		if (argv.length === 2) {
			await ui.waitFor('question 1 of 1');
			ui.press('lower(name)');
			await ui.waitFor('still NULL for 1 row');
			ui.press(keys.enter);
			expect(flat(await ui.waitFor(/press\s+enter\s+again/))).toMatch(/enter accept anyway .*esc stop$/);
			ui.press(keys.enter);
		}
		await ui.waitFor('enter write');
		ui.press('f');
		await ui.waitFor('❯ lower(name)');
		await ui.waitFor('still NULL for 1 row');
		ui.press(...Array.from({length: 'lower(name)'.length}, () => keys.backspace), "coalesce(name, 'none')");
		await ui.waitFor((frame) => frame.includes("coalesce(name, 'none')") && frame.includes('✔'));
		ui.press(keys.enter);
		await ui.waitFor('enter write');
		expect(ui.frame()).not.toMatch(/would fail|already decided/);
		ui.press(keys.enter);
		expect(await ui.exited).toBe(0);
		expect(flat(ui.everything())).toContain(`--fill user.w="coalesce(name, 'none')"`);
		const [file = ''] = project.files('migrations');
		expect(project.read(`migrations/${file}`)).toContain("coalesce(name, 'none')");
		project.remove(`migrations/${file}`);
	}
});

story('lines of finished work survive any change of the size', async ({open, columns, rows}) => {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);',
		'migrations/20260101_000000_a.sql': '-- upgrade\nCREATE TABLE a (id INTEGER PRIMARY KEY);\n-- downgrade\nDROP TABLE a;\n',
	});
	const ui = open(project);
	await ui.waitFor('❯ Upgrade');
	ui.press(keys.enter);
	await ui.waitFor('enter apply 1');
	ui.press(keys.enter);
	await ui.waitFor('● 1 applied');
	for (const [width, height] of [
		[40, 12],
		[100, 30],
		[columns, rows],
	] as const) {
		await ui.still();
		const before = ui.written().length;
		ui.resize(width, height);
		await ui.waitFor(
			() =>
				/lite-migr( 1\.| {2})/.test(
					ui
						.written()
						.slice(before)
						.replace(/\u001b\[[\d;]*m/g, ''),
				) ||
				(width === columns && height === rows),
		);
		await ui.still();
	}
	expect(flat(ui.everything())).toMatch(/undo lite-migr downgrade/);
	expect(flat(ui.everything()).match(/undo lite-migr downgrade/g)).toHaveLength(1);
	ui.press('q');
	expect(await ui.exited).toBe(0);
});

story('a conversion that changes no value is not shown as a loss, neither in the preview nor before the upgrade', async ({open}) => {
	const project = projectFolder({
		'migrate.toml': toml,
		'migrations/20260101_000000_start.sql': '-- upgrade\nCREATE TABLE parcel (id INTEGER PRIMARY KEY, grams TEXT);\n',
		'models/schema.sql': 'CREATE TABLE parcel (id INTEGER PRIMARY KEY, grams INTEGER);',
	});
	expect((await project.lite('upgrade')).code).toBe(0);
	project.exec("INSERT INTO parcel (grams) VALUES ('1'), ('22')");
	const ui = open(project);
	await ui.waitFor(/❯ Create a migration/);
	ui.press(keys.enter);
	await ui.waitFor('enter write');
	expect(ui.frame()).toContain('TEXT → INTEGER');
	ui.press(keys.enter);
	await ui.waitFor('enter use');
	ui.press(keys.enter);
	await ui.waitFor('❯ Upgrade');
	ui.press(keys.enter);
	await ui.waitFor('enter apply 1');
	expect(flat(ui.frame())).toContain('✔ nothing breaks, nothing is lost');
	expect(ui.everything()).not.toContain('▲');
	ui.press(keys.enter);
	await ui.waitFor('● 2 applied');
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(project.all('SELECT grams, typeof(grams) AS type FROM parcel ORDER BY id')).toEqual([
		{grams: 1, type: 'integer'},
		{grams: 22, type: 'integer'},
	]);
});
