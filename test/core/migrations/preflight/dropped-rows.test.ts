import {describe, expect, test} from 'vitest';
import {temporaryProject} from '../project.ts';
import {runnerFor} from '../run.ts';

const project = temporaryProject();
const {done, failed} = runnerFor(project);
const a = '20240101_000000_a';
const b = '20240102_000000_b';
const database = `CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO note VALUES (1, 'a'), (2, 'b')`;
const made = 'CREATE TABLE made (id INTEGER PRIMARY KEY, text TEXT)';

describe('a plain DROP TABLE of a table that is made anew', () => {
	test.each([
		['nothing is copied', 'DROP TABLE note; CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)'],
		['nothing is copied into the new table', `${made}; DROP TABLE note; ALTER TABLE made RENAME TO note`],
		['it has another name by then', `ALTER TABLE note RENAME TO old; CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); DROP TABLE old`],
		['some are copied', `${made}; INSERT INTO made SELECT * FROM note WHERE id > 1; DROP TABLE note; ALTER TABLE made RENAME TO note`],
		['each value is copied once', `${made}; INSERT INTO made SELECT DISTINCT 1, text FROM note; DROP TABLE note; ALTER TABLE made RENAME TO note`],
		['a few are copied', `${made}; INSERT INTO made SELECT * FROM note ORDER BY id LIMIT 1; DROP TABLE note; ALTER TABLE made RENAME TO note`],
		[
			'what does not fit is left out',
			`${made}; INSERT OR IGNORE INTO made SELECT 1, text FROM note; DROP TABLE note; ALTER TABLE made RENAME TO note`,
		],
		['one row is made of all', `${made}; INSERT INTO made SELECT count(*), max(text) FROM note; DROP TABLE note; ALTER TABLE made RENAME TO note`],
		[
			'the copy loses some',
			`${made}; INSERT INTO made SELECT * FROM note; DELETE FROM made WHERE id = 1; DROP TABLE note; ALTER TABLE made RENAME TO note`,
		],
	])('needs consent where %s', async (_, statements) => {
		project.exec(database);
		project.migration(`${a}.sql`, `-- upgrade\n${statements};\n`);
		expect(await failed()).toMatchObject({
			code: 'answerNeeded',
			details: ['note: any of its 2 rows may be lost: it is dropped, and nothing before it copies all of them'],
		});
		expect(project.value('SELECT count(*) FROM note')).toBe(2);
	});

	test.each([
		`${made}; INSERT INTO made SELECT * FROM note; DROP TABLE note; ALTER TABLE made RENAME TO note`,
		`${made}; INSERT OR ABORT INTO "made" ("id", "text") SELECT n.id, upper(n.text) FROM main."note" AS n ORDER BY 1; DROP TABLE IF EXISTS note; ALTER TABLE made RENAME TO note`,
		'CREATE TEMP TABLE kept AS SELECT * FROM note; DROP TABLE note; CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO note SELECT * FROM kept; DROP TABLE temp.kept',
		'ALTER TABLE note RENAME TO old; CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO note SELECT id, text FROM old; DROP TABLE old',
	])('needs none behind a copy of all rows: %s', async (statements) => {
		project.exec(database);
		project.migration(`${a}.sql`, `-- upgrade\n${statements};\n`);
		expect((await done()).at).toBe(a);
		expect(project.value('SELECT count(*) FROM note')).toBe(2);
	});

	test('needs none where it is empty, and is told once where no table of the name is there afterwards', async () => {
		project.exec(`${database}; CREATE TABLE empty (x)`);
		project.migration(`${a}.sql`, '-- upgrade\nDROP TABLE empty; CREATE TABLE empty (x);\n');
		project.migration(`${b}.sql`, '-- upgrade\nALTER TABLE note RENAME TO old; DROP TABLE old;\n');
		expect((await failed()).details).toEqual(['note is dropped with 2 rows']);
	});
});
