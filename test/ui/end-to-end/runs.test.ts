import {expect} from 'vitest';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import type {CommandTerminal} from '../pseudo-terminal.ts';
import {flat, longStory, story} from './at-every-size.ts';

const start = '20260101_000000_start';
const second = '20260102_000000_second';

/** A project at its first migration, with a pending one. */
async function project(upgrade: string, downgrade?: string): Promise<ProjectFolder> {
	const folder = projectFolder({'migrate.toml': toml, 'models/schema.sql': 'CREATE TABLE start (id INTEGER PRIMARY KEY);'});
	folder.migration(`${start}.sql`, '-- upgrade\nCREATE TABLE start (id INTEGER PRIMARY KEY);\n');
	expect((await folder.lite('upgrade')).code).toBe(0);
	folder.migration(second, upgrade, downgrade);
	return folder;
}

function fill(folder: ProjectFolder, rows: number): void {
	folder.exec(
		`CREATE TABLE big (id INTEGER PRIMARY KEY, t TEXT); WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${rows}) INSERT INTO big SELECT i, 'text ' || i FROM i`,
	);
}

/** Ends a run: the rest of it would show nothing new. */
async function stopped(ui: CommandTerminal, folder: ProjectFolder, rows: number): Promise<void> {
	ui.press(keys.ctrlC);
	expect(await ui.exited).toBe(130);
	expect(ui.written()).toContain('\u001b[23;0t\u001b]9;4;0;0\u0007');
	expect(folder.value('SELECT count(*) FROM big')).toBe(rows);
}

const slow = 'length(hex(zeroblob(20000 + id % 7)))';

story('during a run, the title has the progress, Ctrl-Z is refused with the reason, and no figure is cut', async ({open, columns, rows}) => {
	const folder = await project(
		`\top.changeTable('big', 'CREATE TABLE big (id INTEGER PRIMARY KEY, t TEXT UNIQUE, n INTEGER)', {fill: {n: '${slow}'}});`,
		'',
	);
	fill(folder, 60_000);
	const ui = open(folder, 'upgrade', '--no-backup');
	await ui.waitFor(/\d+%/);
	ui.press(keys.ctrlZ);
	await ui.waitFor(/ctrl-z is ignored/);
	await ui.waitFor(() => /\u001b\]0;\d+% app\.db\u0007\u001b\]9;4;1;\d+\u0007/.test(ui.written()));
	ui.resize(60, rows);
	const frame = await ui.waitFor(/^ {4}█*░+ +\d+% .* of [\d.,]+k? rows/m);
	expect(frame.split('\n').find((line) => line.includes('░'))).toMatch(/^.{20,60}$/);
	ui.resize(columns, rows);
	await stopped(ui, folder, 60_000);
});

story('an index that takes long keeps its bar, with an estimate and its name', async ({open, isSmall}) => {
	const folder = await project(`\top.createIndex('CREATE INDEX by_length ON big (${slow})');`);
	fill(folder, 500_000);
	const ui = open(folder, 'upgrade', '--no-backup');
	const first = await ui.waitFor(/^ {4}█*░+ +~\d+%/m);
	if (!isSmall) expect(first).toContain('building by_length');
	const share = (frame: string) => Number(/~(\d+)%/.exec(frame)?.[1]);
	await ui.waitFor((frame) => share(frame) > share(first));
	expect(ui.frame()).toMatch(/^ {4}█+░+ +~\d+%/m);
	await ui.waitFor(() => /\u001b\]0;\d+% app\.db\u0007/.test(ui.written()));
	await stopped(ui, folder, 500_000);
	expect(folder.value("SELECT count(*) FROM sqlite_schema WHERE name = 'by_length'")).toBe(0);
});

longStory('a run of more than ten seconds rings the bell at its end, and a short one does not', async ({open}) => {
	const folder = await project('\top.run(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_500));', '');
	const ui = open(folder, 'upgrade', '--no-backup');
	await ui.waitFor(() => ui.written().includes('app.db\u0007\u001b]9;4;'));
	expect(ui.written()).not.toContain('\u001b]9;4;0;0\u0007\u0007');
	expect(await ui.exited).toBe(0);
	expect(ui.written()).toContain('\u001b[23;0t\u001b]9;4;0;0\u0007\u0007');

	folder.migration('20260103_000000_short', '\top.run(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500));', '');
	const short = open(folder, 'upgrade', '--no-backup');
	expect(await short.exited).toBe(0);
	expect(short.written()).toContain('\u001b[23;0t\u001b]9;4;0;0\u0007');
	expect(short.written()).not.toContain('\u001b]9;4;0;0\u0007\u0007');
});

story('a run that has to wait for a lock names the process that has it, and continues when the lock is free', async ({open}) => {
	const folder = await project("\top.createTable('CREATE TABLE two (id INTEGER PRIMARY KEY)');", "\top.dropTable('two');");
	const holder = new RegExp(`waitingforthelockof\\S+\\(process${process.pid}\\)\\d+sof1min`);
	// SQLite lets nobody read during the second one, so the check of the rows waits, too.
	for (const lock of ['IMMEDIATE', 'EXCLUSIVE']) {
		const db = folder.open();
		try {
			db.exec(`BEGIN ${lock}`);
			const ui = open(folder, 'upgrade', '--wait', '60');
			const frame = await ui.waitFor((text) => holder.test(text.replace(/\s/g, '')));
			expect(flat(frame)).toContain('Let it finish, or stop it');
			expect(frame).not.toMatch(/working|checking the rows/);
			db.exec('COMMIT');
			expect(await ui.exited).toBe(0);
			expect(flat(ui.everything())).toContain('is at 20260102_000000_second');
		} finally {
			db.close();
		}
		expect((await folder.lite('downgrade', '--yes')).code).toBe(0);
	}
});

story('after a failed upgrade the cursor is still on it, and a locked database names the process that has it', async ({open}) => {
	const folder = await project("\top.run(() => { throw new Error('no such customer'); });", '');
	const ui = open(folder);
	await ui.waitFor('❯ Upgrade');
	ui.press(keys.enter);
	expect(flat(await ui.waitFor(/no such customer/))).toContain('failed on a private copy');
	ui.press(keys.enter);
	await ui.waitFor('❯ Upgrade');
	expect(flat(ui.everything())).toContain('✗ The upgrade would fail; nothing was changed.');

	ui.press('q');
	expect(await ui.exited).toBe(0);

	folder.migration(second, "\top.createTable('CREATE TABLE two (id INTEGER PRIMARY KEY)');");
	const db = folder.open();
	try {
		db.exec('BEGIN EXCLUSIVE');
		const waiting = open(folder, 'upgrade', '--wait', '1');
		expect(await waiting.exited).toBe(1);
		// The terminal breaks the line anywhere.
		expect(waiting.everything().replace(/\s/g, '')).toMatch(new RegExp(`app\\.dbis(?:still)?lockedby\\S+\\(process${process.pid}\\)`));
	} finally {
		db.close();
	}
});
