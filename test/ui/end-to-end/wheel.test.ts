import {expect, test} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {type CommandTerminal, command} from '../pseudo-terminal.ts';
import {story} from './at-every-size.ts';

const [on, off] = ['\u001b[?1000h\u001b[?1006h', '\u001b[?1006l\u001b[?1000l'];
const [wheelUp, wheelDown] = ['\u001b[<64;10;5M', '\u001b[<65;10;5M'];

/** A project whose first migration creates more tables than a screen has rows. */
function manyTables(): ProjectFolder {
	const tables = Array.from({length: 60}, (_, index) => `CREATE TABLE table_${index + 1} (id INTEGER PRIMARY KEY, name TEXT);`);
	return projectFolder({'migrate.toml': toml, 'models/schema.sql': tables.join('\n')});
}

function isReleased(ui: CommandTerminal): boolean {
	const written = ui.written();
	return written.lastIndexOf(off) > written.lastIndexOf('\u001b[?1000h');
}

async function openPreview(open: () => CommandTerminal): Promise<CommandTerminal> {
	const ui = open();
	await ui.waitFor('table_1');
	await ui.waitFor(() => ui.written().includes(on));
	return ui;
}

story('the wheel scrolls a preview, and only as far as it goes', async ({open}) => {
	const ui = await openPreview(() => open(manyTables(), 'create', 'start'));
	const top = ui.frame();
	ui.press(wheelDown);
	await ui.waitFor(/↑ \d+ more/);
	expect(ui.frame()).toMatch(/↑ 4 more|↑ 3 more/);
	ui.press(wheelUp.repeat(5));
	await ui.waitFor((frame) => frame === top);
	ui.press(wheelDown.repeat(300));
	await ui.waitFor(/table_60/);
	ui.press('?');
	await ui.waitFor('Keys');
	ui.press(wheelDown.repeat(30));
	await ui.waitFor('any key goes');
	ui.press('x');
	await ui.waitFor('table_60');
	ui.press(keys.escape);
	expect(await ui.exited).toBe(130);
	expect(isReleased(ui)).toBe(true);
});

test('a page without anything to scroll leaves the mouse to the terminal', async () => {
	const ui = command(projectFolder({'migrate.toml': toml, 'models/schema.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY);'}).path, [
		'create',
		'start',
	]);
	await ui.waitFor('enter write the file');
	ui.press(keys.escape);
	await ui.exited;
	expect(ui.written()).not.toContain('\u001b[?1000h');
});

test('LITE_MIGR_MOUSE=off leaves the mouse to the terminal', async () => {
	const ui = command(manyTables().path, ['create', 'start'], {env: {LITE_MIGR_MOUSE: 'off'}});
	await ui.waitFor('table_1');
	ui.press('?');
	expect(await ui.waitFor('Keys')).not.toContain('wheel');
	ui.press('x', keys.escape);
	await ui.exited;
	expect(ui.written()).not.toContain('\u001b[?1000h');
});

test('a press of a button releases the mouse for a selection, and the next key takes it again', async () => {
	const ui = await openPreview(() => command(manyTables().path, ['create', 'start']));
	ui.press('\u001b[<0;5;5M');
	await ui.waitFor(() => isReleased(ui));
	ui.press(keys.down);
	await ui.waitFor(() => !isReleased(ui));
	ui.press('\u001b[<0;5;5m', keys.escape);
	expect(await ui.exited).toBe(130);
	expect(isReleased(ui)).toBe(true);
});

test.each<[string, (ui: CommandTerminal) => void]>([
	['Ctrl-C', (ui) => ui.press(keys.ctrlC)],
	['SIGTERM', (ui) => ui.kill('SIGTERM')],
	['SIGINT', (ui) => ui.kill('SIGINT')],
	['Escape', (ui) => ui.press(keys.escape)],
])('%s releases the mouse', async (_name, leave) => {
	const ui = await openPreview(() => command(manyTables().path, ['create', 'start']));
	leave(ui);
	expect(await ui.exited).toBe(130);
	expect(isReleased(ui)).toBe(true);
});

test('a suspended process has released the mouse, and takes it again', async () => {
	const project = manyTables();
	const ui = await openPreview(() => command(project.path, ['create', 'start']));
	ui.kill('SIGTSTP');
	await ui.waitFor(() => isReleased(ui));
	ui.kill('SIGCONT');
	await ui.waitFor(() => !isReleased(ui));
	ui.press(keys.escape);
	expect(await ui.exited).toBe(130);
	expect(isReleased(ui)).toBe(true);
});
