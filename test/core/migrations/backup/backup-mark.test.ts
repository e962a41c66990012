import {expect, test} from 'vitest';
import {readMark, writeMark} from '../../../../source/core/migrations/backup/backup-mark.ts';
import {databaseKey} from '../../../../source/core/migrations/backup/database-key.ts';
import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {otherProcess} from '../../sqlite/other-process.ts';

const project = projectForEachTest();

/** Tries to take the write lock in another process. */
async function lockedElsewhere(file: string): Promise<boolean> {
	const {ended, output} = otherProcess(
		`import {openDatabase} from 'source/core/sqlite/open.ts';
		const db = openDatabase(process.argv[1], {wait: 0});
		try { db.exec('BEGIN IMMEDIATE'); console.log('free'); } catch (error) { console.log('locked'); }`,
		file,
	);
	expect(await ended).toBe(0);
	return output().trim() === 'locked';
}

test('reading the mark of a database that this process has locked keeps the lock', async () => {
	const file = project.at('app-20260101T000000.db');
	const db = openDatabase(file, {create: true});
	db.exec('CREATE TABLE t (a)');
	writeMark(file, databaseKey(project.file, project.path), 'app-20260101T000000.db', 'app');
	db.exec('BEGIN IMMEDIATE');
	expect(readMark(file)).toMatchObject({name: 'app-20260101T000000.db', stem: 3});
	expect(await lockedElsewhere(file)).toBe(true);
	db.exec('ROLLBACK');
	expect(await lockedElsewhere(file)).toBe(false);
	db.close();
	expect(readMark(file)).toMatchObject({name: 'app-20260101T000000.db', stem: 3});
});
