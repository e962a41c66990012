import {describe, expect, test} from 'vitest';
import {projectForEachTest} from '../../../project-folder.ts';
import {runnerFor} from '../run.ts';

const project = projectForEachTest();
const {run, failed} = runnerFor(project);
const [start, older, newer] = ['20260101_000000_start', '20260102_000000_older', '20260103_000000_newer'];

const schema = [
	'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, name TEXT)',
	'CREATE TABLE u (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER)',
	'CREATE TABLE v (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER, t_id REFERENCES t (id) ON DELETE CASCADE)',
	'CREATE TABLE log (x)',
	'CREATE TRIGGER u_log AFTER UPDATE ON u BEGIN INSERT INTO log SELECT n FROM v; END',
	'CREATE VIEW both AS SELECT n FROM t UNION ALL SELECT n FROM u',
];

/** Applies the newer migration, then adds the older one, as if from another branch. */
async function merge(applied: string, late: string): Promise<void> {
	project.migration(start, schema.map((sql) => `op.execute(\`${sql}\`);`).join('\n'));
	project.migration(newer, applied);
	await run({consent: true});
	project.exec('INSERT OR IGNORE INTO t (id, n) VALUES (1, 1), (2, 2); INSERT INTO u (n) VALUES (1); INSERT INTO v (n) VALUES (1)');
	expect(project.value('SELECT count(*) FROM _lite_migr')).toBe(2);
	project.migration(older, late);
}

const sql = (text: string) => `op.execute(\`${text}\`);`;

describe('an older migration that is added after a newer one was applied', () => {
	test.each([
		['both change the same values', sql('UPDATE t SET n = n + 1'), sql('UPDATE t SET n = n * 100'), 't'],
		['one reads the rows that the other writes', sql('UPDATE t SET n = 5'), sql('INSERT INTO u (n) SELECT n FROM t'), 't'],
		['one writes the rows that the other reads', sql('INSERT INTO u (n) SELECT n FROM t'), sql('UPDATE t SET n = 5'), 't'],
		['one deletes rows and the other counts them', sql('DELETE FROM v'), sql('UPDATE t SET n = (SELECT count(*) FROM v)'), 'v'],
		['one reads the rows through a view', sql('UPDATE u SET n = 5'), sql('DELETE FROM log WHERE x IN (SELECT n FROM both)'), 'u'],
		['a trigger reads the rows', sql('UPDATE u SET n = 5'), sql('UPDATE v SET n = 7'), 'v'],
		['a trigger writes the rows', sql('UPDATE u SET n = 5'), sql('DELETE FROM log'), 'log'],
		['an upsert writes the rows', sql('INSERT INTO t (id, n) VALUES (1, 7) ON CONFLICT DO UPDATE SET n = 7'), sql('UPDATE t SET n = n + 1'), 't'],
		['a fill reads the rows', sql('UPDATE u SET n = 5'), "op.addColumn('t', 'm INTEGER', {fill: '(SELECT max(n) FROM u)'});", 'u'],
		['a fill writes the rows', sql('UPDATE t SET n = 5'), "op.addColumn('t', 'm INTEGER', {fill: 'n * 2'});", 't'],
		[
			'one creates a trigger that fires for the other',
			sql('UPDATE t SET n = 5'),
			sql('CREATE TRIGGER t_log AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (1); END'),
			't',
		],
		[
			'one adds a unique index for rows that the other inserts',
			sql('INSERT OR IGNORE INTO t (n) VALUES (1)'),
			"op.createIndex('CREATE UNIQUE INDEX t_name ON t (name)');",
			't',
		],
		['a table is created from the rows', sql('UPDATE t SET n = 5'), sql('CREATE TABLE copy AS SELECT * FROM t'), 't'],
	])('stops the upgrade and names the table if %s', async (_what, applied, late, table) => {
		await merge(applied, late);
		const before = project.all('SELECT * FROM t');
		const event = await failed({consent: true, acceptEdited: true});
		expect(event).toMatchObject({code: 'history', backup: null});
		expect(event.message).toMatch(
			new RegExp(`^${older} is older than applied migrations, and the order matters: .*\\b(${table}|${older}|${newer})\\b`),
		);
		expect(event.hint).toContain(`give ${older} a newer time in its file name`);
		expect(project.all('SELECT * FROM t')).toEqual(before);
	});

	test.each([
		['they write other tables', sql('UPDATE t SET n = 5'), sql('INSERT INTO u (n) VALUES (7)')],
		['both count up with AUTOINCREMENT, in two tables', sql('INSERT INTO u (n) VALUES (1)'), sql('INSERT INTO v (n) VALUES (1)')],
		['both only read the same table', sql('INSERT INTO u (n) SELECT n FROM t'), sql('INSERT INTO log SELECT n FROM t')],
		[
			'the older one changes only the schema',
			sql('UPDATE t SET n = 5'),
			"op.addColumn('t', 'm INTEGER DEFAULT 0'); op.createTable('CREATE TABLE w (x)');",
		],
		['the older one creates an index', sql('UPDATE t SET n = 5'), sql('CREATE INDEX t_n ON t (n)')],
		['the older one only fills its own table', sql('UPDATE t SET n = 5'), `op.createTable('CREATE TABLE w (x)'); ${sql('INSERT INTO w VALUES (1)')}`],
		[
			'the newer one runs code, and the older one touches no row',
			'op.run(({db}) => { db.exec("UPDATE t SET n = 5"); });',
			"op.createTable('CREATE TABLE w (x)');",
		],
		['one of them has a PRAGMA', sql('UPDATE t SET n = 5'), sql('PRAGMA foreign_key_check')],
	])('is applied, with a notice, if %s', async (_what, applied, late) => {
		await merge(applied, late);
		const events = await run({consent: true});
		expect(events.at(-1)).toMatchObject({type: 'done', applied: [{name: older}]});
		expect(events).toContainEqual({
			type: 'notice',
			message: `${older} is older than ${newer}, which is already applied; the order makes no difference`,
		});
	});

	test.each([
		['the older one', sql('UPDATE t SET n = 5'), 'op.run(() => {});', older],
		['the newer one', 'op.run(() => {});', sql('UPDATE t SET n = 5'), newer],
	])('stops the upgrade if %s runs code, which may read and write anything', async (_which, applied, late, unknown) => {
		await merge(applied, late);
		expect(await failed({consent: true})).toMatchObject({
			code: 'history',
			message: `${older} is older than applied migrations, and the order may matter, because it is unknown which rows ${unknown} reads and writes`,
		});
	});

	test('stops the upgrade if one of its names refers to another table in this order', async () => {
		await merge("op.renameTable('log', 'diary');", sql('DELETE FROM log'));
		expect(await failed({consent: true})).toMatchObject({
			code: 'history',
			message: `${older} is older than applied migrations, and the order matters: ${older} would read or write other tables`,
		});
	});
});
