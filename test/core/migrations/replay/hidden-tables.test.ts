import {expect, test} from 'vitest';

import {openDatabase} from '../../../../source/core/sqlite/open.ts';
import {apply} from '../../../../source/index.ts';
import {projectFolder, toml} from '../../../project-folder.ts';

const t = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT)';

async function end(upgrade: string): Promise<unknown> {
	const project = projectFolder({'migrate.toml': toml});
	project.migration('20260101_000000_change', upgrade);
	const db = openDatabase(project.at('app.db'), {create: true});
	db.exec(`${t}; INSERT INTO t VALUES (1, '1', 'x'); CREATE VIEW v AS SELECT a FROM t; CREATE TABLE u (id INTEGER PRIMARY KEY)`);
	db.close();
	let last: unknown;
	for await (const event of apply({database: project.at('app.db'), migrationsDir: project.at('migrations'), consent: true})) last = event;
	return last;
}

const table = `op.execute('CREATE TEMP TABLE T AS SELECT 1 AS id');`;

test.each([
	`op.addColumn('t', 'c TEXT')`,
	`op.dropColumn('t', 'b')`,
	`op.changeTable('t', '${t.replace('a TEXT', 'a INTEGER')}')`,
	`op.renameTable('t', 't2')`,
	`op.renameColumn('t', 'a', 'aa')`,
	`op.createIndex('CREATE INDEX i ON t (a)')`,
	`op.createTrigger('CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END')`,
	`op.dropTable('t')`,
	`op.addColumn('u', 'n INTEGER', {fill: '(SELECT count(*) FROM t)'})`,
])('a temporary table that hides the table of a later operation is named, and the database is unchanged: %s', async (operation) => {
	expect(await end(`${table} ${operation};`)).toMatchObject({
		type: 'failed',
		message: 'the temporary table T hides the table t of the database',
		hint: expect.stringContaining(`op.execute('DROP TABLE temp.T')`),
		state: expect.stringContaining('nothing was written'),
	});
});

test('a temporary view is named too', async () => {
	const upgrade = `op.execute('CREATE TEMP VIEW t AS SELECT 1 AS id'); op.addColumn('t', 'c TEXT');`;
	expect(await end(upgrade)).toMatchObject({message: 'the temporary view t hides the table t of the database'});
});

test.each([
	`${table} op.addColumn('u', 'c TEXT');`,
	`${table} op.execute('DROP TABLE temp.T'); op.addColumn('t', 'c TEXT');`,
	`op.addColumn('t', 'c TEXT'); ${table}`,
	`op.execute('CREATE TEMP TABLE w AS SELECT 1 AS id'); op.createTable('CREATE TABLE w (id)');`,
])('a temporary table that hides nothing that is changed later is allowed: %s', async (upgrade) => {
	expect(await end(upgrade)).toMatchObject({type: 'done'});
});
