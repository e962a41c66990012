import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {diff} from '../../../source/core/diff/diff.ts';
import {checkTarget} from '../../../source/core/migrations/replay/target-check.ts';
import {plan} from '../../../source/core/plan/plan.ts';
import {introspect} from '../../../source/core/sqlite/introspect.ts';
import {execute} from '../../laws/database.ts';
import {fixtures, readCase} from './golden-case.ts';
import {keptTables, keptValues} from './kept-values.ts';
import {planText} from './plan-text.ts';

const cases = readdirSync(fixtures, {withFileTypes: true})
	.filter((entry) => entry.isDirectory())
	.map(({name}) => name)
	.toSorted();

/** `UPDATE_PLANS=1 npx vitest run test/core/plan` rewrites the expected plans. Then review `git diff test/fixtures`. */
const isUpdate = process.env.UPDATE_PLANS === '1';

describe('golden plans', () => {
	test.each(cases)('%s', async (name) => {
		const {decisions, sqliteVersion, models, build} = readCase(name);
		const db = build();
		const from = introspect(db);
		const {operations, questions} = diff(from, models, decisions);
		expect(questions).toEqual([]);
		const planned = plan(from, operations, sqliteVersion === undefined ? {} : {sqliteVersion});
		const kept = keptTables(from, models, operations);
		const before = keptValues(db, kept, 'before');

		// An older SQLite than the newest known one runs another plan, to the same schema.
		const runnable = plan(from, operations, {sqliteVersion: sqliteVersion ?? db.sqliteVersion});
		await execute(db, runnable.steps, () => checkTarget(runnable, introspect(db)));

		expect(diff(introspect(db), models).operations).toEqual([]);
		expect(keptValues(db, kept, 'after')).toEqual(before);
		expect(db.tuples('PRAGMA integrity_check')).toEqual([['ok']]);
		expect(db.all('PRAGMA foreign_key_check')).toEqual([]);
		const text = planText(operations, planned, db);
		db.close();
		const file = join(fixtures, name, 'plan.txt');
		if (isUpdate) writeFileSync(file, text);
		expect(text).toBe(readFileSync(file, 'utf8'));
	});

	test('never copy a table twice', () => {
		for (const name of cases) {
			const {decisions, sqliteVersion, models, build} = readCase(name);
			const db = build();
			const from = introspect(db);
			const {steps} = plan(from, diff(from, models, decisions).operations, sqliteVersion === undefined ? {} : {sqliteVersion});
			db.close();
			const copied = steps.filter(({kind}) => kind === 'rewrite').map(({object}) => object);
			expect(new Set(copied).size, name).toBe(copied.length);
		}
	});
});
