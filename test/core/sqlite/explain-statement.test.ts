import {describe, expect, test} from 'vitest';
import {projectForEachTest} from '../../project-folder.ts';
import {runnerFor} from '../migrations/run.ts';

const project = projectForEachTest();
const {failed} = runnerFor(project);
const copyTo = (
	table: string,
) => `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "a.b" TEXT, age INTEGER, CONSTRAINT grown CHECK (age >  17),
		UNIQUE (name, "a.b"));
	INSERT OR ABORT INTO "${table}" ("id", "name", "a.b", age) SELECT id, name, lower(city) AS "a.b", coalesce(age, 18) FROM main."user";
	DROP TABLE user;
	ALTER TABLE ${table} RENAME TO user;`;
const temporary = '_lite_migr_new_user';
const doing = 'running the statement (_lite_migr_new_user is the temporary name of the new table)';

describe('a failed rewrite that is spelled out in a .sql migration', () => {
	test.each([
		[
			"(1, 'Ann', 'X', 20), (2, 'Ann', 'x', 20), (3, 'Bob', 'y', 20)",
			'UNIQUE constraint failed: user.name, user.a.b',
			[
				"1 duplicate value:  'Ann', 'x' (id 1; id 2)",
				expect.stringMatching(/^find all: {2}SELECT name, lower\(city\), count\(\*\) FROM "user" WHERE /),
			],
		],
		[
			"(1, 'Ann', 'x', 20), (2, NULL, 'y', 20)",
			'NOT NULL constraint failed: user.name',
			['1 row has no value:  id 2', 'find all:  SELECT "id" FROM "user" WHERE (name) IS NULL'],
		],
		[
			"(1, 'Ann', 'x', 20), (2, 'Bob', 'y', 2), (3, 'Cy', 'z', NULL), (4, 'Di', 'z', 3)",
			'CHECK constraint failed: grown',
			['2 rows fail the check:  id 2; id 4', expect.stringMatching(/^find all: {2}SELECT "id" FROM "user" WHERE NOT \(/)],
		],
	])('names the original table and shows the rows: %s', async (rows, message, details) => {
		project.exec(`CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, city TEXT, age INTEGER); INSERT INTO user VALUES ${rows}`);
		const path = project.migration('20240101_000000_a.sql', copyTo(temporary));
		expect(await failed({consent: true})).toMatchObject({
			code: 'hazard',
			message,
			location: {file: path, line: 3, table: 'user'},
			details: [
				expect.stringMatching(/^INSERT .*: running the statement \(_lite_migr_new_user is the temporary name of the new table\)$/),
				...details,
			],
		});
	});

	test('explains the name of the new table, even if it cannot show rows', async () => {
		project.exec('CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)');
		project.migration('20240101_000000_a.sql', `CREATE TABLE ${temporary} (id);\nINSERT INTO ${temporary} (x) SELECT id FROM user;`);
		expect(await failed({consent: true})).toMatchObject({
			message: 'table _lite_migr_new_user has no column named x',
			details: [`INSERT INTO _lite_migr_new_user (x) SELECT id FROM user: ${doing}`],
		});
	});
});

test('a failed copy by hand keeps the table name of its author and shows the rows', async () => {
	project.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT, city TEXT, age INTEGER); INSERT INTO user VALUES (7, NULL, 'x', 20)");
	project.migration('20240101_000000_a.sql', copyTo('user_2'));
	expect(await failed({consent: true})).toMatchObject({
		message: 'NOT NULL constraint failed: user_2.name',
		details: [expect.stringMatching(/^INSERT .*: running the statement$/), '1 row has no value:  id 7', expect.any(String)],
	});
});

test('a failed unique index in a .sql migration shows the duplicate rows', async () => {
	project.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO user VALUES (1, 'Ann'), (2, 'Ann')");
	project.migration('20240101_000000_a.sql', 'CREATE UNIQUE INDEX user_name ON user (name);');
	expect(await failed({consent: true})).toMatchObject({
		message: 'UNIQUE constraint failed: user.name',
		details: [expect.any(String), "1 duplicate value:  'Ann' (id 1; id 2)", expect.stringContaining('find all:')],
	});
});

test('a rewrite by lite-migr shows the rows that fail a CHECK, even if only the copy can find them', async () => {
	project.exec('CREATE TABLE user (id INTEGER PRIMARY KEY, age TEXT); INSERT INTO user VALUES (1, 20), (2, 3)');
	project.migration(
		'20240101_000000_a',
		`op.execute("UPDATE user SET age = age - 1"); op.changeTable('user', 'CREATE TABLE user (id INTEGER PRIMARY KEY, age INTEGER CHECK (age > 5))');`,
	);
	expect(await failed({consent: true})).toMatchObject({
		message: 'CHECK constraint failed: age > 5',
		details: [expect.any(String), '1 row fails the check:  id 2', expect.stringMatching(/^find all: {2}SELECT "id" FROM "user" WHERE NOT \(/)],
	});
});
