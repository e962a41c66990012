import {describe, expect, test} from 'vitest';
import {plan} from '../../../source/core/plan/plan.ts';
import {rewritePhases} from '../../../source/core/plan/rewrite-phases.ts';
import {statementsOf} from '../../../source/core/plan/statements.ts';
import type {RewriteStep} from '../../../source/core/plan/step.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {execute, executeSpelled} from '../../laws/database.ts';

function databaseWith(rows: string): Database {
	const db = openInMemory();
	db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); ${rows}`);
	return db;
}

function stepFor(db: Database, key = 'id'): RewriteStep {
	const sql = `CREATE TABLE t (${key} INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER)`;
	const [step] = plan(introspect(db), [{kind: 'changeTable', table: 't', sql, fill: key === 'id' ? {} : {[key]: 'id + 1000'}}]).steps;
	expect(step?.kind).toBe('rewrite');
	return step as RewriteStep;
}

describe('a rewrite', () => {
	test('follows the procedure of SQLite and omits phases without statements', () => {
		const phasesWith = (sql: string) => rewritePhases(stepFor(databaseWith(sql))).map(({phase}) => phase);
		expect(phasesWith('')).toEqual(['create', 'copy', 'sequence', 'drop', 'legacyOn', 'rename', 'legacyOff']);
		const all = 'CREATE INDEX i ON t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END';
		expect(phasesWith(all)).toEqual(['create', 'copy', 'sequence', 'drop', 'legacyOn', 'rename', 'legacyOff', 'indexes', 'triggers']);
	});

	test.each([
		['has a higher value than any row', `INSERT INTO t VALUES (3, '1'), (100, '2'); DELETE FROM t WHERE id = 100`, 'id', 100],
		['belongs to an empty table', `INSERT INTO t VALUES (7, '1'); DELETE FROM t`, 'id', 7],
		['was deleted', `INSERT INTO t VALUES (7, '1'); DELETE FROM sqlite_sequence`, 'id', 7],
		['is NULL', `INSERT INTO t VALUES (7, '1'); UPDATE sqlite_sequence SET seq = NULL`, 'id', 7],
		['is lower than the values of a new key', `INSERT INTO t VALUES (7, '1')`, 'number', 1007],
	])('that is printed or executed carries the same AUTOINCREMENT counter over if it %s', async (_, rows, key, counter) => {
		const [printed, executed] = [databaseWith(rows), databaseWith(rows)];
		executeSpelled(printed, statementsOf(stepFor(printed, key)));
		await execute(executed, [stepFor(executed, key)]);
		for (const db of [printed, executed]) expect(db.tuples('SELECT name, seq FROM sqlite_sequence')).toEqual([['t', counter]]);
	});
});
