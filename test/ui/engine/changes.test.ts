import {expect, test} from 'vitest';
import {draftFindings} from '../../../source/core/migrations/preflight/findings.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import {preview} from '../../../source/core/plan/preview.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {withRows} from '../../../source/ui/engine/changes.ts';

/** Returns the changes that lose values, as `table.column`, and the tables that are marked. */
function marked(sql: string, operations: readonly Operation[]): readonly string[] {
	const db = openInMemory();
	db.exec(sql);
	const from = introspect(db);
	const planned = plan(from, operations, {sqliteVersion: db.sqliteVersion});
	const counted = withRows(preview(from, operations, planned), () => 2, {findings: draftFindings(db, planned.hazards), isExamined: () => true});
	db.close();
	return counted.flatMap(({label, isDestructive, changes}) => [
		...(isDestructive ? [label] : []),
		...changes.filter((change) => change.isDestructive).map(({subject}) => `${label}.${subject}`),
	]);
}

const tables = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT); CREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT);';
const drop = (table: string, column: string): Operation => ({kind: 'dropColumn', table, column});

test('only a dropped column with values is marked', () => {
	const rows = "INSERT INTO t VALUES (1, 'x', NULL, NULL), (2, NULL, NULL, NULL);";
	expect(marked(tables + rows, [drop('t', 'a'), drop('t', 'b')])).toEqual(['t', 't.a']);
	expect(marked(tables + rows, [drop('t', 'b'), drop('t', 'c')])).toEqual([]);
});

test('a column of another table with the same name does not matter', () => {
	const rows = "INSERT INTO t VALUES (1, 'x', 'x', 'x'); INSERT INTO u VALUES (1, NULL);";
	expect(marked(tables + rows, [drop('t', 'a'), drop('u', 'a')])).toEqual(['t', 't.a']);
});

test('a column of a renamed table is marked if it has values', () => {
	const operations: readonly Operation[] = [{kind: 'renameTable', table: 'u', to: 'w'}, drop('w', 'a')];
	expect(marked(`${tables} INSERT INTO u VALUES (1, NULL)`, operations)).toEqual([]);
	expect(marked(`${tables} INSERT INTO u VALUES (1, 'x')`, operations)).toEqual(['w', 'w.a']);
});
