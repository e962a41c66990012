import {writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {type FleetProject, fleetProject, names, start, titles} from '../../cli/fleet-project.ts';
import {keys} from '../emulator.ts';
import {command} from '../pseudo-terminal.ts';
import {confirm, flat, heardConfirmation, story} from './at-every-size.ts';

const drop = '20260104_000000_drop';
const fleet = ['--db', 'tenants/*.db'];

/** Returns a migration that takes this long in each database. */
function slowly(milliseconds: number): string {
	return `\top.run(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${milliseconds}));`;
}

function dropAge(project: FleetProject): void {
	project.migration(drop, "\top.execute('ALTER TABLE user DROP COLUMN age');", "\top.execute('ALTER TABLE user ADD COLUMN age TEXT');");
}

story('an upgrade of several databases shows the losses, runs after the number is typed, and reports', async ({open}) => {
	const project = await fleetProject(['a', 'b', 'c']);
	dropAge(project);
	const stopped = open(project, 'upgrade', ...fleet);
	expect(await stopped.waitFor('❯ Cancel')).toContain('▲ This upgrade loses data in 3 data');
	await heardConfirmation(stopped);
	stopped.press(keys.escape);
	expect(await stopped.exited).toBe(130);
	expect(flat(stopped.everything())).toMatch(/0 upgraded, 3 not started .*○ cancelled; nothing was written/);
	expect(project.appliedIn('a')).toEqual([start]);

	const left = open(project, 'upgrade', ...fleet);
	await left.waitFor('❯ Cancel');
	left.press(keys.ctrlC);
	expect(await left.exited).toBe(130);
	expect(flat(left.everything())).toContain('○ cancelled; nothing was written');

	const ui = open(project, 'upgrade', ...fleet, '--canary', '1');
	await confirm(ui, '3');
	expect(await ui.exited).toBe(0);
	const end = flat(ui.everything());
	expect(end).toContain('Upgrade 3 databases tenants/*.db');
	expect(end).toContain(`3 databases apply ${names}, ${titles}, ${drop}`);
	expect(end).toContain('✔ canary 1 of 1');
	expect(end).toMatch(new RegExp(`✔ 3 upgraded [\\d.]+ m?s 3 databases at ${drop}, schema [0-9a-f]{8} 3 backups were taken`));
	expect(end).toMatch(/same as:? lite-migr upgrade (\\ )?--db 'tenants\/\*\.db' (\\ )?--canary 1 (\\ )?--yes/);
	for (const name of ['a', 'b', 'c']) expect(project.appliedIn(name)).toContain(drop);

	const back = open(project, 'downgrade', ...fleet, '--no-backup', '--wait', '5', '--jobs', '1', '--accept-edited');
	await back.waitFor('enter downgrade 3 databases');
	back.press(keys.enter);
	expect(await back.exited).toBe(0);
	expect(flat(back.everything())).toContain('✔ 3 downgraded');
	expect(flat(back.everything()).replaceAll('\\ ', '')).toMatch(
		/same as:? lite-migr downgrade --db 'tenants\/\*\.db' --jobs 1 (?:--yes )?--no-backup --wait 5 --accept-edited/,
	);
	expect(project.appliedIn('b')).not.toContain(drop);
});

story('an upgrade of several databases names those that cannot be changed, together if the reason is the same', async ({open}) => {
	const project = await fleetProject(['a', 'b', 'c', 'd']);
	writeFileSync(project.at('tenants/c.db'), 'not a database, but some text');
	for (const name of ['b', 'd']) project.tenant(name, (db) => db.exec('CREATE TABLE by_hand (x)'));
	const ui = open(project, 'upgrade', ...fleet);
	expect(await ui.exited).toBe(1);
	const end = flat(ui.everything());
	expect(end).toContain('✗ tenants/b.db history: the database has drifted from its migrations');
	expect(end).toContain('the same in tenants/d.db');
	expect(end).toContain('✗ tenants/c.db database: c.db is not a SQLite database');
	expect(end).toContain('✗ 0 upgraded, 3 failed, 1 not started');
	expect(end).toContain('3 databases cannot be changed, so nothing was written');
	expect(project.appliedIn('a')).toEqual([start]);
});

story('Ctrl-C stops an upgrade of several databases after the current databases, and running it again continues', async ({open, isSmall}) => {
	const project = await fleetProject(['a', 'b']);
	project.migration('20260105_000000_slow', slowly(600), '');
	const ui = open(project, 'upgrade', ...fleet, '--no-backup');
	const frame = await ui.waitFor((text) => text.includes('0 done') && text.includes('ctrl-c stops'));
	expect(frame).toMatch(isSmall ? /^ {2}\S+ → \S+…\n[\s\S]*ctrl-c stops after the current ones$/m : /run it again to continue/);
	ui.press(keys.ctrlC);
	await ui.waitFor('stopping after the current databases');
	expect(await ui.exited).toBe(130);
	const end = flat(ui.everything());
	expect(end).toContain('1 upgraded, 1 not started');
	expect(end).toContain('cancelled: no other database was started');
	expect([project.appliedIn('a').length, project.appliedIn('b').length]).toEqual([4, 1]);
	const again = open(project, 'upgrade', ...fleet, '--no-backup');
	expect(await again.exited).toBe(0);
	expect(flat(again.everything())).toContain('1 upgraded, 1 unchanged');
});

story('the terminal shows the progress of several databases in its title and in the taskbar', async ({open}) => {
	const project = await fleetProject(['a', 'b', 'c']);
	project.migration('20260105_000000_slow', slowly(500), '');
	const ui = open(project, 'upgrade', ...fleet);
	expect(await ui.exited).toBe(0);
	expect(ui.written()).toMatch(/\u001b\]0;\d+% tenants\/\*\.db\u0007\u001b\]9;4;1;\d+\u0007/);
	expect(ui.written()).toContain('\u001b[23;0t\u001b]9;4;0;0\u0007');
});

test.each([
	['CI', {CI: 'true'}, []],
	['--yes', {}, ['--yes']],
	['--json', {}, ['--json']],
] as const)('%s gets plain output for several databases', async (_name, env, flags) => {
	const project = await fleetProject(['a', 'b']);
	const ui = command(project.path, ['upgrade', ...fleet, ...flags], {env, columns: 300});
	expect(await ui.exited).toBe(0);
	expect(ui.written()).not.toMatch(/\u001b\[\?25l|\u001b\[\d*A/);
	expect(project.appliedIn('b')).toEqual([start, names, titles]);
});
