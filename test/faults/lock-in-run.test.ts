import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import {describe, expect, test} from 'vitest';
import type {ApplyEvent} from '../../source/core/migrations/event.ts';
import {apply} from '../../source/core/migrations/run/apply.ts';
import {applyRequest} from '../../source/core/migrations/run/apply-request.ts';
import {lockFileOf, waitForFileLock} from '../../source/core/sqlite/file-lock.ts';
import {type ProjectFolder, projectFolder, toml} from '../project-folder.ts';

const root = join(import.meta.dirname, '..', '..');

/** A program that locks the database for half a second, or until the process that started it has ended. */
const program = (kind: 'EXCLUSIVE' | 'IMMEDIATE', isForever: boolean) => `
	const {openDatabase} = await import(${JSON.stringify(join(root, 'source/core/sqlite/open.ts'))});
	const db = openDatabase('app.db');
	db.exec('BEGIN ${kind}');
	console.log('locked ' + process.pid);
	process.stdin.on('end', () => process.exit()).resume();
	setTimeout(() => process.exit(), ${isForever ? 60_000 : 500});`;

/** A project in which another process locks the database when the migration is loaded, so after the run has opened it. */
function project(isForever = false): ProjectFolder {
	const folder = projectFolder({'migrate.toml': toml, 'models/schema.sql': 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);'});
	folder.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL); INSERT INTO t VALUES (1, 1)');
	folder.migration(
		'20260101_000000_a',
		"\top.execute('UPDATE t SET n = 2');",
		'',
		`import {spawn} from 'node:child_process';
		const child = spawn(process.execPath, ['--input-type=module', '--eval', ${JSON.stringify(program('EXCLUSIVE', isForever))}], {stdio: ['pipe', 'pipe', 'ignore']});
		await new Promise((resolve) => child.stdout.once('data', resolve));
		child.stdout.destroy();
		child.stdin.unref();
		child.unref();`,
	);
	return folder;
}

describe('a database that another process locks after the run has opened it', () => {
	test('delays the run, which says so', async () => {
		const folder = project();
		const {code, stdout, stderr} = await folder.builtLite('upgrade');
		expect({code, stderr}).toEqual({code: 0, stderr: ''});
		expect(stdout).toMatch(/! waiting for the lock(?: held by \S+ \(process \d+\))?\n(?:.*\n)*! the lock is free after \S+ \w+\n/);
		expect(folder.all('SELECT n FROM t')).toEqual([{n: 2}]);
	});

	test('delays a command that reads, which says so', async () => {
		const {stderr} = await project().builtLite('check');
		expect(stderr).toMatch(/^! waiting for the lock(?: held by \S+ \(process \d+\))?\n! the lock is free after \S+ \w+\n$/);
	});

	test('can be stopped in a command that reads', async () => {
		const {code, stderr} = await project(true).builtLiteWith(
			{
				onStart: (child) => {
					child.stderr?.on('data', (text) => String(text).includes('waiting for the lock') && child.kill('SIGINT'));
				},
			},
			'check',
		);
		// Without a handler, the signal itself ends the process.
		expect({code, stderr}).toEqual({code: null, stderr: expect.stringMatching(/^! waiting for the lock.*\n$/)});
	});

	test.each(['SIGINT', 'SIGTERM'] as const)('can be stopped by %s', async (signal) => {
		const folder = project(true);
		const {code, stderr} = await folder.builtLiteWith(
			{
				onStart: (child) => {
					child.stdout?.on('data', (text) => String(text).includes('waiting for the lock') && child.kill(signal));
				},
			},
			...['upgrade', '--wait', '600'],
		);
		expect({code, stderr}).toEqual({code: 130, stderr: '✗ cancelled\n  nothing was written: app.db has no migrations applied\n'});
		expect(folder.all('SELECT n FROM t')).toEqual([{n: 1}]);
	});

	test('stops the run after --wait', async () => {
		const folder = project(true);
		const {code, stderr} = await folder.builtLite('upgrade', '--wait', '0.2');
		expect({code, stderr}).toMatchObject({code: 1, stderr: expect.stringMatching(/^✗ app\.db is still locked by .+ after 0\.2 s\n/)});
	});
});

test('a run does not wait for the lock of another database that a migration reads when it is loaded', async () => {
	const folder = projectFolder({'migrate.toml': toml});
	folder.migration(
		'20260101_000000_a',
		"op.execute('SELECT 1');",
		'',
		"throw Object.assign(new Error('other.db is locked'), {code: 'SQLITE_BUSY'});",
	);
	const {code, stderr} = await folder.lite('upgrade', '--wait', '600');
	expect({code, stderr}).toMatchObject({code: 1, stderr: expect.stringMatching(/^✗ 20260101_000000_a cannot be loaded: other\.db is locked\n/)});
});

