import {describe, expect, test} from 'vitest';
import {migrationsIn} from '../../../../source/core/migrations/files/source.ts';
import {readApplied, recordApplied, removeApplied} from '../../../../source/core/migrations/history/history.ts';
import {projectState} from '../../../../source/core/migrations/history/state.ts';
import {openInMemory} from '../../../../source/core/sqlite/open.ts';
import {projectForEachTest} from '../../../project-folder.ts';
import {thrownBy} from '../../sqlite/temporary-folder.ts';

const project = projectForEachTest();
const entry = (name: string, checksum = 'c') => ({name, checksum, durationMs: 12.6, toolVersion: '1.0.0'});

describe('the history in the database', () => {
	test('is empty without the table, and reading it does not create the table', () => {
		const db = openInMemory();
		expect(readApplied(db)).toEqual([]);
		expect(db.all('SELECT * FROM sqlite_schema')).toEqual([]);
		db.close();
	});

	test('lists applied migrations in the order they were applied, until they are undone', () => {
		const db = openInMemory();
		recordApplied(db, entry('2_b'));
		recordApplied(db, entry('1_a'));
		expect(readApplied(db)).toMatchObject([
			{name: '2_b', checksum: 'c', durationMs: 13, toolVersion: '1.0.0', appliedAt: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)},
			{name: '1_a'},
		]);
		removeApplied(db, '2_b');
		expect(readApplied(db).map(({name}) => name)).toEqual(['1_a']);
		db.close();
	});

	test('includes the migrations that pylite-orm recorded in its table', () => {
		const db = openInMemory();
		db.exec(`CREATE TABLE _lite_migr(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
			INSERT INTO _lite_migr (name, applied_at) VALUES ('20240101_000000_start', '2024-01-01 00:00:00'), ('20240102_000000_more.py', '2024-01-02 00:00:00')`);
		expect(readApplied(db)).toEqual([
			{name: '20240101_000000_start', appliedAt: '2024-01-01 00:00:00', checksum: null, durationMs: null, toolVersion: null},
			{name: '20240102_000000_more', appliedAt: '2024-01-02 00:00:00', checksum: null, durationMs: null, toolVersion: null},
		]);
		recordApplied(db, entry('3_c'));
		removeApplied(db, '20240102_000000_more');
		expect(readApplied(db).map(({name}) => name)).toEqual(['20240101_000000_start', '3_c']);
		db.close();
	});

	test('is not read from a table of the same name with other columns', async () => {
		const db = openInMemory();
		db.exec('CREATE TABLE _lite_migr (x)');
		expect(await thrownBy(() => readApplied(db))).toMatchObject({code: 'history', hint: expect.stringContaining('rename')});
		db.close();
	});
});

describe('the state of a project', () => {
	test('lists pending, out-of-order, edited and missing migrations', () => {
		for (const name of ['20240101_000000_a', '20240102_000000_b', '20240103_000000_c']) project.migration(name, '');
		project.database((db) => {
			const before = projectState(migrationsIn(project.migrationsDir), db);
			expect(before.pending.map(({file, outOfOrder}) => [file.name, outOfOrder])).toEqual([
				['20240101_000000_a', false],
				['20240102_000000_b', false],
				['20240103_000000_c', false],
			]);
			for (const {file} of before.pending) if (!file.name.endsWith('a')) recordApplied(db, entry(file.name, file.checksum));
			recordApplied(db, entry('20230101_000000_gone'));
			recordApplied(db, {...entry('20240104_000000_d'), checksum: 'x'});
			project.migration('20240102_000000_b', '// changed');
			project.migration('20240104_000000_d', '');
			const after = projectState(migrationsIn(project.migrationsDir), db);
			expect(after.pending.map(({file, outOfOrder}) => [file.name, outOfOrder])).toEqual([['20240101_000000_a', true]]);
			expect(after.edited).toEqual(['20240102_000000_b', '20240104_000000_d']);
			expect(after.missing).toEqual(['20230101_000000_gone']);
		});
	});

	test('is empty without a database and a migrations folder', () => {
		const source = migrationsIn(project.at('none'));
		expect(projectState(source)).toEqual({
			source,
			files: [],
			applied: [],
			pending: [],
			edited: [],
			missing: [],
			renamed: [],
		});
	});
});
