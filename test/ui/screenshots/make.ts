/** Takes screenshots of the main screens from the real program in a terminal emulator: `npm run screenshots`. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type CommandTerminal, openCommand} from '../command-terminal.ts';
import {keys} from '../emulator.ts';
import {shop} from './shop.ts';
import {svgOf} from './svg.ts';

const target = join(import.meta.dirname, '../../../docs/screenshots');
mkdirSync(target, {recursive: true});

function take(ui: CommandTerminal, name: string, title: string): void {
	writeFileSync(join(target, `${name}.svg`), svgOf(ui.terminal, title));
	process.stdout.write(`docs/screenshots/${name}.svg\n`);
}

const {folder, remove} = await shop();
const open = (...argv: readonly string[]): CommandTerminal => openCommand(folder, argv, {columns: 84, rows: 26});

const menu = open();
await menu.waitFor('models are ahead by');
take(menu, 'home', 'the menu: state of the database, and what each entry would do');
menu.press('q');
await menu.exited;

const create = open('create', 'names');
await create.waitFor('table legacy_log');
await create.waitFor('loses 88,112 rows');
create.press(keys.down);
await create.waitFor('❯ - drop');
take(create, 'drop', 'a table is in the database and not in the models');
create.press(keys.enter);
await create.waitFor('keeps 12,403 values');
take(create, 'rename', 'a question: was the column renamed, or is it new?');
create.press(keys.enter);
await create.waitFor('drop user.nick');
create.press(keys.down, keys.enter);
await create.waitFor('rows have no value');
create.press("lower(full_name) || '@example.com'");
await create.waitFor('✔ id');
take(create, 'fill', 'a value for rows that have none, tried on real rows while it is typed');
create.press(keys.enter);
await create.waitFor('enter write the file');
take(create, 'preview', 'the preview: each change with how it is done, why and what it costs');
create.press(keys.tab);
await create.waitFor('tab tree');
take(create, 'sql', 'the same as SQL');
create.press(keys.enter);
await create.exited;

const upgrade = open('upgrade');
await upgrade.waitFor('❯ Cancel');
take(upgrade, 'consent', 'what would be lost, and the name to type');
for (let letters = ''; letters === ''; letters = /Upgrade.*l▏/.exec(upgrade.frame())?.[0] ?? '') {
	upgrade.press('l');
	await upgrade.parsed();
	await upgrade.waitFor(/confirm:/);
}
// Ctrl-U clears the input, because the number of letters in it is unknown.
upgrade.press('\u0015', 'legacy_log');
await upgrade.waitFor('✔ legacy_log');
upgrade.press(keys.enter);
await upgrade.waitFor(/[1-8]\d%.*left/);
take(upgrade, 'upgrade', 'an upgrade with rows, rate and time left');
await upgrade.exited;
take(upgrade, 'done', 'the summary: how long it took, where the backup is, how to undo');

const status = open('status');
await status.waitFor('2 applied');
take(status, 'history', 'the history');
status.press(keys.escape);
await status.exited;

writeFileSync(join(folder, 'migrations/29990101_000000_events.sql'), "-- upgrade\nINSERT INTO tag (name) VALUES ('red'), ('red');\n");
const failing = open('upgrade');
await failing.exited;
take(failing, 'failure', 'a failure: what, where, the state of the database');
remove();
process.exit(0);