describe('a statement outside a transaction that finds the database locked', () => {
	const statements = {
		'a statement of the user': "op.execute('UPDATE t SET n = 2');",
		'a change of lite-migr': "op.addColumn('t', 'x TEXT');",
	};

	/** A project whose migration runs outside a transaction. Its code locks the database, but not when it is tried on a copy. */
	function outside(statement: string, isForever = false): ProjectFolder {
		const folder = projectFolder({'migrate.toml': toml});
		folder.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL); INSERT INTO t VALUES (1, 1)');
		folder.migration(
			'20260101_000000_a',
			`op.run(async () => {
				if (!existsSync('tried')) return writeFileSync('tried', '');
				const child = spawn(process.execPath, ['--input-type=module', '--eval', ${JSON.stringify(program('IMMEDIATE', isForever))}], {stdio: ['pipe', 'pipe', 'ignore']});
				await new Promise((resolve) => child.stdout.once('data', resolve));
				child.stdout.destroy();
				child.stdin.unref();
				child.unref();
			});
			${statement}`,
			'',
			"import {spawn} from 'node:child_process';\nimport {existsSync, writeFileSync} from 'node:fs';\nexport const transaction = false;",
		);
		return folder;
	}

	const argv = ['upgrade', '--no-backup', '--wait', '600', '--json'];

	test.each(Object.entries(statements))('waits and says so: %s', async (_what, statement) => {
		const folder = outside(statement);
		const {code, stdout} = await folder.builtLite(...argv);
		expect(code, stdout).toBe(0);
		const events = stdout
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line));
		const start = events.findIndex(({type}) => type === 'migrationStart');
		const waits = events.slice(start).flatMap(({type, lock}) => (type === 'notice' && lock !== undefined ? [lock.state] : []));
		expect(waits).toEqual(['waiting', 'over']);
	});

	test.each(Object.entries(statements))('can be stopped: %s', async (_what, statement) => {
		const folder = outside(statement, true);
		let isRunning = false;
		const {code, stderr} = await folder.builtLiteWith(
			{
				onStart: (child) => {
					child.stdout?.on('data', (text) => {
						isRunning ||= String(text).includes('"migrationStart"');
						if (isRunning && String(text).includes('"waiting"')) child.kill('SIGINT');
					});
				},
			},
			...argv,
		);
		expect({code, stderr}).toEqual({
			code: 130,
			stderr: expect.stringMatching(/^✗ 20260101_000000_a failed: cancelled\n {2}20260101_000000_a runs outside a transaction/),
		});
	});
});

describe('Ctrl-C in a run on several databases, after one of them was changed', () => {
	test.each([
		['the migration that has changed it is recorded', (event: ApplyEvent) => event.type === 'stepDone' && event.rows === 1],
		['the next migration runs', (event: ApplyEvent) => event.type === 'migrationDone' && event.migration === '20260101_000000_a'],
	])('does not end a wait for its lock: %s', async (_what, isMoment) => {
		const folder = projectFolder();
		folder.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL); INSERT INTO t VALUES (1, 1)');
		folder.migration('20260101_000000_a', "op.execute('UPDATE t SET n = 2');", '', 'export const transaction = false;');
		folder.migration('20260102_000000_b', "op.execute('UPDATE t SET n = 3');");
		const stop = new AbortController();
		const other = folder.open();
		let isRunning = false;
		let last: ApplyEvent | undefined;
		const {file: database, migrationsDir} = folder;
		const options = {database, migrationsDir, direction: 'upgrade', backup: 'never', toolVersion: '1', consent: true, wait: 60} as const;
		for await (const event of apply({...options, stopWaiting: stop.signal})) {
			last = event;
			isRunning ||= event.type === 'migrationStart';
			if (stop.signal.aborted || !isRunning || !isMoment(event)) continue;
			other.exec('BEGIN IMMEDIATE');
			stop.abort();
			setTimeout(() => other.exec('ROLLBACK'), 50);
		}
		other.close();
		expect(stop.signal.aborted).toBe(true);
		expect(last).toMatchObject({type: 'done', applied: [{name: '20260101_000000_a'}, {name: '20260102_000000_b'}]});
		expect(folder.value('SELECT n FROM t')).toBe(3);
	});
});

describe('a program that stops reading the events of a run that waits', () => {
	const isWait = (event: ApplyEvent) => event.type === 'notice' && event.lock !== undefined;
	const settings = {direction: 'upgrade', backup: 'never', toolVersion: '1', consent: true, wait: 60} as const;

	function project(rest: string): ProjectFolder {
		const folder = projectFolder();
		folder.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL); INSERT INTO t VALUES (1, 1)');
		folder.migration('20260101_000000_a', "op.execute('UPDATE t SET n = 2');", '', rest);
		return folder;
	}

	test('ends the wait for another run outside a transaction', async () => {
		const {file: database, migrationsDir, value} = project('export const transaction = false;');
		let other = await waitForFileLock(lockFileOf(database));
		for await (const event of apply({...settings, database, migrationsDir})) if (isWait(event)) break;
		other.remove();
		await delay(50);
		other = await waitForFileLock(lockFileOf(database), {wait: 0});
		other.remove();
		expect(value('SELECT n FROM t')).toBe(1);
	});

	test('ends the wait of its connection', async () => {
		const {file, migrationsDir, open, value} = project('');
		const {backup: _, ...request} = settings;
		const [other, connection] = [open(), new BetterSqlite3(file)];
		other.exec('BEGIN IMMEDIATE');
		for await (const event of applyRequest({...request, database: connection, migrationsDir})) if (isWait(event)) break;
		other.exec('ROLLBACK');
		await delay(50);
		expect(connection.inTransaction).toBe(false);
		other.close();
		connection.close();
		expect(value('SELECT n FROM t')).toBe(1);
	});
});
