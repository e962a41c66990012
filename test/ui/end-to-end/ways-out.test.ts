import {describe, expect, test} from 'vitest';
import {lockHolder} from '../../faults/lock-holder.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {type CommandTerminal, command} from '../pseudo-terminal.ts';
import {story} from './at-every-size.ts';

function project(): ProjectFolder {
	const folder = projectFolder({
		'migrate.toml': toml,
		'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);',
		'migrations/20260101_000000_start.sql': '-- upgrade\nCREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);\n-- downgrade\nDROP TABLE user;\n',
	});
	return folder;
}

/** The terminal is restored: the cursor is visible and bracketed paste is off. */
function isRestored(ui: CommandTerminal): boolean {
	const last = (sequence: RegExp): string | undefined => [...ui.written().matchAll(sequence)].at(-1)?.[1];
	return last(/\u001b\[\?25([hl])/g) !== 'l' && last(/\u001b\[\?2004([hl])/g) !== 'h' && last(/\u001b\[\?1049([hl])/g) !== 'h';
}

const ways: readonly (readonly [name: string, leave: (ui: CommandTerminal) => void, code: number])[] = [
	['q', (ui) => ui.press('q'), 0],
	['Escape', (ui) => ui.press(keys.escape), 0],
	['Quit', (ui) => ui.press(keys.end, keys.enter), 0],
	['Ctrl-C', (ui) => ui.press(keys.ctrlC), 130],
	['Ctrl-C behind other keys of one read', (ui) => ui.press('jjk', keys.ctrlC), 130],
	['SIGTERM', (ui) => ui.kill('SIGTERM'), 130],
];

test.each(ways)('leaving the menu with %s restores the terminal', async (_name, leave, code) => {
	const ui = command(project().path, []);
	await ui.waitFor('models and migrations agree');
	leave(ui);
	expect(await ui.exited).toBe(code);
	expect(isRestored(ui)).toBe(true);
});

describe('hundreds of keys', () => {
	test('in one burst act in order: to the last entry and back to the first', async () => {
		const ui = command(project().path, []);
		await ui.waitFor('models and migrations agree');
		ui.press(keys.down.repeat(200), keys.up.repeat(200), keys.down, keys.enter);
		await ui.waitFor('enter apply 1 migration');
		ui.press(keys.ctrlC);
		await ui.exited;
	});
});

test('Ctrl-C stops a rewrite of 200,000 rows halfway, says so, and rolls back', async () => {
	const folder = projectFolder({
		'migrate.toml': toml,
		'migrations/20260102_000000_big.ts': `export function upgrade(op) {
			op.changeTable('big', 'CREATE TABLE big (id INTEGER PRIMARY KEY, n INTEGER, t TEXT UNIQUE)', {fill: {n: 'length(hex(zeroblob(20000 + id % 7))) + id'}});
		}`,
	});
	folder.database((db) =>
		db.exec(`CREATE TABLE big (id INTEGER PRIMARY KEY, n TEXT, t TEXT);
			WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 200000) INSERT INTO big SELECT i, NULL, 'text ' || i FROM i;`),
	);
	const schema = folder.database((db) => db.value("SELECT sql FROM sqlite_schema WHERE name = 'big'"));
	const ui = command(folder.path, ['upgrade'], {columns: 100});
	await ui.waitFor(/\d+%.*rows\/s/);
	const pressed = performance.now();
	ui.press(keys.ctrlC);
	await ui.waitFor(/stopping, then|Stopped\./);
	expect(performance.now() - pressed).toBeLessThan(1000);
	expect(await ui.exited).toBe(130);
	expect(ui.everything()).toMatch(/Stopped\. Everything was rolled back/);
	expect(isRestored(ui)).toBe(true);
	folder.database((db) => {
		expect(db.value("SELECT sql FROM sqlite_schema WHERE name = 'big'")).toBe(schema);
		expect(db.value('SELECT count(*) FROM big WHERE n IS NULL')).toBe(200_000);
		expect(db.value("SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'")).toBe(1);
	});
}, 60_000);

describe('during a step that would take hours', () => {
	const statement = 'INSERT INTO kept SELECT count(*) FROM kept a, kept b, kept c, kept d, kept e WHERE a.id + b.id > c.id + d.id + e.id';
	/** Code that blocks its thread as such a statement does, but needs no processor. */
	const blocked = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';

	function longProject(step: 'a statement' | 'code'): ProjectFolder {
		const folder = projectFolder({'migrate.toml': toml});
		folder.migration('20260102_000000_long', step === 'a statement' ? `op.execute('${statement}');` : `op.run(() => { ${blocked}; });`);
		folder.database((db) =>
			db.exec(`CREATE TABLE kept (id INTEGER PRIMARY KEY);
				WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 1000) INSERT INTO kept SELECT i FROM i;`),
		);
		return folder;
	}

	/** The database is unchanged, and another program can write to it immediately. */
	function expectUnchanged(folder: ProjectFolder): void {
		folder.database((db) => {
			db.exec('BEGIN IMMEDIATE; ROLLBACK');
			expect([db.value('SELECT count(*) FROM kept'), db.value('SELECT count(*) FROM sqlite_schema')]).toEqual([1000, 1]);
		});
		expect(folder.files('.').filter((name) => name.startsWith('app.db'))).toEqual(['app.db']);
	}

	story('Ctrl-C stops it, says so, and rolls back', async ({open}) => {
		const folder = longProject('a statement');
		const ui = open(folder, 'upgrade');
		await ui.waitFor('step 1 of 1');
		ui.press(keys.ctrlC);
		await ui.waitFor('stopping, then');
		expect(await ui.exited).toBe(130);
		expect(ui.everything().replaceAll(/\s+/g, ' ')).toContain('Stopped. Everything was rolled back: app.db has no migrations applied.');
		expect(isRestored(ui)).toBe(true);
		expectUnchanged(folder);
	});

	test('a second Ctrl-C quits immediately, and the lock is released a moment later', async () => {
		const folder = longProject('a statement');
		const ui = command(folder.path, ['upgrade']);
		await ui.waitFor('step 1 of 1');
		ui.press(keys.ctrlC);
		await ui.waitFor('ctrl-c again quits immediately');
		ui.press(keys.ctrlC);
		expect(await ui.exited).toBe(130);
		expect(ui.everything()).toMatch(/quit immediately; uncommitted changes in app\.db are rolled back when it is\s+next opened/);
		expect(isRestored(ui)).toBe(true);
		await until(() => folder.exec('BEGIN IMMEDIATE; ROLLBACK'));
		expectUnchanged(folder);
	});

	test('Ctrl-C in plain output stops it, says so, and rolls back', async () => {
		const folder = longProject('a statement');
		const terminal = command(folder.path, ['upgrade', '--yes', '--json']);
		await terminal.waitFor('"stepStart"');
		terminal.press(keys.ctrlC);
		expect(await terminal.exited).toBe(130);
		const shown = terminal.everything().replaceAll(/\s+/g, ' ');
		expect(shown).toContain('"code":"cancelled"');
		expect(shown).toContain('everything was rolled back: app.db has no migrations applied');
		expectUnchanged(folder);
	});

	test('a second Ctrl-C in plain output ends the run without waiting a second, says so, and rolls back', async () => {
		const folder = longProject('code');
		const terminal = command(folder.path, ['upgrade', '--yes', '--json']);
		await terminal.waitFor('"stepStart"');
		// Both signals arrive before the run could be ended for the first one.
		terminal.press(keys.ctrlC);
		await new Promise((resolve) => setTimeout(resolve, 50));
		terminal.press(keys.ctrlC);
		expect(await terminal.exited).toBe(130);
		expect(terminal.everything().replaceAll(/\s+/g, ' ')).toContain('everything was rolled back: app.db has no migrations applied');
		expectUnchanged(folder);
	});

	test.each([
		['SIGHUP', (terminal: CommandTerminal) => terminal.kill('SIGHUP')],
		['a terminal that is closed, so nothing can be written to it', (terminal: CommandTerminal) => terminal.hangUp()],
	])('the end of the terminal stops it, and rolls back: %s', async (_, end) => {
		const folder = longProject('code');
		const terminal = command(folder.path, ['upgrade', '--yes', '--json']);
		await terminal.waitFor('"stepStart"');
		end(terminal);
		expect(await terminal.exited).toBe(130);
		expectUnchanged(folder);
	});

	test('kill −9 of the command also ends its run, and releases the lock', async () => {
		const folder = longProject('code');
		const terminal = command(folder.path, ['upgrade', '--yes', '--json']);
		await terminal.waitFor('"stepStart"');
		terminal.kill('SIGKILL');
		expect(await terminal.exited).toBe(137);
		await until(() => folder.exec('BEGIN IMMEDIATE; ROLLBACK'));
		expectUnchanged(folder);
	});
});

test('a run stays in the process of the command if Node may not start another one', async () => {
	const folder = project();
	const env = {NODE_OPTIONS: '--permission --allow-fs-read=* --allow-fs-write=* --allow-addons --disable-warning=SecurityWarning'};
	const terminal = command(folder.path, ['upgrade', '--yes'], {env});
	expect(await terminal.exited).toBe(0);
	expect(terminal.everything()).toContain('applied  20260101_000000_start');
});

test('what code in a migration prints appears between the events of its run', async () => {
	const folder = projectFolder({
		'migrate.toml': toml,
		'migrations/20260102_000000_print.ts': "export function upgrade(op) { op.run(() => console.log('from the migration')); }",
	});
	const terminal = command(folder.path, ['upgrade', '--yes']);
	expect(await terminal.exited).toBe(0);
	expect(terminal.everything()).toMatch(/^from the migration\s+applied {2}20260102_000000_print/);
});

test('what code in a migration prints is decoded', async () => {
	const folder = projectFolder({
		'migrate.toml': toml,
		'migrations/20260102_000000_print.ts': "export function upgrade(op) { op.run(() => process.stdout.write('ZGVjb2RlZAo=', 'base64')); }",
	});
	const terminal = command(folder.path, ['upgrade', '--yes']);
	expect(await terminal.exited).toBe(0);
	expect(terminal.everything()).toMatch(/^decoded\s+applied/);
});

test.each([
	['a debugger', {NODE_OPTIONS: '--inspect=0'}, /Debugger listening on (?!.*Debugger)/s],
	['only a port for a debugger', {NODE_OPTIONS: '--inspect-port=0'}, /^applied/],
])('a run works if Node is started with %s', async (_what, env, shown) => {
	const terminal = command(project().path, ['upgrade', '--yes'], {env});
	expect(await terminal.exited).toBe(0);
	expect(terminal.everything()).toMatch(shown);
	expect(terminal.everything()).toContain('applied  20260101_000000_start');
});

/** Repeats work until it succeeds, for at most five seconds. */
async function until(work: () => void): Promise<void> {
	const end = performance.now() + 5000;
	for (;;) {
		try {
			return work();
		} catch (error) {
			if (performance.now() > end) throw error;
		}
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

test('a stop signal releases the terminal, and the menu continues after it', async () => {
	const ui = command(project().path, []);
	await ui.waitFor('models and migrations agree');
	const before = ui.written().length;
	ui.kill('SIGTSTP');
	await ui.waitFor(() => /\u001b\[\?25h.*\u001b\[\?25l/s.test(ui.written().slice(before)));
	ui.kill('SIGCONT');
	await ui.waitFor('models and migrations agree');
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(isRestored(ui)).toBe(true);
});

describe('the abilities of the terminal', () => {
	test('NO_COLOR removes colors, and keeps the text', async () => {
		const ui = command(project().path, [], {env: {NO_COLOR: '1'}});
		await ui.waitFor('models and migrations agree');
		expect(ui.written()).not.toMatch(/\u001b\[(3[0-7]|9[0-7]|1|2)m/);
		ui.press('q');
		expect(await ui.exited).toBe(0);
	});

	test('colors are used by default', async () => {
		const ui = command(project().path, []);
		await ui.waitFor('models and migrations agree');
		expect(ui.written()).toMatch(/\u001b\[3[0-7]m/);
		ui.press('q');
		await ui.exited;
	});

	test('a locale without UTF-8 gets only ASCII', async () => {
		const ui = command(project().path, [], {env: {LC_ALL: 'C', LANG: 'C'}});
		await ui.waitFor('models and migrations agree');
		ui.press(keys.enter);
		await ui.waitFor('enter apply 1 migration');
		expect(ui.frame()).toMatch(/^[ -~\n]*$/);
		ui.press(keys.ctrlC);
		await ui.exited;
	});

	test.each([
		['TERM=dumb', {TERM: 'dumb'}, []],
		['CI', {CI: 'true'}, []],
		['--yes', {}, ['--yes']],
		['--json', {}, ['--json']],
	] as const)('%s gets plain output, append-only', async (_name, env, flags) => {
		const ui = command(project().path, ['upgrade', ...flags], {env});
		expect(await ui.exited).toBe(0);
		expect(ui.written()).not.toMatch(/\u001b\[\?25l|\u001b\[\d*A/);
		expect(ui.written()).toContain('20260101_000000_start');
	});

	test('the size can change at any time', async () => {
		const ui = command(project().path, [], {columns: 120, rows: 40});
		await ui.waitFor('models and migrations agree');
		for (const [columns, rows] of [
			[60, 20],
			[40, 10],
			[200, 50],
			[80, 24],
		] as const) {
			await ui.still();
			const before = ui.written().length;
			ui.resize(columns, rows);
			const isDrawn = (): boolean => ui.written().slice(before).includes('app.db');
			const titles = (frame: string) => frame.match(/^lite-migr .*app\.db/gm) ?? [];
			await ui.waitFor((frame) => isDrawn() && titles(frame).length === 1 && frame.includes('❯') && frame.split('\n').length < rows);
		}
		ui.press('q');
		expect(await ui.exited).toBe(0);
	});
});

test('names and values with control characters never reach the terminal', async () => {
	const evil = 'log\u001b[2J\u0007\u202e\nx';
	const folder = projectFolder({'migrate.toml': toml, 'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, full_name TEXT);'});
	folder.database((db) => {
		db.exec(`CREATE TABLE "${evil}" (x TEXT); CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)`);
		db.run(`INSERT INTO "${evil}" VALUES (?)`, evil);
		db.run('INSERT INTO user (name) VALUES (?)', `Ann${evil}`);
	});
	const ui = command(folder.path, ['create', 'x']);
	await ui.waitFor('log\\x1b[2J\\x07\\u202e\\nx');
	ui.press(keys.down, keys.enter);
	await ui.waitFor('Annlog\\x1b[2J');
	ui.press(keys.ctrlC);
	expect(await ui.exited).toBe(130);
	expect(ui.written()).not.toMatch(/\u001b\[2J|\u0007|\u202e/);
});

test('the output of a model does not corrupt the screen', async () => {
	const folder = project();
	folder.write(
		'models/more.ts',
		"import {integer, table} from 'lite-migr';\nconsole.log('PRINTED');\nconsole.error('PRINTED');\nexport const more = table('more', {id: integer().primaryKey()});\n",
	);
	const ui = command(folder.path, []);
	await ui.waitFor('models are ahead by 1 change');
	ui.press('q');
	expect(await ui.exited).toBe(0);
	expect(ui.written()).not.toContain('PRINTED');
});

test.each(['once', 'twice'])('Ctrl-C, pressed %s while a restore waits for a lock, ends with 130 and the state of the database', async (how) => {
	const folder = projectFolder({'migrate.toml': `${toml}wait = 600\n`});
	folder.exec('CREATE TABLE log (line TEXT)');
	folder.migration('20260101_000000_drop.sql', '-- upgrade\nDROP TABLE log;\n');
	expect((await folder.lite('upgrade', '--yes')).code).toBe(0);
	const [backup = ''] = folder.files('backups');
	const ui = command(folder.path, ['restore', backup], {columns: 100});
	await ui.waitFor('to confirm');
	const holder = await lockHolder(folder.file, 'BEGIN IMMEDIATE');
	ui.press(keys.down, 'app.db', keys.enter);
	await ui.waitFor(/waiting for|restoring/);
	ui.press(...(how === 'once' ? [keys.ctrlC] : [keys.ctrlC, keys.ctrlC]));
	expect(await ui.exited).toBe(130);
	expect(ui.everything()).toMatch(
		how === 'once'
			? /○ cancelled; nothing was restored: app\.db is unchanged/
			: /○ cancelled; nothing was restored|○ quit immediately; uncommitted changes/,
	);
	expect(isRestored(ui)).toBe(true);
	await holder.release();
	expect(folder.value("SELECT count(*) FROM sqlite_schema WHERE name = 'log'")).toBe(0);
});
