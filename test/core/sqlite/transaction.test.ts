import {existsSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {openDatabase, openInMemory} from '../../../source/core/sqlite/open.ts';
import {beginGuarded} from '../../../source/core/sqlite/transaction.ts';
import {otherProcess} from './other-process.ts';
import {temporaryFolder, thrownBy} from './temporary-folder.ts';

const folder = temporaryFolder();

const settings = [
	'foreign_keys',
	'legacy_alter_table',
	'recursive_triggers',
	'ignore_check_constraints',
	'synchronous',
	'cache_size',
	'threads',
	'busy_timeout',
];

describe('the guard around a transaction', () => {
	test('turns foreign keys off before BEGIN and restores every setting, after a commit and after a failure', async () => {
		const db = openDatabase(folder.at('app.db'), {create: true});
		db.exec('PRAGMA foreign_keys=ON; PRAGMA legacy_alter_table=ON; PRAGMA recursive_triggers=ON; PRAGMA synchronous=1; PRAGMA cache_size=77');
		const read = () => settings.map((name) => db.value(`PRAGMA ${name}`));
		const before = read();

		const first = await beginGuarded(db);
		expect(db.value('PRAGMA foreign_keys')).toBe(0);
		expect(db.value('PRAGMA legacy_alter_table')).toBe(0);
		expect(db.inTransaction).toBe(true);
		db.exec('CREATE TABLE t (a)');
		await first.commit();
		first.end();
		expect(read()).toEqual(before);

		const second = await beginGuarded(db);
		db.exec('INSERT INTO t VALUES (1); PRAGMA writable_schema=OFF; PRAGMA legacy_alter_table=ON; PRAGMA cache_size=5');
		second.reassert();
		expect(db.value('PRAGMA legacy_alter_table')).toBe(0);
		second.end();
		expect(db.inTransaction).toBe(false);
		expect(db.value('SELECT count(*) FROM t')).toBe(0);
		expect(read()).toEqual(before);
		db.close();
	});

	test.each([
		['a commit', true],
		['a rollback', false],
	])('restores every setting after %s, while another process has locked the file and changes the schema', async (_, isCommitted) => {
		const path = folder.at('app.db');
		const db = openDatabase(path, {create: true});
		db.exec('CREATE TABLE t (a); PRAGMA busy_timeout=0; PRAGMA synchronous=1; PRAGMA cache_size=77');
		const read = () => settings.map((name) => db.value(`PRAGMA ${name}`));
		const before = read();
		const other = otherProcess(
			`import {existsSync, writeFileSync} from 'node:fs';
			import {openDatabase} from 'source/core/sqlite/open.ts';
			const [file] = process.argv.slice(1);
			const db = openDatabase(file);
			const wait = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
			while (!existsSync(file + '-go')) wait(5);
			db.exec('BEGIN EXCLUSIVE; CREATE TABLE u (x)');
			writeFileSync(file + '-locked', '');
			wait(300);
			db.exec('COMMIT');`,
			path,
		);
		const transaction = await beginGuarded(db, {
			onEnd() {
				writeFileSync(`${path}-go`, '');
				while (!existsSync(`${path}-locked`)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
			},
		});
		db.exec('CREATE TABLE v (a)');
		if (isCommitted) await transaction.commit();
		transaction.end();
		expect(read()).toEqual(before);
		expect(await other.ended).toBe(0);
		db.close();
	});

	test('refuses to start inside an open transaction and leaves it open', async () => {
		const db = openInMemory();
		db.exec('BEGIN; CREATE TABLE t (a)');
		expect((await thrownBy(() => beginGuarded(db))).message).toContain('a transaction is already open');
		expect(db.inTransaction).toBe(true);
		db.close();
	});

	test.each(['DELETE', 'WAL'])(
		'waits for the lock of another process, names the process, and gets the lock when the process is killed (%s)',
		async (mode) => {
			const path = folder.at('app.db');
			const db = openDatabase(path, {create: true});
			db.exec(`PRAGMA journal_mode=${mode}; CREATE TABLE t (a)`);
			const other = otherProcess(
				`import {openDatabase} from 'source/core/sqlite/open.ts';
			const db = openDatabase(process.argv[1]);
			db.exec('BEGIN IMMEDIATE; INSERT INTO t VALUES (1)');
			console.log('locked');
			setInterval(() => {}, 1000);`,
				path,
			);
			await other.says('locked');
			const failed = await thrownBy(() => beginGuarded(db, {wait: 0.05}));
			expect(failed).toMatchObject({code: 'locked', message: expect.stringContaining(`(process ${other.child.pid})`)});
			expect(db.value('PRAGMA foreign_keys')).toBe(1);

			const controller = new AbortController();
			const cancelled = thrownBy(() => beginGuarded(db, {wait: 60, signal: controller.signal, onWait: () => controller.abort()}));
			expect((await cancelled).code).toBe('cancelled');

			const transaction = await beginGuarded(db, {wait: 60, onWait: () => other.child.kill('SIGKILL')});
			expect(db.value('SELECT count(*) FROM t')).toBe(0);
			transaction.end();
			db.close();
			expect(await other.ended).toBe('SIGKILL');
		},
	);

	test('waits at COMMIT for a reader of a rollback-journal database, and stays open if the reader does not finish', async () => {
		const path = folder.at('app.db');
		const db = openDatabase(path, {create: true});
		db.exec('PRAGMA journal_mode=DELETE; CREATE TABLE t (a)');
		const reader = openDatabase(path);
		reader.exec('BEGIN; SELECT * FROM t');
		const transaction = await beginGuarded(db, {wait: 0.05});
		db.exec('INSERT INTO t VALUES (1)');
		expect((await thrownBy(() => transaction.commit())).code).toBe('locked');
		expect(transaction.isOpen).toBe(true);
		reader.exec('COMMIT');
		await transaction.commit();
		transaction.end();
		expect(reader.value('SELECT count(*) FROM t')).toBe(1);
		reader.close();
		db.close();
	});
});
