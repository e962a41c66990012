import {describe, expect, test} from 'vitest';
import type {Finding} from '../../../../source/core/migrations/finding.ts';
import {temporaryProject} from '../project.ts';
import {runnerFor} from '../run.ts';

const project = temporaryProject();
const {run, done, failed} = runnerFor(project);
const a = '20240101_000000_a';
const b = '20240102_000000_b';
const session = `CREATE TABLE session (id INTEGER PRIMARY KEY, user TEXT, age INTEGER);
	INSERT INTO session VALUES (1, 'Ann', 5), (2, 'Bob', 50), (3, 'Cy', 500), (4, 'it''s', -7);`;

/** What is found to be lost; nobody consents, so nothing is written. */
async function lost(): Promise<readonly Finding[]> {
	const events = await run();
	expect(events.at(-1)).toMatchObject({type: 'failed', code: 'answerNeeded', state: expect.stringContaining('nothing was written')});
	expect(project.value('SELECT count(*) FROM session')).toBe(4);
	return events.flatMap((event) => (event.type === 'preflight' ? event.findings : [])).filter(({destructive}) => destructive);
}

describe('a plain DELETE', () => {
	test('needs consent, with its rows by key and the SQL that finds them', async () => {
		project.exec(session);
		project.migration(a, `op.execute('DELETE FROM session WHERE age > ? OR user = ? OR age < 3 -?', [40, "it's", -2]);`);
		const [finding, ...more] = await lost();
		expect(more).toEqual([]);
		expect(finding).toMatchObject({
			migration: a,
			kind: 'deleteRows',
			table: 'session',
			column: null,
			message: '3 of 4 rows are deleted',
			rows: 3,
			of: 4,
			fails: false,
			samples: ['id 2', 'id 3', 'id 4'].map((row) => ({row, value: null})),
		});
		expect(project.all(finding?.sql ?? '').map(({id}) => id)).toEqual([2, 3, 4]);
		await done({consent: true});
		expect(project.all('SELECT id FROM session')).toEqual([{id: 1}]);
	});

	test('needs none where it meets no row, nor on an empty table, nor on one that the run makes', async () => {
		project.exec(`${session} CREATE TABLE empty (x)`);
		project.migration(a, `op.createTable('CREATE TABLE extra (x)'); op.execute('INSERT INTO extra VALUES (1)');`);
		project.migration(b, `op.execute('DELETE FROM extra'); op.execute('DELETE FROM session WHERE age > 1000'); op.execute('DELETE FROM empty');`);
		expect(await done()).toMatchObject({at: b});
	});

	test('counts for a .sql file, without WHERE, behind WITH and in a downgrade', async () => {
		project.exec(session);
		const sql = `${a}.sql`;
		project.migration(sql, '-- upgrade\nDELETE FROM session;\n');
		expect(await lost()).toMatchObject([{message: 'all 4 rows are deleted', samples: {length: 4}}]);
		project.migration(sql, '-- upgrade\nWITH old AS (SELECT id FROM session WHERE age > 40) DELETE FROM session WHERE id IN old RETURNING id;\n');
		expect(await lost()).toMatchObject([{message: '2 of 4 rows are deleted'}]);
		project.migration(sql, '-- upgrade\nCREATE TABLE x (y);\n-- downgrade\nDELETE FROM session WHERE id = 1;\n');
		await done();
		expect(await failed({direction: 'downgrade'})).toMatchObject({code: 'answerNeeded', details: ['session: 1 of 4 rows is deleted']});
	});

	test.each([
		['the table was written before', `op.execute('UPDATE session SET age = 1'); op.execute('DELETE FROM session WHERE age = 2');`],
		['the table had another name', `op.renameTable('session', 's'); op.execute('DELETE FROM s WHERE age = 2');`],
		['a column is not there yet', `op.addColumn('session', 'x'); op.execute('DELETE FROM session WHERE x');`],
		[
			'what it asks was written before',
			`op.execute('INSERT INTO other VALUES (5)'); op.execute('DELETE FROM session WHERE age IN (SELECT x FROM other)');`,
		],
		['a trigger may have written it', `op.execute('INSERT INTO traced VALUES (5)'); op.execute('DELETE FROM session WHERE age = 2');`],
		['code ran before', `op.run(() => {}); op.execute('DELETE FROM session WHERE age = 2');`],
		[
			'the table was made anew by hand',
			`op.dropTrigger('g'); op.execute('CREATE TABLE n AS SELECT * FROM session'); op.execute('DROP TABLE session'); op.execute('ALTER TABLE n RENAME TO session'); op.execute('DELETE FROM session WHERE age = 2');`,
		],
	])('may mean any row where %s', async (_, upgrade) => {
		project.exec(`${session} CREATE TABLE other (x); CREATE TABLE traced (x);
			CREATE TRIGGER g AFTER INSERT ON traced BEGIN UPDATE session SET age = 2; END`);
		project.migration(a, upgrade);
		expect(await lost()).toMatchObject([
			{kind: 'deleteRows', message: 'any of its 4 rows may be deleted: what comes before in the run decides which', rows: 4, sql: null},
		]);
		const [first = '', last = ''] = [upgrade.slice(0, upgrade.lastIndexOf('op.')), upgrade.slice(upgrade.lastIndexOf('op.'))];
		project.migration(a, first);
		project.migration(b, last);
		expect(await lost()).toMatchObject([{migration: b, kind: 'deleteRows'}]);
	});

	test('is counted behind others that remove other rows, but not where it asks for what they leave', async () => {
		project.exec(session);
		project.migration(a, `op.execute('DELETE FROM session WHERE id = 1'); op.execute('DELETE FROM session WHERE id IN (2, 3)');`);
		expect(await lost()).toMatchObject([{message: '1 of 4 rows is deleted'}, {message: '2 of 4 rows are deleted'}]);
		project.migration(
			a,
			`op.execute('DELETE FROM session WHERE id = 1');
			for (const order of ['id', 'age', 'user']) op.execute(\`DELETE FROM session WHERE id = (SELECT id FROM session ORDER BY \${order})\`);`,
		);
		expect(await lost()).toMatchObject([{message: '1 of 4 rows is deleted'}, {message: expect.stringContaining('any of its 4 rows')}]);
	});

	// With a look back from each of them to all before, this would not end in the time that a test has.
	test('is examined among thousands of statements', async () => {
		project.exec(session);
		const statements = Array.from(
			{length: 4000},
			(_, id) => `INSERT INTO session (user) VALUES ('u');\nDELETE FROM session WHERE id = ${id + 1000};`,
		);
		project.migration(`${a}.sql`, statements.join('\n'));
		expect(await lost()).toMatchObject([{message: expect.stringContaining('any of its 4 rows')}]);
	});

	test('is counted behind statements that only read the table', async () => {
		project.exec(`${session} CREATE TABLE archive AS SELECT * FROM session WHERE 0`);
		project.migration(a, `op.execute('INSERT INTO archive SELECT * FROM session WHERE age > 40'); op.execute('DELETE FROM session WHERE age > 40');`);
		expect(await lost()).toMatchObject([{message: '2 of 4 rows are deleted'}]);
	});

	test('may mean any row where it cannot be counted', async () => {
		project.exec(session);
		project.migration(a, `op.execute('DELETE FROM session WHERE gone = 1');`);
		expect(await lost()).toMatchObject([
			{message: 'any of its 4 rows may be deleted: they cannot be counted before (no such column: gone)', samples: []},
		]);
	});
});
