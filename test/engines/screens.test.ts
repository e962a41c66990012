import {copyFileSync, existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {type FillQuestion, noDecisions} from '../../source/core/diff/question.ts';
import type {Engine} from '../../source/core/engines/engine.ts';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import type {ApplyEvent} from '../../source/core/migrations/event.ts';
import type {RunSettings} from '../../source/core/migrations/run/apply-options.ts';
import {projectServices} from '../../source/ui/engine/project-services.ts';
import type {Services} from '../../source/ui/services.ts';
import {projectForEachTest} from '../project-folder.ts';
import {keys} from '../ui/emulator.ts';
import {command} from '../ui/pseudo-terminal.ts';
import {type Rig, startD1, startRqlite, startSqld} from './rigs.ts';

const project = projectForEachTest();
let rig: Rig;
let engine: Engine;

const engines = [
	{kind: 'd1', start: startD1, database: () => 'd1:shop'},
	{kind: 'libsql', start: startSqld, database: ({port}: Rig) => `http://127.0.0.1:${port}`},
	{kind: 'rqlite', start: startRqlite, database: ({port}: Rig) => `rqlite://127.0.0.1:${port}`},
] as const;

const first = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, nick TEXT);\n';
const second = 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n';

/** Starts a server, and writes a project for its empty database. */
async function begin({start, database}: (typeof engines)[number]): Promise<void> {
	rig = await start();
	engine = await openEngine(rig.target, rig.options);
	project.write('migrate.toml', `[migrate]\ndb_path = "${database(rig)}"\nbackup_keep = 1\n`);
	const wrangler = join(rig.options.folder, '..', 'wrangler.jsonc');
	if (existsSync(wrangler)) copyFileSync(wrangler, project.at('wrangler.jsonc'));
	project.write('models/schema.sql', first);
}

afterEach(async () => {
	engine.close();
	await rig.stop();
});

async function send(...statements: readonly string[]): Promise<void> {
	expect(await engine.apply(statements)).toEqual({kind: 'committed'});
}

async function rows(sql: string): Promise<readonly unknown[]> {
	return (await engine.query([{sql}]))[0]?.rows ?? [];
}

function services(): Services {
	return projectServices({cwd: project.path, config: undefined, db: undefined, format: undefined, environment: rig.options.environment});
}

async function eventsOf(request: RunSettings): Promise<readonly ApplyEvent[]> {
	const events: ApplyEvent[] = [];
	for await (const event of services().run(request, new AbortController().signal)) events.push(event);
	return events;
}

/** Applies the first model, adds rows, and changes the model. */
async function prepare(): Promise<void> {
	await services().writeMigration('start', noDecisions);
	expect((await eventsOf({direction: 'upgrade'})).at(-1)).toMatchObject({type: 'done', database: engine.name});
	await send("INSERT INTO user VALUES (1, 'Ann', 'a'), (2, 'Bob', NULL)");
	project.write('models/schema.sql', second);
}

