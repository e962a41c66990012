import {describe, expect, test} from 'vitest';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import {preview} from '../../../source/core/plan/preview.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';
import {projectForEachTest} from '../../project-folder.ts';
import {runnerFor} from '../migrations/run.ts';

const project = projectForEachTest();
const {run} = runnerFor(project);

const definition = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)';
const checked = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, CHECK (a <> ''))";
const converted = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER)';

describe('the most expensive strategy', () => {
	test.each<[string, readonly Operation[]]>([
		[
			'index',
			[
				{kind: 'changeTable', table: 't', sql: checked, fill: {}},
				{kind: 'createIndex', sql: 'CREATE INDEX t_a ON t (a)'},
			],
		],
		[
			'rewrite',
			[
				{kind: 'changeTable', table: 't', sql: converted, fill: {}},
				{kind: 'renameTable', table: 't', to: 'u'},
			],
		],
		[
			'drop',
			[
				{kind: 'changeTable', table: 't', sql: converted, fill: {}},
				{kind: 'dropTable', table: 't'},
			],
		],
	])('of a table is %s in the preview', (strategy, operations) => {
		const db = openInMemory();
		db.exec(definition);
		const from = introspect(db);
		expect(preview(from, operations, plan(from, operations)).map((object) => object.strategy)).toEqual([strategy]);
	});

	test.each([
		['t: new index over 1 row', `op.changeTable('t', "${checked}"); op.createIndex('CREATE INDEX t_a ON t (a)')`],
		['t: drop of 1 row', `op.changeTable('t', '${converted}'); op.dropTable('t')`],
	])('decides the summary of a run: %s', async (summary, upgrade) => {
		project.exec(`${definition}; INSERT INTO t VALUES (1, 'x')`);
		project.migration('1_a', upgrade);
		const events = await run({consent: true, backup: 'never'});
		expect(events.flatMap((event) => (event.type === 'migrationDone' ? [event.summary] : []))).toEqual([summary]);
	});
});
