import {beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {openDatabase} from '../../source/core/sqlite/open.ts';
import {builtBin} from '../cli/built-bin.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

beforeAll(() => void builtBin());

/** Locks a database in this process, for commands in another one. */
function lockHolder(file: string, sql: string): {release(): void} {
	const db = openDatabase(file);
	db.exec(sql);
	onTestFinished(() => db.close());
	return {
		release: () => {
			if (db.inTransaction) db.exec('ROLLBACK');
		},
	};
}

/** A project with two applied migrations, one pending migration, a backup, and the migrations of goose for another database. */
async function project(journal = 'delete'): Promise<ProjectFolder> {
	const folder = projectFolder({
		'migrate.toml': `${toml}wait = 600\n`,
		'models/schema.sql': 'CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY);',
		'migrations/20260101_000000_a.sql': '-- upgrade\nCREATE TABLE a (id INTEGER PRIMARY KEY);\n-- downgrade\nDROP TABLE a;\n',
		'migrations/20260102_000000_b.sql': '-- upgrade\nCREATE TABLE b (id INTEGER PRIMARY KEY);\n-- downgrade\nDROP TABLE b;\n',
		'other.toml': toml.replace('./app.db', './other.db').replace('./migrations', './mine').concat('wait = 600\n'),
		'goose/00001_t.sql': '-- +goose Up\nCREATE TABLE t (id INTEGER PRIMARY KEY);\n',
	});
	folder.exec(`PRAGMA journal_mode = ${journal}`);
	for (const argv of [['upgrade'], ['downgrade', '--yes'], ['upgrade']]) expect((await folder.lite(...argv)).code).toBe(0);
	folder.migration('20260103_000000_c.sql', '-- upgrade\nCREATE TABLE c (id INTEGER PRIMARY KEY);\n');
	return folder;
}

function locked(folder: ProjectFolder, sql: string) {
	const other = openDatabase(folder.at('other.db'), {create: true});
	other.exec(
		`CREATE TABLE IF NOT EXISTS goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP);
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1); CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)`,
	);
	other.close();
	return [lockHolder(folder.file, sql), lockHolder(folder.at('other.db'), sql)];
}

const other = ['--config', 'other.toml'];
const reading = [
	['status'],
	['status', '--json'],
	['check'],
	['diff'],
	['create', 'next'],
	['create', 'next', '--empty'],
	['pull', '--dry-run'],
	['upgrade', '--sql'],
	['downgrade', '--sql'],
	['status', '--db', 'app.db', '--db', 'other.db'],
	['check', '--db', 'app.db', '--db', 'other.db'],
] as const;
const writing = [
	['baseline', 'start', ...other],
	['baseline', '--from', 'goose', ...other],
	['squash', 'one'],
] as const;

const waiting = /^! (?:\w+\.db: )?waiting for the lock(?: held by \S+ \(process \d+\))?\n/;

/** Runs a command, and calls `onWait` when it says that it waits. */
function running(folder: ProjectFolder, argv: readonly string[], onWait: (kill: (signal: NodeJS.Signals) => void) => unknown) {
	let hasWaited = false;
	return folder.builtLiteWith(
		{
			onStart: (child) => {
				child.stderr?.on('data', (text) => {
					if (hasWaited || !String(text).includes('waiting for the lock')) return;
					hasWaited = true;
					onWait((signal) => child.kill(signal));
				});
			},
		},
		...argv,
	);
}

const named = (argv: readonly string[], sql: string) => [argv.join(' '), sql, argv] as const;
const exclusive = [...reading, ...writing].map((argv) => named(argv, 'BEGIN EXCLUSIVE'));
const immediate = writing.map((argv) => named(argv, 'BEGIN IMMEDIATE'));
const stopped = [['status'], ['diff'], ['upgrade', '--sql'], ['status', '--db', 'app.db', '--db', 'other.db'], ...writing];

describe('while another process has locked the database', () => {
	test.each([...exclusive, ...immediate])('%s says on stderr that it waits, and continues when the lock is free (%s)', async (_name, sql, argv) => {
		const folder = await project();
		const holders = locked(folder, sql);
		const {code, stderr} = await running(folder, argv, () => {
			for (const holder of holders) holder.release();
		});
		expect(code === 4 ? 0 : code, stderr).toBe(0);
		expect(stderr).toMatch(waiting);
		expect(stderr).toMatch(/\n! (?:\w+\.db: )?the lock is free after \S+ \w+\n$/);
	});

	test.each([
		...stopped.map((argv) => ['SIGINT', ...named(argv, 'BEGIN EXCLUSIVE')] as const),
		...writing.map((argv) => ['SIGTERM', ...named(argv, 'BEGIN IMMEDIATE')] as const),
		['SIGHUP', ...named(['check'], 'BEGIN EXCLUSIVE')],
	] as const)('%s stops %s immediately, and nothing is written (%s)', async (signal, _name, sql, argv) => {
		const folder = await project();
		const holders = locked(folder, sql);
		const before = folder.files('.');
		const {code, stderr} = await running(folder, argv, (kill) => kill(signal));
		for (const holder of holders) holder.release();
		expect({code, stderr}).toEqual({
			code: 130,
			stderr: expect.stringMatching(/^! .*\n✗ cancelled\n {2}nothing was written(?:: \w+\.db is unchanged)?\n$/),
		});
		expect(folder.files('.').filter((name) => name !== 'mine')).toEqual(before);
		expect(folder.files('migrations')).toEqual(['20260101_000000_a.sql', '20260102_000000_b.sql', '20260103_000000_c.sql']);
		expect(folder.all('SELECT name FROM _lite_migr')).toHaveLength(2);
	});

	test('the comparison before a restore, and the restore, wait too', async () => {
		const folder = await project();
		expect((await folder.lite('upgrade', '--dry-run')).code).toBe(0);
		folder.migration('20260104_000000_d.sql', '-- upgrade\nDROP TABLE a;\n');
		expect((await folder.lite('upgrade', '--yes')).code).toBe(0);
		const [backup = ''] = folder.files('backups');
		const [holder] = locked(folder, 'BEGIN EXCLUSIVE');
		const {code, stderr} = await running(folder, ['restore', backup, '--yes'], () => holder?.release());
		expect({code, stderr}).toEqual({code: 0, stderr: expect.stringMatching(waiting)});
	});

	test.each(['upgrade --sql', 'downgrade --sql', 'squash one', 'baseline start', 'status'])('%s waits as long as migrate.toml says', async (line) => {
		const folder = await project();
		folder.write('migrate.toml', `${toml}wait = 0.2\n`);
		const [holder] = locked(folder, 'BEGIN EXCLUSIVE');
		const {code, stderr} = await folder.lite(...line.split(' '));
		holder?.release();
		expect({code, stderr}).toEqual({code: 1, stderr: expect.stringMatching(/✗ app\.db is still locked by .+ after 0\.2 s\n/)});
	});

	test('--wait overrides the time in migrate.toml for upgrade --sql', async () => {
		const folder = await project();
		const [holder] = locked(folder, 'BEGIN EXCLUSIVE');
		const {code, stderr} = await folder.lite('upgrade', '--sql', '--wait', '0.1');
		holder?.release();
		expect({code, stderr}).toEqual({code: 1, stderr: expect.stringMatching(/^✗ app\.db is still locked by .+ after 0\.1 s\n/)});
	});

	test('a command without --wait names the setting in migrate.toml', async () => {
		const folder = await project();
		folder.write('migrate.toml', `${toml}wait = 0.1\n`);
		const [holder] = locked(folder, 'BEGIN IMMEDIATE');
		const {stderr} = await folder.lite('squash', 'one');
		holder?.release();
		expect(stderr).toContain('\n  wait for that process to finish, or set a longer wait in migrate.toml\n');
		expect(folder.files('migrations')).not.toContain('_squashed');
	});

	test('a signal ends a command that has given up waiting for one of several databases', async () => {
		// Long enough to be reported on a busy machine.
		const folder = projectFolder({'migrate.toml': `${toml}wait = 1\n`});
		folder.migration('20260101_000000_t', "\top.sql('SELECT 1');", '', "process.stderr.write('loading');\nfor (;;);");
		for (const name of ['a.db', 'b.db']) {
			const db = openDatabase(folder.at(name), {create: true});
			db.exec('CREATE TABLE x (x)');
			db.close();
		}
		const holder = lockHolder(folder.at('a.db'), 'BEGIN EXCLUSIVE');
		const {code, stderr} = await folder.builtLiteWith(
			{onStart: (child) => void child.stderr?.on('data', (text) => String(text).includes('loading') && child.kill('SIGINT'))},
			...['check', '--db', 'a.db', '--db', 'b.db'],
		);
		holder.release();
		// Without a handler, the signal itself ends the process.
		expect({code, stderr}).toEqual({code: null, stderr: expect.stringMatching(/^! a\.db: waiting for the lock.*\n(?:.*\n)+loading$/)});
	}, 20_000);

	test('bundle does not wait, because it reads no database', async () => {
		const folder = await project();
		const [holder] = locked(folder, 'BEGIN EXCLUSIVE');
		expect(await folder.lite('bundle', '--out', 'bundle.ts')).toMatchObject({code: 0, stderr: ''});
		holder?.release();
	});

	test.each([
		['a dry run', ['--dry-run']],
		['a run in one thread', ['--jobs', '1']],
		['a run in several threads', ['--jobs', '2']],
	])('Ctrl-C ends %s on several databases while it waits for one of them, and the others are done', async (_what, flags) => {
		const folder = projectFolder({'migrate.toml': `${toml}wait = 600\n`});
		folder.migration('20260101_000000_t.sql', '-- upgrade\nCREATE TABLE t (id INTEGER PRIMARY KEY);\n');
		for (const name of ['a.db', 'b.db']) {
			const db = openDatabase(folder.at(name), {create: true});
			db.exec('CREATE TABLE x (x); DROP TABLE x');
			db.close();
		}
		const holder = lockHolder(folder.at('b.db'), 'BEGIN EXCLUSIVE');
		const {code, stdout, stderr} = await folder.builtLiteWith(
			{
				onStart: (child) => {
					child.stdout?.on('data', (text) => String(text).includes('waiting for the lock') && child.kill('SIGINT'));
				},
			},
			...['upgrade', '--db', 'a.db', '--db', 'b.db', '--no-backup', ...flags],
		);
		holder.release();
		expect({code, stderr}).toEqual({code: 130, stderr: expect.stringMatching(/^✗ cancelled: no other database was started\n/)});
		expect(stdout).toMatch(/! b\.db: waiting for the lock/);
		expect(stdout).toMatch(/1 not started/);
		const rest = openDatabase(folder.at('b.db'));
		expect(rest.value("SELECT count(*) FROM sqlite_schema WHERE name = 't'")).toBe(0);
		rest.close();
	});
});
