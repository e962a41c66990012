import {beforeEach, describe, expect, test} from 'vitest';
import type {UiTask} from '../../../source/ui/mount.tsx';
import type {Services} from '../../../source/ui/services.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {openScreens, servicesFor} from '../program.ts';
import {keys} from '../terminal.ts';

const library = new URL('../../../source/index.ts', import.meta.url).pathname;

let folder: ProjectFolder;
/** Milliseconds that the screen clock advances each time it is read. */
let tick: number;
beforeEach(() => {
	tick = 1000;
	folder = projectFolder({'migrate.toml': toml});
	folder.database((db) =>
		db.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT);
			INSERT INTO user VALUES (1, 'Ann'); INSERT INTO log VALUES (1, 'one'), (2, 'two')`),
	);
});

const services = () => servicesFor(folder);
const open = (task: UiTask, around: Partial<Services> = {}) => openScreens(folder, task, {columns: 100, rows: 30, around, tick: () => tick});

const migration = (name: string, up: string, down: string) => folder.write(`migrations/${name}.sql`, `-- upgrade\n${up};\n-- downgrade\n${down};\n`);
const createTable = (name: string, table: string) => migration(name, `CREATE TABLE ${table} (x)`, `DROP TABLE ${table}`);
const tables = () =>
	folder.database((db) =>
		db
			.tuples("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY name")
			.flat(),
	);

/** Runs migrations as another process would. */
async function elsewhere(request: Parameters<Services['run']>[0]): Promise<void> {
	const {id} = await services().preflight(request);
	for await (const event of services().run({...request, ...(id === null ? {} : {plan: id})}, new AbortController().signal))
		if (event.type === 'failed') throw new Error(event.message);
}

const review = {kind: 'run', request: {direction: 'upgrade'}} as const;
/** Opens the plan of an upgrade from the menu. Enter runs it. */
async function openUpgrade() {
	const ui = open({kind: 'home'});
	await ui.waitFor('❯ Upgrade');
	ui.press(keys.enter);
	return ui;
}

describe('an upgrade from the menu', () => {
	test('applies two migrations if two were shown, and shows a third that appeared in the meantime', async () => {
		createTable('1_a', 'a');
		createTable('2_b', 'b');
		const ui = await openUpgrade();
		await ui.waitFor('enter apply 2 migrations');
		createTable('3_c', 'c');
		ui.press(keys.enter);
		const shown = await ui.waitFor('! app.db changed since you looked');
		expect(shown).toContain('the new plan applies 1_a, 2_b, 3_c; the old one: 1_a, 2_b');
		expect(shown).toContain('enter apply 3 migrations');
		expect(tables()).toEqual(['log', 'user']);
		ui.press(keys.enter);
		await ui.waitFor('● 3 applied');
		expect(tables()).toEqual(['a', 'b', 'c', 'log', 'user']);
	});

	test('does nothing if another process has already applied it', async () => {
		createTable('1_a', 'a');
		const ui = await openUpgrade();
		await ui.waitFor('enter apply 1 migration');
		await elsewhere({direction: 'upgrade'});
		ui.press(keys.enter);
		await ui.waitFor('● 1 applied');
		expect(ui.everything()).toContain('! app.db changed since you looked');
		expect(ui.everything()).toContain('✔ nothing to apply');
	});

	test.each<[string, () => void]>([
		['the file of a migration is edited', () => createTable('1_a', 'other')],
		['the file of a migration is gone', () => folder.write('migrations/1_a.sql', '-- upgrade\nSELECT 1;\n')],
		['a table is created by hand', () => folder.database((db) => db.exec('CREATE TABLE by_hand (x)'))],
	])('runs nothing while the old plan is on screen if %s', async (_, change) => {
		createTable('1_a', 'a');
		const ui = await openUpgrade();
		await ui.waitFor('enter apply 1 migration');
		change();
		const before = tables();
		ui.press(keys.enter);
		await ui.waitFor('changed since you looked');
		expect(tables()).toEqual(before);
	});

	test('runs if only unaffected rows have changed', async () => {
		createTable('1_a', 'a');
		const ui = await openUpgrade();
		await ui.waitFor('enter apply 1 migration');
		folder.database((db) => db.exec("INSERT INTO user VALUES (2, 'Bob'); DELETE FROM log"));
		ui.press(keys.enter);
		await ui.waitFor('● 1 applied');
		expect(ui.everything()).not.toContain('changed since you looked');
	});

	test('takes no Enter typed ahead for the new plan', async () => {
		createTable('1_a', 'a');
		const ui = await openUpgrade();
		await ui.waitFor('enter apply 1 migration');
		createTable('2_b', 'b');
		tick = 1;
		ui.press(keys.enter);
		await ui.waitFor('changed since you looked');
		ui.press(keys.enter, keys.enter, 'x');
		await ui.waitFor('enter apply 2 migrations');
		expect(tables()).toEqual(['log', 'user']);
		tick = 1000;
		ui.press(keys.enter);
		await ui.waitFor('● 2 applied');
	});
});

describe('consent', () => {
	test('to two rows does not cover a third', async () => {
		migration('1_tidy', 'DROP TABLE log', 'CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT)');
		const ui = open(review);
		await ui.waitFor('type log to confirm');
		folder.database((db) => db.exec("INSERT INTO log VALUES (3, 'three')"));
		ui.press('log', keys.enter);
		expect(await ui.waitFor('changed since you looked')).toContain('3 rows');
		expect(tables()).toContain('log');
		ui.press(keys.enter);
		await ui.waitFor('type log to confirm');
		ui.press('log', keys.enter);
		expect(await ui.code).toBe(0);
		expect(tables()).toEqual(['user']);
		expect(ui.everything()).toMatch(/restore +lite-migr restore \d{8}T\d{6} +restores rows and values, too\n +undo /);
		expect(ui.everything()).toContain('structure only: deleted rows stay deleted');
	});

	test('to rows does not cover the same number of other rows', async () => {
		migration('1_tidy', 'DROP TABLE log', 'CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT)');
		const ui = open(review);
		await ui.waitFor('type log to confirm');
		folder.database((db) => db.exec("DELETE FROM log WHERE id = 1; INSERT INTO log VALUES (9, 'nine')"));
		ui.press('log', keys.enter);
		await ui.waitFor('changed since you looked');
		expect(tables()).toContain('log');
	});

	test('does not cover an applied file that is edited in the meantime', async () => {
		createTable('1_a', 'a');
		await elsewhere({direction: 'upgrade'});
		createTable('2_b', 'b');
		const ui = await openUpgrade();
		await ui.waitFor('enter apply 1 migration');
		createTable('1_a', 'a /* edited */');
		ui.press(keys.enter);
		expect(await ui.waitFor('changed since you looked')).toContain('edited after they were applied: 1_a');
		expect(tables()).not.toContain('b');
	});
});

describe('a downgrade from the menu', () => {
	test('undoes no other migration than the one that was shown', async () => {
		for (const name of ['1_a', '2_b', '3_c']) createTable(name, name.slice(2));
		await elsewhere({direction: 'upgrade'});
		folder.database((db) => db.exec('INSERT INTO a VALUES (1); INSERT INTO b VALUES (1); INSERT INTO c VALUES (1)'));
		const ui = open({kind: 'run', request: {direction: 'downgrade', steps: 1}});
		await ui.waitFor('enter undo 1 migration');
		ui.press(keys.enter);
		await ui.waitFor('type c to confirm');
		await elsewhere({direction: 'downgrade', steps: 1});
		ui.press('c', keys.enter);
		const shown = await ui.waitFor('changed since you looked');
		expect(shown).toContain('the newest applied migration is now 2_b; it was 3_c');
		expect(tables()).toEqual(['a', 'b', 'log', 'user']);
		ui.press(keys.escape);
		expect(await ui.code).toBe(130);
	});

	test('of a migration that dropped a table says that the table is restored empty', async () => {
		migration('1_tidy', 'DROP TABLE log', 'CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT)');
		folder.write('migrations/1_tidy.sql', '');
		folder.write(
			'migrations/1_tidy.ts',
			`export function upgrade(op) { op.dropTable('log'); }\nexport function downgrade(op) { op.createTable('CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT)'); }\n`,
		);
		const {rmSync} = await import('node:fs');
		rmSync(`${folder.path}/migrations/1_tidy.sql`);
		await elsewhere({direction: 'upgrade'});
		const ui = open({kind: 'run', request: {direction: 'downgrade', steps: 1}});
		await ui.waitFor(/! log comes back empty: they are in backup \d{8}T\d{6}, taken before 1_tidy/);
	});
});

describe('a migration file', () => {
	const models = (sql: string) => folder.write('models/schema.sql', `CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT);\n${sql}`);
	const written = () => folder.files('migrations').map((file) => folder.read(`migrations/${file}`));

	test('has the changes that were shown: a model that changes in the meantime is shown first', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);');
		const ui = open({kind: 'create', name: 'age'});
		await ui.waitFor('+ age INTEGER');
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, size INTEGER);');
		ui.press(keys.enter);
		expect(await ui.waitFor('changed since you looked')).toContain('+ size INTEGER');
		expect(folder.files('.')).not.toContain('migrations');
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
		expect(written().join()).toMatch(/age INTEGER[\s\S]*size INTEGER/);
	});

	test.each<[string, () => void]>([
		['the database is changed by hand', () => folder.database((db) => db.exec('ALTER TABLE user ADD COLUMN size INTEGER'))],
		['another migration is written', () => folder.write('migrations/1_other.sql', '-- upgrade\nCREATE TABLE other (x);\n')],
	])('is not written if %s', async (_, change) => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);');
		const ui = open({kind: 'create', name: 'age'});
		await ui.waitFor('+ age INTEGER');
		change();
		ui.press(keys.enter);
		await ui.waitFor(/changed since you looked|question 1/);
		expect(folder.files('.').includes('migrations') ? folder.files('migrations') : []).not.toEqual([expect.stringContaining('_age')]);
	});

	test('asks the questions of a changed model', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);');
		const ui = open({kind: 'create', name: 'age'});
		await ui.waitFor('+ age INTEGER');
		folder.write('models/schema.sql', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);');
		ui.press(keys.enter);
		await ui.waitFor('table log is in the database');
		expect(folder.files('.')).not.toContain('migrations');
	});

	test('is written if only rows have changed', async () => {
		models('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);');
		const ui = open({kind: 'create', name: 'age'});
		await ui.waitFor('+ age INTEGER');
		folder.database((db) => db.exec("INSERT INTO user VALUES (2, 'Bob')"));
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
	});

	test('is written even if a default changes each time the models are loaded', async () => {
		folder.write(
			'models/schema.ts',
			`import {integer, table, text} from '${library}';\nexport const user = table('user', {id: integer().primaryKey(), name: text(), token: text().default(String(Math.random()))});\nexport const log = table('log', {id: integer().primaryKey(), line: text()});\n`,
		);
		const ui = open({kind: 'create', name: 'token'});
		await ui.waitFor('+ token TEXT');
		ui.press(keys.enter);
		expect(await ui.code).toBe(0);
	});
});

describe('a restore', () => {
	test('restores only what was shown: a row that appears in the meantime is shown first', async () => {
		migration('1_tidy', 'DROP TABLE log', 'CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT)');
		await elsewhere({direction: 'upgrade'});
		const [backup] = await services().backups();
		const ui = open({kind: 'restore', backup: backup?.id});
		await ui.waitFor('type app.db to confirm');
		folder.database((db) => db.exec("INSERT INTO user VALUES (2, 'Bob')"));
		ui.press('app.db', keys.enter);
		expect(await ui.waitFor('changed since you looked')).toContain('1 row added since then is lost');
		expect(tables()).toEqual(['user']);
		ui.press('app.db', keys.enter);
		expect(await ui.code).toBe(0);
		expect(tables()).toEqual(['log', 'user']);
	});
});

describe('migration statements', () => {
	test('are tried on a private copy before an upgrade is shown, and their effects are on the screen', async () => {
		migration('1_lower', 'UPDATE user SET name = lower(name)', 'SELECT 1');
		const ui = await openUpgrade();
		expect(await ui.waitFor('enter apply 1 migration')).toMatch(/plan [0-9a-f]{8} · tried on a copy/);
		expect(folder.database((db) => db.value('SELECT name FROM user'))).toBe('Ann');
		ui.press(keys.enter);
		await ui.waitFor('● 1 applied');
		expect(folder.database((db) => db.value('SELECT name FROM user'))).toBe('ann');
	});

	test('that fail on the copy are shown, and nothing runs', async () => {
		migration('1_bad', 'INSERT INTO nowhere VALUES (1)', 'SELECT 1');
		const ui = await openUpgrade();
		expect(await ui.waitFor('failed on a private copy')).toContain('no such table: nowhere');
		ui.press(keys.enter);
		await ui.waitFor('○ 1 pending');
		expect(ui.everything()).toContain('The upgrade would fail; nothing was changed.');
	});
});
