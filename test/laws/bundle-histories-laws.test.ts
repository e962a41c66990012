import {rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {afterAll, describe, expect, test} from 'vitest';
import {diff} from '../../source/core/diff/diff.ts';
import {MigrError} from '../../source/core/errors.ts';
import {compileBundle} from '../../source/core/migrations/bundle/compile-bundle.ts';
import type {Operation} from '../../source/core/operations/operation.ts';
import {plan} from '../../source/core/plan/plan.ts';
import {historyTable} from '../../source/core/runtime/history-table.ts';
import {sameSchema} from '../../source/core/schema/equality.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Schema} from '../../source/core/schema/schema.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {creating, sourceOf} from './bundle-source.ts';
import {type BundleRunner, onBetterSqlite3, onNodeSqlite, recordStart} from './check-bundle.ts';
import {upgradeOf} from './check-script.ts';
import {buildDatabase, duplicateOf, execute, schemaOfSql, sqlOfModel} from './database.ts';
import {type Case, type CaseDice, caseDice, caseFrom, type NextDice, nextChange, nextDice} from './generate/case.ts';
import {allStatements, statementsOfModel} from './generate/render.ts';
import {lawSample} from './law-sample.ts';

const sample = lawSample(15, 20261130);
const {numRuns: runs} = sample;
const file = join(tmpdir(), `lite-migr-bundle-histories-${process.pid}.db`);

afterAll(() => rmSync(file, {force: true}));

type Outcome = 'same' | 'fails locally too' | 'orphans' | 'refused';

describe('a history of three releases', () => {
	test.each([
		['better-sqlite3', onBetterSqlite3],
		['node:sqlite', onNodeSqlite(file)],
	] as const satisfies readonly (readonly [string, BundleRunner])[])(
		`gives the schema and the rows of a local upgrade, one release at a time and all at once, in ${runs} generated cases: %s`,
		async (_name, run) => {
			const found: Record<Outcome, number> = {same: 0, 'fails locally too': 0, orphans: 0, refused: 0};
			await fc.assert(
				fc.asyncProperty(caseDice, nextDice, async (dice, next) => {
					found[await check(dice, next, run)] += 1;
				}),
				sample,
			);
			if (process.env.LAWS !== undefined) console.info(found);
			expect(found.same).toBeGreaterThan(0.5 * runs);
		},
		runs * 1000,
	);
});

async function check(dice: CaseDice, next: NextDice, run: BundleRunner): Promise<Outcome> {
	const one = caseFrom(dice);
	const {upgrade, operations} = await upgradeOf(one);
	const second = secondChange(one, next);
	if (second === undefined) return 'fails locally too';
	const bundle = await bundleOf([
		creating('20260101_000000_start', allStatements(statementsOfModel(one.from))),
		{name: '20260102_000000_first', upgrade: operations},
		{name: '20260103_000000_second', upgrade: second.operations},
	]);
	if (bundle === undefined) return 'refused';
	const local = buildDatabase(one, upgrade.fixes);
	recordStart(local, bundle);
	const [atOnce, step] = [duplicateOf(local), duplicateOf(local)];
	try {
		await execute(local, plan(upgrade.from, operations, {sqliteVersion: one.sqliteVersion}).steps);
		await execute(local, plan(introspect(local), second.operations, {sqliteVersion: one.sqliteVersion}).steps);
	} catch {
		local.close();
		return 'fails locally too';
	}
	const facing = JSON.stringify({from: sqlOfModel(one.from), operations, second: second.operations}, null, 1);
	const first = await runOrNull(step, {...bundle, migrations: bundle.migrations.slice(0, 2)}, run);
	const both = first === null ? null : await runOrNull(first, bundle, run);
	const all = await runOrNull(atOnce, bundle, run);
	try {
		if (both === null || all === null) {
			expect(both, `one way fails, and the other does not:\n${facing}`).toBe(all);
			return 'orphans';
		}
		expect(sameSchema(introspect(both), introspect(local)), facing).toBe(true);
		expect(rowsOf(both, second.to), facing).toEqual(rowsOf(local, second.to));
		expect(rowsOf(all, second.to), facing).toEqual(rowsOf(local, second.to));
		return 'same';
	} finally {
		for (const db of new Set([local, both, all])) db?.close();
	}
}

function secondChange(one: Case, next: NextDice): {readonly to: Schema; readonly operations: readonly Operation[]} | undefined {
	const {to: model, decisions} = nextChange(one.to, next);
	const to = schemaOfSql(sqlOfModel(model));
	const {operations, questions} = diff(schemaOfSql(sqlOfModel(one.to)), to, decisions);
	return questions.length > 0 ? undefined : {to, operations};
}

async function bundleOf(migrations: Parameters<typeof sourceOf>[0]) {
	try {
		return (await compileBundle(sourceOf(migrations))).bundle;
	} catch (error) {
		if (error instanceof MigrError) return undefined;
		throw error;
	}
}

/** Returns the migrated database, or null if rows would have no parent row, which a local upgrade refuses before it commits. */
async function runOrNull(db: Database, bundle: Parameters<BundleRunner>[1], run: BundleRunner): Promise<Database | null> {
	try {
		return (await run(db, bundle, {consent: true})).db;
	} catch (error) {
		if (error instanceof MigrError && error.message.includes('no parent row')) return null;
		throw error;
	}
}

/** Returns the rows of all tables, each value with its type, in the order of their texts. */
function rowsOf(db: Database, {tables}: Schema): Readonly<Record<string, readonly string[]>> {
	return Object.fromEntries(
		tables
			.filter(({name}) => name !== historyTable)
			.map(({name, columns, withoutRowid}) => {
				const rowid = withoutRowid
					? undefined
					: ['rowid', '_rowid_', 'oid'].find((alias) => !columns.some((column) => column.name.toLowerCase() === alias));
				const values = [...(rowid === undefined ? [] : [rowid]), ...columns.map((column) => quoted(column.name))];
				const rows = db.tuples(`SELECT ${values.map((value) => `typeof(${value}) || ' ' || quote(${value})`).join(', ')} FROM ${quoted(name)}`);
				return [name, rows.map((row) => row.join(' | ')).sort()] as const;
			}),
	);
}