test.each(engines)('screens on $kind run exactly the plan that was shown, with the statements that the server runs', async (kind) => {
	await begin(kind);
	await prepare();
	const decisions = {...noDecisions, drops: [{table: 'user', column: 'nick'}]};
	const draft = await services().draft(decisions);
	expect(draft).toMatchObject({
		questions: [],
		changes: [{label: 'user', strategy: 'rewrite', rows: 2}],
		cost: {rows: 2, bytes: 0, backupBytes: null},
	});
	await services().writeMigration('strict', decisions, draft.id);
	const shown = await services().preflight({direction: 'upgrade'});
	expect(shown).toMatchObject({
		database: engine.name,
		isRemote: true,
		needsConsent: true,
		bytesNeeded: 0,
		bytesFree: null,
		migrations: [{isDestructive: true, changes: [{label: 'user', strategy: 'rewrite', rows: 2}]}],
	});
	expect(shown.id).toMatch(/^[0-9a-f]{8}$/);
	const env = rig.options.environment;
	const dryRun = await project.builtLiteWith({env}, 'upgrade', '--dry-run', '--json');
	expect(dryRun).toMatchObject({code: 0, stdout: expect.stringContaining(`"plan":"${shown.id}"`)});
	const refused = await project.builtLiteWith({env}, 'upgrade');
	expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining(`--plan ${shown.id}`)});
	const printed = await project.builtLiteWith({env}, 'upgrade', '--sql');
	expect(printed).toMatchObject({code: 0, stdout: expect.stringContaining('_lite_migr_new_user')});

	await send("UPDATE user SET nick = 'b' WHERE id = 2");
	const outdated = await eventsOf({direction: 'upgrade', plan: shown.id ?? ''});
	expect(outdated.at(-1)).toMatchObject({type: 'failed', code: 'answerNeeded'});
	expect(await rows('SELECT * FROM user')).toEqual([
		[1, 'Ann', 'a'],
		[2, 'Bob', 'b'],
	]);
	const now = await services().preflight({direction: 'upgrade'});
	expect(now.id).not.toBe(shown.id);
	const done = await eventsOf({direction: 'upgrade', plan: now.id ?? ''});
	expect(done.at(-1)).toMatchObject({type: 'done', database: engine.name, plan: now.id, backup: expect.stringMatching(/^backups/)});
	expect(await rows('SELECT * FROM user')).toEqual([
		[1, 'Ann'],
		[2, 'Bob'],
	]);

	const back = await services().preflight({direction: 'downgrade'});
	expect(back.notices).toEqual([expect.stringMatching(/^user\.nick comes back without its values: they are in backup \d{8}T\d{6}, taken before/)]);
	expect((await eventsOf({direction: 'downgrade', plan: back.id ?? ''})).at(-1)).toMatchObject({type: 'done'});
	expect(await rows('SELECT * FROM user')).toEqual([
		[1, 'Ann', null],
		[2, 'Bob', null],
	]);
	// The older backup was removed.
	expect(project.files('backups')).toHaveLength(1);
});

