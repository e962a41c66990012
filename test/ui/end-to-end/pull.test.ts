import {expect, test, vi} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {command} from '../pseudo-terminal.ts';
import {story} from './at-every-size.ts';

const evil = 'log\u001b[2J\u0007\u202e';

/** A schema with more tables than a screen has rows, and one whose name would act on the terminal. */
function shop(): ProjectFolder {
	const folder = projectFolder({'migrate.toml': toml});
	folder.database((db) => {
		for (let number = 1; number <= 30; number++) db.exec(`CREATE TABLE table_${number} (id INTEGER PRIMARY KEY, name TEXT)`);
		db.exec(`CREATE INDEX by_name ON table_1 (name); CREATE VIEW total AS SELECT count(*) AS n FROM table_1; CREATE TABLE "${evil}" (x TEXT)`);
	});
	return folder;
}

story('pull shows what it would write, scrolls, and writes it only on Enter', async ({open}) => {
	const folder = shop();
	const stopped = open(folder, 'pull');
	await stopped.waitFor('Models in TypeScript');
	await stopped.waitFor('+ models/schema.ts   new, ');
	stopped.press(keys.end);
	await stopped.waitFor(/\+ total/);
	stopped.press(keys.tab);
	await stopped.waitFor("from 'lite-migr';");
	stopped.press(keys.end);
	await stopped.waitFor("view('total')");
	stopped.press(keys.escape);
	expect(await stopped.exited).toBe(130);
	expect(stopped.everything()).toContain('○ cancelled; nothing was written');
	expect(folder.files('.')).toEqual(['app.db', 'migrate.toml']);

	const ui = open(folder, 'pull');
	await ui.waitFor('enter write the file');
	ui.press(keys.enter);
	expect(await ui.exited).toBe(0);
	expect(ui.everything()).toContain('✔ wrote models/schema.ts\n');
	expect(folder.read('models/schema.ts')).toContain("export const table30 = table('table_30', {");
	expect(folder.files('models')).toEqual(['schema.ts']);
	for (const {written} of [stopped, ui]) expect(written()).not.toMatch(/\u001b\[2J|\u0007|\u202e/);

	const check = open(folder, 'diff', '--no-color');
	expect(await check.exited).toBe(0);
	expect(check.everything()).toContain('no differences');
});

story('pull overwrites a model only if its name is typed', async ({open}) => {
	const folder = shop();
	const mine = '// mine\n';
	folder.write('models/schema.ts', mine);
	const cancelled = open(folder, 'pull');
	await cancelled.waitFor('▲ models/schema.ts');
	cancelled.press(keys.enter);
	await cancelled.waitFor('❯ Cancel');
	await vi.waitFor(() => {
		// The confirmation ignores keys for a moment.
		if (!cancelled.everything().includes('nothing was written')) {
			cancelled.press(keys.escape);
			throw new Error('not cancelled yet');
		}
	});
	expect(await cancelled.exited).toBe(130);
	expect(folder.read('models/schema.ts')).toBe(mine);

	const ui = open(folder, 'pull');
	await ui.waitFor('▲ models/schema.ts');
	ui.press(keys.enter);
	await ui.waitFor('❯ Cancel');
	await vi.waitFor(() => {
		ui.press(keys.down);
		if (!ui.frame().includes('❯ Overwrite')) throw new Error('the confirmation is still deaf');
	});
	ui.press('schema.ts');
	await ui.waitFor('schema.ts▏');
	expect(folder.read('models/schema.ts')).toBe(mine);
	ui.press(keys.enter);
	expect(await ui.exited).toBe(0);
	expect(folder.read('models/schema.ts')).toContain("export const table30 = table('table_30', {");
});

test('the menu writes models the same way, and then offers to adopt the database', async () => {
	const folder = shop();
	const ui = command(folder.path, []);
	await ui.waitFor('❯ Write models');
	ui.press(keys.enter);
	await ui.waitFor('Models in TypeScript');
	ui.press('f');
	await ui.waitFor('+ models/schema.sql   new, ');
	ui.press(keys.escape);
	await ui.waitFor('❯ Write models');
	expect(folder.files('.')).not.toContain('models');
	ui.press(keys.enter);
	await ui.waitFor('+ models/schema.ts   new, ');
	ui.press(keys.enter);
	await ui.waitFor('✔ wrote models/schema.ts');
	await ui.waitFor('❯ Adopt the database');
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(folder.files('models')).toEqual(['schema.ts']);
}, 60_000);

test.each([
	['--yes', ['--yes'], {}],
	['--json', ['--json'], {}],
	['--dry-run', ['--dry-run'], {}],
	['CI', [], {CI: 'true'}],
	['TERM=dumb', [], {TERM: 'dumb'}],
] as const)('pull with %s prints plain text', async (_name, flags, env) => {
	const folder = shop();
	const ui = command(folder.path, ['pull', ...flags], {env});
	expect(await ui.exited).toBe(0);
	expect(ui.written()).not.toMatch(/\u001b\[\?25l|\u001b\[\d*A|\u001b\[2J|\u0007/);
	expect(folder.files('.').includes('models')).toBe(!flags.some((flag) => flag === '--dry-run'));
});
