import {spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {beforeEach, describe, expect, onTestFinished, test} from 'vitest';
import {noDecisions} from '../../source/core/diff/question.ts';
import {openEngine} from '../../source/core/engines/open-engine.ts';
import {baseline} from '../../source/core/migrations/adopt/baseline.ts';
import type {Direction} from '../../source/core/migrations/event.ts';
import {applyRemote} from '../../source/core/migrations/remote/apply-remote.ts';
import {withDefaults} from '../../source/core/migrations/run/apply-options.ts';
import {lite} from '../cli/lite.ts';
import {toml} from '../project-folder.ts';
import {newFolder, startD1} from './rigs.ts';

const wrangler = join(import.meta.dirname, 'node_modules/wrangler/bin/wrangler.js');
const databaseId = '6d0bcafe-0000-4000-8000-000000000002';

const models = `CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT, boss_id INTEGER REFERENCES user (id) ON DELETE CASCADE);
CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE CASCADE, title TEXT);
CREATE TABLE note (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id) ON DELETE SET NULL);
CREATE TABLE log (what TEXT);
CREATE TRIGGER post_gone before delete ON post begin
  INSERT INTO log VALUES ('gone ' || (case when old.title IS NULL then '?' else old.title end));
end;
CREATE TRIGGER user_new AFTER INSERT ON user BEGIN INSERT INTO log VALUES ('new'); END;
`;
const changed = models.replace('email TEXT', 'mail TEXT NOT NULL UNIQUE');
const rows = `INSERT INTO user VALUES (1, 'a', NULL), (2, 'b', 1); INSERT INTO post VALUES (1, 1, 'x'), (2, 2, 'y'); INSERT INTO note VALUES (1, 1), (2, 2);`;

let folder: string;

/** Runs wrangler with the database on this machine. */
function d1(...argv: readonly string[]): {readonly code: number | null; readonly output: string} {
	const environment = {...process.env, CI: '1', NO_COLOR: '1', WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: join(folder, 'logs')};
	const {status, stdout, stderr} = spawnSync(process.execPath, [wrangler, 'd1', ...argv, '--local'], {
		cwd: folder,
		env: environment,
		encoding: 'utf8',
	});
	return {code: status, output: stdout + stderr};
}

function migrate(): string {
	const {code, output} = d1('migrations', 'apply', 'shop');
	expect(`${code} ${output}`).toMatch(/^0 /);
	return output;
}

function execute(sql: string): unknown {
	const {output} = d1('execute', 'shop', '--json', '--command', sql);
	return JSON.parse(output)[0].results;
}

const contents = () => ['user', 'post', 'note', 'log'].map((table) => execute(`SELECT * FROM ${table} ORDER BY 1`));
const history = () => execute('SELECT id, name FROM d1_migrations ORDER BY id');
const kept = [
	[
		{id: 1, mail: 'a', boss_id: null},
		{id: 2, mail: 'b', boss_id: 1},
	],
	[
		{id: 1, user_id: 1, title: 'x'},
		{id: 2, user_id: 2, title: 'y'},
	],
	[
		{id: 1, user_id: 1},
		{id: 2, user_id: 2},
	],
	[{what: 'new'}, {what: 'new'}],
];

async function succeeds(...argv: readonly string[]): Promise<string> {
	const {code, stdout, stderr} = await lite(folder, argv);
	expect(`${code} ${stderr}`).toBe('0 ');
	return stdout;
}

async function agrees(): Promise<void> {
	expect(await succeeds('check')).toContain('✔ models, migrations and');
	expect(d1('migrations', 'list', 'shop').output).toContain('No migrations to apply');
}

const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

describe('wrangler d1 migrations apply', () => {
	beforeEach(async () => {
		folder = newFolder();
		const made = folder;
		onTestFinished(() => rmSync(made, {recursive: true, force: true}));
		const databases = [{binding: 'DB', database_name: 'shop', database_id: databaseId}];
		write('wrangler.json', JSON.stringify({name: 'shop', compatibility_date: '2026-01-01', d1_databases: databases}));
		write('migrate.toml', `${toml.replace('./app.db', 'd1-local:shop')}format = "wrangler"\n`);
		mkdirSync(join(folder, 'models'));
		write('models/schema.sql', models);
		// The first command creates the database.
		execute('SELECT 1');
		await succeeds('create', 'start');
		migrate();
		execute(rows);
		write('models/schema.sql', changed);
		await succeeds('create', 'mail', '--rename', 'user.email=mail');
	});

	test('keeps all rows when it copies a table with children and triggers, and lite-migr agrees', async () => {
		expect(migrate()).toContain('0002_mail.sql');
		expect(contents()).toEqual(kept);
		expect(history()).toEqual([
			{id: 1, name: '0001_start.sql'},
			{id: 2, name: '0002_mail.sql'},
		]);
		await agrees();
	});

	test('finds nothing to apply after lite-migr upgrade, and applies again what lite-migr downgrade has undone', async () => {
		await succeeds('upgrade');
		expect(contents()).toEqual(kept);
		await agrees();
		await succeeds('downgrade');
		expect(execute('SELECT email FROM user')).toEqual([{email: 'a'}, {email: 'b'}]);
		expect(await succeeds('status')).toContain('0002_mail    pending');
		migrate();
		expect(contents()).toEqual(kept);
		await agrees();
	});

	test('stops at a guard of a file whose shields were removed, rolls back, and records nothing', async () => {
		const [file = ''] = readdirSync(join(folder, 'migrations')).filter((name) => name.startsWith('0002'));
		const text = readFileSync(join(folder, 'migrations', file), 'utf8');
		write(`migrations/${file}`, text.replace(/^.*(?:TRIGGER|INDEX) _lite_migr_keep.*\n/gm, ''));
		const {code, output} = d1('migrations', 'apply', 'shop');
		expect(code).not.toBe(0);
		expect(output).toMatch(/lite-migr: rows of post: 2 before, 0 after/);
		expect(execute('SELECT email FROM user')).toEqual([{email: 'a'}, {email: 'b'}]);
		expect(execute('SELECT count(*) AS n FROM post')).toEqual([{n: 2}]);
		expect(history()).toEqual([{id: 1, name: '0001_start.sql'}]);
		expect(await succeeds('status')).toContain('0002_mail    pending');
	});

	test('stops if the table has got another column since the file was written', async () => {
		execute('ALTER TABLE user ADD COLUMN age INTEGER');
		const {code, output} = d1('migrations', 'apply', 'shop');
		expect(code).not.toBe(0);
		expect(output).toContain('lite-migr: user does not have the columns that this migration was written for');
		expect(history()).toEqual([{id: 1, name: '0001_start.sql'}]);
	});

	test('has the same history as lite-migr upgrade and downgrade through the HTTP API', async () => {
		const rig = await startD1();
		const engine = await openEngine(rig.target, rig.options);
		const run = async (direction: Direction, steps: number) => {
			const migrations = {migrationsDir: join(folder, 'migrations'), wranglerTable: 'd1_migrations'};
			const options = withDefaults({database: 'd1 shop', ...migrations, direction, steps, consent: true, backup: 'never'});
			const events = [];
			for await (const event of applyRemote(options, rig)) events.push(event);
			expect(events.at(-1)).toMatchObject({type: 'done'});
		};
		const all = async (sql: string) => (await engine.query([{sql}]))[0]?.rows;
		try {
			await run('upgrade', 1);
			expect(await engine.apply(rows.split(';').filter((sql) => sql.trim() !== ''))).toEqual({kind: 'committed'});
			await run('upgrade', 1);
			expect(await all('SELECT name FROM d1_migrations ORDER BY id')).toEqual([['0001_start.sql'], ['0002_mail.sql']]);
			expect(await all('SELECT id, user_id FROM post ORDER BY id')).toEqual([
				[1, 1],
				[2, 2],
			]);
			expect(await all('SELECT id, user_id FROM note ORDER BY id')).toEqual([
				[1, 1],
				[2, 2],
			]);
			expect(await all('SELECT what FROM log')).toEqual([['new'], ['new']]);
			await run('downgrade', 1);
			expect(await all('SELECT name FROM d1_migrations')).toEqual([['0001_start.sql']]);
			expect(await all('SELECT email FROM user ORDER BY id')).toEqual([['a'], ['b']]);
			expect(await all("SELECT name FROM sqlite_schema WHERE name LIKE '%lite_migr%'")).toEqual([]);
		} finally {
			engine.close();
			await rig.stop();
		}
	});
});

test('lite-migr baseline records tables of D1 that are in no migration in the table of wrangler', async () => {
	const rig = await startD1();
	const engine = await openEngine(rig.target, rig.options);
	const migrationsDir = join(rig.options.folder, 'migrations');
	try {
		expect(await engine.apply(['CREATE TABLE user (id INTEGER PRIMARY KEY)', 'INSERT INTO user VALUES (7)'])).toEqual({kind: 'committed'});
		const remote = {target: rig.target, options: rig.options};
		const common = {dbPath: 'd1 shop', remote, migrationsDir, wranglerTable: 'd1_migrations', ignore: [], wait: 10};
		const adopted = await baseline({
			...common,
			format: 'wrangler',
			name: 'start',
			decisions: noDecisions,
			answers: undefined,
			now: new Date(),
			toolVersion: '0',
		});
		expect(adopted).toMatchObject({applied: ['0001_start'], tables: 1});
		expect(readdirSync(migrationsDir)).toEqual(['0001_start.sql']);
		const [result] = await engine.query([{sql: 'SELECT id, name FROM d1_migrations'}]);
		expect(result?.rows).toEqual([[1, '0001_start.sql']]);
	} finally {
		engine.close();
		await rig.stop();
	}
});