describe('screens on rqlite', () => {
	beforeEach(() => begin(engines[2]));

	test('show the state, and what statements would do to rows', async () => {
		await prepare();
		project.write('migrations/20990101_000000_gone.sql', '-- upgrade\nDELETE FROM user WHERE id = 2;\n-- downgrade\n');
		expect(await services().overview()).toMatchObject({
			database: engine.name,
			isRemote: true,
			exists: true,
			pending: ['20990101_000000_gone'],
			backups: [],
		});
		expect(await services().assessment()).toMatchObject({drift: [], models: {kind: 'ahead'}});
		expect(await services().history()).toMatchObject([{state: 'applied'}, {state: 'pending'}]);
		const shown = await services().preflight({direction: 'upgrade'});
		expect(shown).toMatchObject({needsConsent: true, rehearsal: {problem: null, effects: [{tables: [{table: 'user', rowsGone: 1}]}]}});
		expect(await rows('SELECT count(*) FROM user')).toEqual([[2]]);
	});

	test('try an expression on the rows while it is typed', async () => {
		await prepare();
		project.write('models/schema.sql', first.replace('name TEXT', 'name TEXT, mail TEXT NOT NULL'));
		const {questions} = await services().draft(noDecisions);
		const [question] = questions as readonly FillQuestion[];
		expect(question).toMatchObject({kind: 'fill', column: 'mail'});
		const trial = (expression: string) => services().tryFill(question as FillQuestion, expression, noDecisions);
		for (const part of ['lower(', 'lower(name) ||', "'a"]) expect(await trial(part)).toEqual({isValid: false, message: 'incomplete expression'});
		expect(await trial('nope')).toEqual({isValid: false, message: 'no such column: nope'});
		expect(await trial('lower(name)')).toMatchObject({isValid: true, samples: [{value: 'ann'}, {value: 'bob'}], nulls: 0});
	});

	test('refuse before consent what the server cannot run', async () => {
		await prepare();
		project.write('migrations/20990101_000000_code.ts', 'export function upgrade(op) {\n\top.run(() => {});\n}\n');
		await expect(services().preflight({direction: 'upgrade'})).rejects.toMatchObject({code: 'plan', message: expect.stringContaining('op.run')});
	});

	test('refuse to restore, and say why', async () => {
		const error = {code: 'usage', message: `lite-migr restore works on database files, and ${engine.name} is on a server`};
		await expect(services().backups()).rejects.toMatchObject(error);
		await expect(services().restorePlan('x')).rejects.toMatchObject(error);
	});

	test('generate models', async () => {
		await send('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)');
		expect(await services().pulled('sql')).toMatchObject({database: engine.name, found: expect.stringMatching(/^1 table,/)});
	});

	test('report a server that does not answer', async () => {
		await rig.kill();
		await expect(services().overview()).rejects.toMatchObject({code: 'database', message: `cannot reach ${engine.name}: connection refused`});
		await rig.restart();
	});

	test('lead from the menu to a downgrade', async () => {
		const menu = command(project.path, []);
		await menu.waitFor(`lite-migr 1.0.0   ${engine.name}\n`);
		await menu.waitFor(/❯ Create a migration +1 change/);
		menu.press(keys.enter);
		await menu.waitFor('enter write the file');
		menu.press(keys.enter);
		await menu.waitFor('enter use add_user');
		menu.press(keys.enter);
		await menu.waitFor('❯ Upgrade');
		menu.press(keys.enter);
		await menu.waitFor('enter apply 1 migration');
		menu.press(keys.enter);
		await menu.waitFor('● 1 applied');
		menu.press('q');
		expect(await menu.exited).toBe(0);
		await send("INSERT INTO user VALUES (1, 'Ann', 'a')");

		const back = command(project.path, ['downgrade']);
		await back.waitFor('enter undo 1 migration');
		back.press(keys.enter);
		await back.waitFor('❯ Cancel');
		await vi.waitFor(() => {
			back.press(keys.down);
			if (!back.frame().includes('❯ Downgrade')) throw new Error('the confirmation is still deaf');
		});
		back.press('user');
		await back.waitFor('user▏');
		back.press(keys.enter);
		expect(await back.exited).toBe(0);
		expect(back.everything()).toContain(`${engine.name} has no migration applied`);
		expect(await rows("SELECT count(*) FROM sqlite_schema WHERE name = 'user'")).toEqual([[0]]);
		expect(existsSync(join(project.path, 'backups')) && readdirSync(join(project.path, 'backups'))).toHaveLength(1);
	});

	test('report statements that may lose rows among too many rows to show', async () => {
		await prepare();
		await send("WITH RECURSIVE n (i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 260000) INSERT INTO user SELECT i, 'x', NULL FROM n");
		project.write('migrations/20990101_000000_index.sql', '-- upgrade\nCREATE INDEX user_name ON user (name);\n-- downgrade\n');
		const shown = await services().preflight({direction: 'upgrade'});
		expect(shown).toMatchObject({id: null, needsConsent: false, notices: [expect.stringContaining('too many for a copy')]});
		expect((await eventsOf({direction: 'upgrade'})).at(-1)).toMatchObject({type: 'done'});
		project.write('migrations/20990102_000000_gone.sql', '-- upgrade\nDELETE FROM user WHERE id = 2;\n-- downgrade\n');
		await expect(services().preflight({direction: 'upgrade'})).rejects.toMatchObject({
			code: 'plan',
			details: [expect.stringMatching(/^user: a statement may change or delete rows/)],
			hint: expect.stringContaining('lite-migr upgrade --yes'),
		});
	});

	test('let the user try again when the server is back', async () => {
		const menu = command(project.path, []);
		await menu.waitFor(/Create a migration +1 change/);
		await rig.kill();
		menu.press('r');
		await menu.waitFor(`cannot reach ${engine.name}`);
		await rig.restart();
		menu.press('r');
		await menu.waitFor(/Create a migration +1 change/);
		menu.press('q');
		expect(await menu.exited).toBe(0);
	});
});

test('screens use the credentials in the environment, and say which ones are wrong', async () => {
	const users = project.at('users.json');
	project.write('migrate.toml', '[migrate]\n');
	project.write('models/schema.sql', first);
	project.write('users.json', JSON.stringify([{username: 'ann', password: 'right-secret', perms: ['all']}]));
	rig = await startRqlite(['-auth', users], {RQLITE_USER: 'ann', RQLITE_PASSWORD: 'right-secret'});
	engine = await openEngine(rig.target, rig.options);
	const db = `rqlite://127.0.0.1:${rig.port}`;
	const env = {RQLITE_USER: 'ann', RQLITE_PASSWORD: 'right-secret'};
	const menu = command(project.path, ['--db', db], {env});
	await menu.waitFor(/Create a migration +1 change/);
	menu.press('q');
	expect(await menu.exited).toBe(0);
	const refused = command(project.path, ['upgrade', '--db', db], {env: {...env, RQLITE_PASSWORD: 'wrong-secret'}});
	expect(await refused.exited).toBe(2);
	expect(refused.everything()).toMatch(/refused access[\s\S]*RQLITE_PASSWORD/);
	expect(refused.everything()).not.toContain('secret');
});
