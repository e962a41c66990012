import {expect, test} from 'vitest';
import {testMigration} from '../../../source/core/testing/migration-test.ts';
import {testProject} from './test-project.ts';

const drivers = ['better-sqlite3', 'node:sqlite'] as const;

const files = {
	'migrations/20260101_000000_users.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, zip TEXT);\n',
	'migrations/20260201_000000_split_name.sql': `-- upgrade
ALTER TABLE user ADD COLUMN first TEXT;
ALTER TABLE user ADD COLUMN last TEXT;
UPDATE user SET first = substr(name, 1, instr(name, ' ') - 1), last = substr(name, instr(name, ' ') + 1);
-- downgrade
ALTER TABLE user DROP COLUMN first;
ALTER TABLE user DROP COLUMN last;
`,
	'migrations/20260301_000000_clean_up.sql': "DELETE FROM user WHERE zip IS NULL;\nUPDATE user SET zip = '0' || zip;\n",
	'migrations/20260401_000000_later.sql': 'CREATE TABLE later (x);\n',
};

const insert = "INSERT INTO user (id, name, zip) VALUES (1, 'Ann Lee', '123'), (2, 'Bob van Hart', NULL)";

test.each(drivers)('a migration meets the rows of the test, with %s', async (driver) => {
	const project = testProject(files);
	const seen: unknown[] = [];
	await testMigration(
		'split_name',
		{
			driver,
			before: (db) => void db.exec(insert),
			after(db, outcome) {
				seen.push(outcome.migrations, db.prepare('SELECT first, last FROM user').all(), db.prepare('PRAGMA foreign_keys').all());
				seen.push(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'later'").all());
			},
		},
		project.path,
	);
	expect(JSON.parse(JSON.stringify(seen))).toEqual([
		['20260201_000000_split_name'],
		[
			{first: 'Ann', last: 'Lee'},
			{first: 'Bob', last: 'van Hart'},
		],
		[{foreign_keys: 1}],
		[],
	]);
});

test('each call starts with its own database', async () => {
	const project = testProject(files);
	const rows: unknown[] = [];
	for (let run = 0; run < 2; run++) {
		await testMigration(
			'split_name',
			{before: (db) => void db.exec(insert), after: (db) => void rows.push(db.prepare('SELECT count(*) FROM user').pluck().get())},
			project.path,
		);
	}
	expect(rows).toEqual([2, 2]);
});

test('the first migration starts with an empty database', async () => {
	const project = testProject(files);
	const names: unknown[] = [];
	await testMigration(
		'20260101_000000_users.sql',
		{
			before: (db) => void names.push(db.prepare('SELECT name FROM sqlite_schema').all()),
			after: (db) => void names.push(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'user'").all()),
		},
		project.path,
	);
	expect(names).toEqual([[], [{name: 'user'}]]);
});

test('a migration that loses rows fails without consent and names them', async () => {
	const project = testProject(files);
	const failing = testMigration('clean_up', {before: (db) => void db.exec(insert)}, project.path);
	await expect(failing).rejects.toMatchObject({code: 'answerNeeded', message: expect.stringContaining('set the option consent: true')});
});

test('a migration that loses rows reports with consent which ones', async () => {
	const project = testProject(files);
	let checked = false;
	await testMigration(
		'clean_up',
		{
			consent: true,
			before: (db) => void db.exec(insert),
			after(db, {effects}) {
				expect(effects).toMatchObject([{table: 'user', rowsGone: 1, rowsChanged: 1}]);
				expect(db.prepare('SELECT zip FROM user').pluck().all()).toEqual(['0123']);
				checked = true;
			},
		},
		project.path,
	);
	expect(checked).toBe(true);
});

test('the downgrade runs if asked for, and its rows can be checked', async () => {
	const project = testProject(files);
	const columns: unknown[] = [];
	await testMigration(
		'split_name',
		{
			before: (db) => void db.exec(insert),
			downgrade: (db) => void columns.push(db.prepare('SELECT * FROM user WHERE id = 2').get()),
		},
		project.path,
	);
	expect(columns).toEqual([{id: 2, name: 'Bob van Hart', zip: null}]);
});

test('a downgrade that does not restore the schema fails with the difference', async () => {
	const project = testProject(files);
	const file = 'migrations/20260201_000000_split_name.sql';
	project.write(file, project.read(file).replace('ALTER TABLE user DROP COLUMN last;\n', ''));
	await expect(testMigration('split_name', {downgrade: true}, project.path)).rejects.toThrow(
		/the downgrade of 20260201_000000_split_name does not restore the schema\n {2}table user differs\n {2}expected: .*\n {2}actual: .*last/,
	);
});

test('a migration without a downgrade fails if the downgrade is asked for', async () => {
	const project = testProject(files);
	await expect(testMigration('later', {downgrade: true}, project.path)).rejects.toThrow('cannot be undone');
});

test('errors of the functions pass through', async () => {
	const project = testProject(files);
	const problem = new Error('wrong rows');
	const throwing = () => {
		throw problem;
	};
	await expect(testMigration('later', {before: throwing}, project.path)).rejects.toBe(problem);
	await expect(testMigration('later', {after: throwing}, project.path)).rejects.toBe(problem);
	await expect(testMigration('later', {before: (db) => void db.exec('BEGIN')}, project.path)).rejects.toThrow(
		'the function before left a transaction open',
	);
});

test('an unknown migration is an error with the nearest name', async () => {
	const project = testProject(files);
	await expect(testMigration('20260201_000000_split_names', {}, project.path)).rejects.toThrow(/there is no migration .*\n.*split_name\?/);
});

test('a failing statement is reported with its file and line', async () => {
	const project = testProject({...files, 'migrations/20260501_000000_broken.sql': 'CREATE TABLE b (x);\nINSERT INTO user (id) VALUES (5);\n'});
	await expect(testMigration('broken', {}, project.path)).rejects.toThrow(/NOT NULL(.|\n)*migrations\/20260501_000000_broken\.sql:2/);
});
