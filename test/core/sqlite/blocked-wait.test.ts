import {expect, test} from 'vitest';
import {whileBlocked} from '../../../source/core/sqlite/blocked-wait.ts';
import {setWait} from '../../../source/core/sqlite/connection.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import type {LockWait} from '../../../source/core/sqlite/held-lock.ts';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {projectFolder} from '../../project-folder.ts';
import {otherProcess} from './other-process.ts';

test.each<[string, (db: Database) => unknown]>([
	['rows', (db) => db.all('SELECT n FROM t')],
	['rows, one after the other', (db) => [...db.iterate('SELECT n FROM t')]],
	['tuples, one after the other', (db) => [...db.eachTuple('SELECT n FROM t')]],
])('reading %s waits for the lock of another process, and reports it', async (_what, read) => {
	const {file, exec} = projectFolder();
	exec('CREATE TABLE t (n); INSERT INTO t VALUES (1), (2)');
	const db = openDatabase(file, {readonly: true, wait: 0});
	const waits: LockWait['state'][] = [];
	setWait(db, (work) => whileBlocked(db, {wait: 60, onBlocked: ({state}) => waits.push(state), hint: ''}, work));
	const {says, ended} = otherProcess(
		`import {openDatabase} from 'source/core/sqlite/open.ts';
		openDatabase(process.argv[1]).exec('BEGIN EXCLUSIVE');
		console.log('it has the lock');
		setTimeout(() => process.exit(0), 300);`,
		file,
	);
	await says('it has the lock');
	expect(read(db)).toHaveLength(2);
	expect(waits).toEqual(['waiting', 'over']);
	db.close();
	await ended;
});
