import {readdirSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {stoppable} from '../../../source/ui/flows/leaving.ts';
import type {UiTask} from '../../../source/ui/mount.tsx';
import {createStage} from '../../../source/ui/stage/stage.ts';
import {lockHolder} from '../../faults/lock-holder.ts';
import {type ProjectFolder, projectFolder, toml} from '../../project-folder.ts';
import {openScreens, servicesFor} from '../program.ts';
import {keys} from '../terminal.ts';

const tables = "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE log (line TEXT); INSERT INTO log VALUES ('one');";

/** A project at its first migration. */
async function project(models = ''): Promise<ProjectFolder> {
	const folder = projectFolder({'migrate.toml': toml, 'models/schema.sql': models});
	folder.exec(tables);
	await servicesFor(folder).baseline('start');
	return folder;
}

async function pending(upgrade: string): Promise<ProjectFolder> {
	const folder = await project();
	folder.migration('20990102_000000_next', upgrade, '');
	return folder;
}

interface Case {
	readonly prepare: () => Promise<ProjectFolder>;
	readonly task: (folder: ProjectFolder) => UiTask;
	/** A text of the screen to leave. */
	readonly at: string | RegExp;
	/** True if letters are input on it. */
	readonly isTyping?: boolean;
	/** True if Enter cancels. */
	readonly hasCancel?: boolean;
	readonly left: string | RegExp;
}

const cases: Readonly<Record<string, Case>> = {
	'a question of create': {
		prepare: () => project('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);'),
		task: () => ({kind: 'create', name: 'x'}),
		at: 'question 1 of 1',
		left: '○ cancelled; 1 question left open, nothing was written',
	},
	'the preview of create': {
		prepare: () => project('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, age INTEGER); CREATE TABLE log (line TEXT);'),
		task: () => ({kind: 'create', name: 'x'}),
		at: 'enter write the file',
		left: '○ cancelled; nothing was written',
	},
	'the field of create': {
		prepare: () => project('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE log (line TEXT, kind TEXT NOT NULL);'),
		task: () => ({kind: 'create', name: 'x'}),
		at: '1 row needs a value',
		isTyping: true,
		left: '○ cancelled; 1 question left open, nothing was written',
	},
	'the confirmation of an upgrade that drops rows': {
		prepare: () => pending("\top.dropTable('log');"),
		task: () => ({kind: 'run', request: {direction: 'upgrade'}}),
		at: 'type log to confirm',
		isTyping: true,
		hasCancel: true,
		left: /^○ cancelled; nothing was changed, app\.db is still at \d+_\d+_start$/,
	},
	'the confirmation of an upgrade that drops an empty table': {
		prepare: () => pending("\top.dropTable('user');"),
		task: () => ({kind: 'run', request: {direction: 'upgrade'}}),
		at: 'This upgrade drops empty objects',
		hasCancel: true,
		left: /^○ cancelled; nothing was changed, app\.db is still at \d+_\d+_start$/,
	},
	'the preview of a downgrade': {
		prepare: project,
		task: () => ({kind: 'run', request: {direction: 'downgrade'}}),
		at: /enter undo/,
		left: /^○ cancelled; nothing was changed, app\.db is still at \d+_\d+_start$/,
	},
	'the confirmation of a restore': {
		prepare: async () => {
			const folder = await pending("\top.dropTable('log');");
			expect((await folder.lite('upgrade', '--yes')).code).toBe(0);
			return folder;
		},
		task: (folder) => ({kind: 'restore', backup: folder.files('backups').find((name) => name.endsWith('.db')) ?? ''}),
		at: 'to confirm',
		isTyping: true,
		hasCancel: true,
		left: '○ cancelled; nothing was changed in app.db',
	},
	'the preview of pull': {
		prepare: project,
		task: () => ({kind: 'pull', format: 'sql'}),
		at: 'enter write the file',
		left: '○ cancelled; nothing was written',
	},
	'the first question of init': {
		prepare: async () => projectFolder(),
		task: () => ({kind: 'init', paths: {}}),
		at: 'Set up for a new app.db',
		left: '○ cancelled; nothing was written',
	},
	'the second question of init': {
		prepare: async () => projectFolder(),
		task: () => ({kind: 'init', paths: {db: 'shop.db'}}),
		at: 'A first model?',
		left: '○ cancelled; nothing was written',
	},
};

/** Returns the files of a project, and the contents of its database. */
function stateOf(folder: ProjectFolder): unknown {
	const files = readdirSync(folder.path, {recursive: true}).filter((name) => !/-(?:wal|shm)$|node_modules|\.lite-migr/.test(String(name)));
	const contents = files.includes('app.db') ? folder.all('SELECT sql FROM sqlite_schema') : [];
	return [files.toSorted(), contents];
}

describe.each(Object.entries(cases))('leaving %s', (_name, {prepare, task, at, isTyping, hasCancel, left}) => {
	const ways: readonly (readonly [way: string, pressed: string])[] = [
		['Escape', keys.escape],
		['Ctrl-C', keys.ctrlC],
		...(isTyping === true ? [] : ([['q', 'q']] as const)),
		...(hasCancel === true ? ([['Enter on Cancel', keys.enter]] as const) : []),
		...(hasCancel === true && isTyping !== true ? ([['n', 'n']] as const) : []),
	];

	test.each(ways)('with %s ends with 130, changes nothing, and says so', async (_way, pressed) => {
		const folder = await prepare();
		const before = stateOf(folder);
		const ui = openScreens(folder, task(folder), {columns: 120});
		await ui.waitFor(at);
		ui.press(pressed);
		expect(await ui.code).toBe(130);
		if (typeof left === 'string') expect(ui.frame()).toBe(left);
		else expect(ui.frame()).toMatch(left);
		expect(stateOf(folder)).toEqual(before);
	});
});

test('Ctrl-C at a later question leaves the command that repeats the answers', async () => {
	const folder = await project('CREATE TABLE person (id INTEGER PRIMARY KEY);');
	const ui = openScreens(folder, {kind: 'create', name: 'x'}, {columns: 120});
	await ui.waitFor('question 1 of');
	ui.press(keys.down, keys.down, keys.enter);
	await ui.waitFor('question 2 of');
	ui.press(keys.ctrlC);
	expect(await ui.code).toBe(130);
	expect(ui.frame()).toMatch(/^○ cancelled; \d questions? left open, nothing was written\n {2}to continue from there {3}lite-migr create x --\S/);
});

test('the first start suggests the new database that the configuration of Drizzle names', async () => {
	const folder = projectFolder({
		'drizzle.config.ts': "export default {dialect: 'sqlite', schema: './schema.ts', dbCredentials: {url: 'file:./data/local.db'}};",
		'schema.ts':
			"import {integer, sqliteTable} from 'drizzle-orm/sqlite-core';\nexport const user = sqliteTable('user', {id: integer().primaryKey()});",
	});
	const ui = openScreens(folder, {kind: 'init', paths: {}});
	await ui.waitFor('❯ Set up for a new data/local.db');
	ui.press(keys.enter);
	await ui.waitFor('❯ ./schema.ts');
	ui.press(keys.enter);
	expect(await ui.code).toBe(0);
	expect(ui.frame()).toContain('same as   lite-migr init --db data/local.db --models ./schema.ts');
	expect(folder.read('migrate.toml')).toContain('db_path = "data/local.db"');
});

test('leaving a list that only shows something ends with 0', async () => {
	const folder = await project();
	for (const [task, at] of [
		[{kind: 'status'}, '1 applied'],
		[{kind: 'restore', backup: undefined}, 'Backups'],
		[{kind: 'home'}, '1 applied'],
	] as const) {
		const ui = openScreens(folder, task, {columns: 120});
		await ui.waitFor(at);
		ui.press('q');
		expect(await ui.code).toBe(0);
	}
});

describe('Ctrl-C while work waits for the lock of another process', () => {
	test('stops a restore, ends with 130, and leaves the state of the database', async () => {
		const folder = await pending("\top.dropTable('log');");
		expect((await folder.lite('upgrade', '--yes')).code).toBe(0);
		const backup = folder.files('backups').find((name) => name.endsWith('.db')) ?? '';
		const ui = openScreens(folder, {kind: 'restore', backup}, {columns: 120});
		await ui.waitFor('to confirm');
		const holder = await lockHolder(folder.file, 'BEGIN IMMEDIATE');
		const before = stateOf(folder);
		ui.press(keys.down, 'app.db', keys.enter);
		await ui.waitFor('restoring');
		ui.press(keys.ctrlC);
		expect(await ui.code).toBe(130);
		expect(ui.frame()).toBe('○ cancelled; nothing was restored: app.db is unchanged');
		await holder.release();
		expect(stateOf(folder)).toEqual(before);
	});

	test('stops the adoption of a database in the menu', async () => {
		const folder = projectFolder({'migrate.toml': toml, 'models/schema.sql': tables.replace(/INSERT.*/, '')});
		folder.exec(tables);
		const holder = await lockHolder(folder.file, 'BEGIN IMMEDIATE');
		const signal = new AbortController();
		const running = servicesFor(folder).baseline('start', signal.signal);
		signal.abort();
		await expect(running).rejects.toMatchObject({code: 'cancelled', state: 'nothing was written: app.db is unchanged'});
		await holder.release();
		expect(folder.all("SELECT name FROM sqlite_schema WHERE name = '_lite_migr'")).toEqual([]);
	});
});

test('work that holds a lock is not suspended by Ctrl-Z, and its line says so', async () => {
	let text = () => '';
	const stage = createStage({
		drawBusy: (what) => {
			text = what;
			return null;
		},
	});
	const shown = Promise.withResolvers<void>();
	const unsubscribe = stage.subscribe(shown.resolve);
	const running = stoppable({stage}, {what: 'restoring', database: 'app.db'}, async (signal) => {
		await new Promise((resolve) => signal.addEventListener('abort', resolve));
		return text();
	});
	await shown.promise;
	unsubscribe();
	let isStopped = false;
	await stage.pause(async () => {
		isStopped = true;
	});
	expect([isStopped, text()]).toEqual([false, 'restoring, ctrl-z is ignored']);
	stage.interrupt();
	expect(await running).toBe('restoring, stopping, ctrl-z is ignored');
	await stage.pause(async () => {
		isStopped = true;
	});
	expect(isStopped).toBe(true);
});
