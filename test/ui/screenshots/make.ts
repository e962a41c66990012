/** Takes screenshots of the main screens from the real program in a terminal emulator: `npm run screenshots`. */
import {copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {type CommandTerminal, openCommand} from '../command-terminal.ts';
import {keys} from '../emulator.ts';
import {events} from './events.ts';
import {shop} from './shop.ts';
import {svgOf} from './svg.ts';
import {tenants} from './tenants.ts';

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

const empty = mkdtempSync(join(tmpdir(), 'lite-migr-screens-'));
copyFileSync(join(folder, 'app.db'), join(empty, 'shop.sqlite'));
const first = openCommand(empty, [], {columns: 84, rows: 26});
await first.waitFor('❯ Adopt it');
take(first, 'first-start', 'the first start next to an existing database');
first.press(keys.down, keys.down, keys.enter);
await first.waitFor('tables and views');
first.press('/', 'user', keys.enter, keys.enter);
await first.waitFor('first rows');
take(first, 'browse', 'a table: its columns, keys and indexes');
first.press(keys.ctrlC);
await first.exited;
rmSync(empty, {recursive: true});

const alike = mkdtempSync(join(tmpdir(), 'lite-migr-screens-'));
writeFileSync(join(alike, 'migrate.toml'), '[migrate]\ndb_path = "./app.db"\nmigrations_dir = "./migrations"\nmodels_dir = "./models"\n');
mkdirSync(join(alike, 'models'));
const names = ['customer', 'supplier', 'employee', 'partner'];
const tables = (column: string) => names.map((name) => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, ${column} TEXT NOT NULL);`).join('\n');
const db = openDatabase(join(alike, 'app.db'), {create: true});
db.exec(tables('name'));
for (const [index, name] of names.entries()) {
	db.exec(
		`WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ${120 * (index + 1)}) INSERT INTO ${name} (name) SELECT 'Name ' || i FROM i`,
	);
}
db.close();
writeFileSync(join(alike, 'models/schema.sql'), tables('full_name'));
const several = openCommand(alike, ['create', 'names'], {columns: 120, rows: 24});
await several.waitFor('same for 3 more');
several.press('a');
await several.waitFor('enter answer 3 questions');
take(several, 'same-answer', 'one answer for similar questions, to review first');
several.press(keys.enter);
await several.waitFor('enter write the file');
several.press(keys.tab, keys.tab);
await several.waitFor('CREATE TABLE customer');
take(several, 'side-by-side', 'the definitions before and after, side by side');
several.press(keys.enter);
await several.exited;
rmSync(alike, {recursive: true});

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

const details = openCommand(folder, ['status'], {columns: 120, rows: 24});
await details.waitFor('- nick');
take(details, 'history-details', 'the history, with the changes of the selected migration');
details.press(keys.escape);
await details.exited;

writeFileSync(join(folder, 'migrations/29990101_000000_events.sql'), "-- upgrade\nINSERT INTO tag (name) VALUES ('red'), ('red');\n");
const failing = open('upgrade');
await failing.exited;
take(failing, 'failure', 'a failure: what, where, the state of the database');
rmSync(join(folder, 'migrations/29990101_000000_events.sql'));

const large = events();
const indexing = openCommand(large.folder, ['upgrade', '--no-backup'], {columns: 84, rows: 26});
await indexing.waitFor(/~[1-8]\d%.*left/);
take(indexing, 'index', 'an index build, with its estimated progress');
await indexing.exited;
large.remove();
remove();

const fleet = await tenants();
const many = openCommand(fleet.folder, ['upgrade', '--db', 'tenants/*.db', '--canary', '5', '--keep-going'], {columns: 84, rows: 26});
await many.waitFor('❯ Cancel');
take(many, 'fleet-consent', 'what several databases would lose, and the number to type');
for (let isHeard = false; !isHeard; isHeard = many.frame().includes('❯ Upgrade')) {
	many.press(keys.down);
	await many.parsed();
	await many.still();
}
many.press('397');
await many.waitFor('397▏');
many.press(keys.enter);
await many.waitFor(/canary 5 of 5.*[4-8]\d%.*left/s);
take(many, 'fleet', 'an upgrade of several databases: the canaries, the progress, and those that cannot be changed');
await many.exited;
take(many, 'fleet-done', 'the report after an upgrade of several databases');
fleet.remove();
process.exit(0);
