import {readFileSync, writeFileSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {diff} from '../../source/core/diff/diff.ts';
import {MigrError} from '../../source/core/errors.ts';
import {StatementWatch} from '../../source/core/migrations/effects/statement-watch.ts';
import {foreignKeyViolations, newViolations} from '../../source/core/migrations/preflight/foreign-key-check.ts';
import {replay} from '../../source/core/migrations/replay/replay.ts';
import type {Operation} from '../../source/core/operations/operation.ts';
import {TableNames} from '../../source/core/operations/table-names.ts';
import {plan} from '../../source/core/plan/plan.ts';
import {statementsOf} from '../../source/core/plan/statements.ts';
import {quoted} from '../../source/core/schema/identifiers.ts';
import type {Schema, Table} from '../../source/core/schema/schema.ts';
import {compile} from '../../source/core/script/compile.ts';
import {type EngineFeatures, engineFeatures} from '../../source/core/script/engine-features.ts';
import type {Database} from '../../source/core/sqlite/database.ts';
import {introspect} from '../../source/core/sqlite/introspect.ts';
import {bytesOf, openBytes} from './bytes.ts';
import {broken, checkResult, fixedUntilItFits, remember, stepsText, type Upgrade} from './check-laws.ts';
import {type Expectation, type Rows, readRows} from './contents.ts';
import {buildDatabase, execute, schemaOfSql, sqlOfModel} from './database.ts';
import type {Case} from './generate/case.ts';

/** Runs a script in one transaction with foreign keys on, and returns the database. */
export interface ScriptRunner {
	(db: Database, script: readonly string[]): Database | Promise<Database>;
	/** Set for a SQLite of another version, which may compare a REAL child with an INTEGER parent differently. */
	readonly hasOtherSqlite?: true;
	/** Runs statements in the same way, but with foreign keys off. */
	readonly local?: ScriptRunner;
	/** Set if its SQLite writes a REAL as another text, so a fill such as `length(x)` has another value there. */
	readonly writesOtherReals?: boolean;
	/** Set if the script runs without its shields, so its guards must stop it. */
	readonly isAblation?: true;
}

/**
 * What became of a case: the script kept everything, was refused before it ran, failed because rows would have no parent row, or was stopped by another
 * guard. `unwritable`: SQLite cannot run an UPDATE of a child while it has a BEFORE UPDATE trigger, so the script fails and changes nothing.
 */
export type Outcome = 'kept' | 'refused' | 'orphans' | 'stopped' | 'unwritable';

/** Checks that the guarded script gives the same schema and rows with foreign keys on as an upgrade. Throws if it does not. */
export async function checkScript(one: Case, run: ScriptRunner, features: Partial<EngineFeatures>): Promise<Outcome> {
	const {upgrade, operations, facts} = await upgradeOf(one);
	const script = await scriptOf(upgrade.from, operations, features).catch((error: unknown) => {
		throw broken(`8: the plan cannot be compiled: ${error}`, facts);
	});
	if (script === undefined) return 'refused';
	const before = buildDatabase(one, upgrade.fixes);
	const memory = remember(before, one, upgrade);
	const facing = {script: script.join(';\n'), fixes: upgrade.fixes, ...facts};
	let db: Database;
	try {
		db = await run(before, script);
	} catch (error) {
		if (String(error).includes('no parent row') && (run.hasOtherSqlite === true || (await leavesOrphans(one, upgrade, operations)))) return 'orphans';
		if (run.isAblation === true) return 'stopped';
		if (isStrictUpdateError(error, [...upgrade.from.tables, ...upgrade.to.tables])) return 'unwritable';
		throw broken(`8: the script fails with foreign keys on: ${error}`, facing);
	}
	try {
		checkResult(db, one, upgrade, memory, facing);
	} catch (error) {
		// A different SQLite may compute a different value, even without a script.
		if (run.writesOtherReals === true && memory.rows.every((expected) => isSameExceptFills(readRows(db, expected.select), expected, one)))
			return 'kept';
		if (run.local === undefined) throw error;
		const {steps} = plan(upgrade.from, operations, {sqliteVersion: one.sqliteVersion, portable: true});
		const local = await run.local(buildDatabase(one, upgrade.fixes), steps.flatMap(statementsOf));
		const rows = (each: Database) => JSON.stringify(memory.rows.map(({select}) => readRows(each, select)));
		const isSame = rows(db) === rows(local);
		local.close();
		if (!isSame) throw error;
	}
	db.close();
	return 'kept';
}

/** True if rows differ only in columns that have a fill, and there not in the type of a value. */
function isSameExceptFills(now: Rows, {select, rows}: Expectation, {decisions}: Case): boolean {
	const columns = [...select.matchAll(/typeof\(("(?:[^"]|"")*"|\w+)\)/g)].map(([, name]) => name);
	const filled = new Set(decisions.fills.map(({column}) => quoted(column)));
	return rows.every((row, index) => {
		const [expected, found] = [row.split(' | '), (now[index] ?? '').split(' | ')];
		const isSame = (value: string, at: number) =>
			value === found[at] || (filled.has(columns[at] ?? '') && value.split(' ')[0] === found[at]?.split(' ')[0]);
		return now.length === rows.length && expected.length === columns.length && found.length === columns.length && expected.every(isSame);
	});
}

/** Returns the upgrade of a case, with rows that it fits. */
export async function upgradeOf(
	one: Case,
): Promise<{readonly upgrade: Upgrade; readonly operations: readonly Operation[]; readonly facts: Record<string, unknown>}> {
	const texts = {from: sqlOfModel(one.from), to: sqlOfModel(one.to), decisions: one.decisions};
	const to = schemaOfSql(texts.to);
	const db = buildDatabase(one);
	const from = introspect(db);
	db.close();
	const {operations} = diff(from, to, one.decisions);
	const planned = plan(from, operations, {sqliteVersion: one.sqliteVersion});
	const facts = {...texts, operations, steps: stepsText(planned)};
	const fixes = await fixedUntilItFits(one, planned, facts);
	return {upgrade: {from, to, planned, fixes}, operations, facts};
}

/** Returns the script of operations, or undefined if it is refused because a foreign key cannot be enforced. */
export async function scriptOf(
	from: Schema,
	operations: readonly Operation[],
	features: Partial<EngineFeatures>,
): Promise<readonly string[] | undefined> {
	const {migrations, schema} = await replay(from, [{name: 'law', path: 'law', operations}], {portable: true});
	const steps = migrations.flatMap(({scriptSteps}) => scriptSteps);
	try {
		return compile(
			{setup: [], preconditions: [], before: [], sections: [{name: 'law', steps, after: schema, record: []}]},
			{...engineFeatures.sqlite, foreignKeysOff: false, ...features},
		).flatMap(({statements}) => statements);
	} catch (error) {
		if (error instanceof MigrError && error.message.includes('cannot be enforced')) return undefined;
		throw error;
	}
}

/** Runs statements with the connection of the tests. */
export const onBetterSqlite3: ScriptRunner = (db, script) => {
	db.exec('BEGIN IMMEDIATE');
	try {
		for (const sql of script) db.exec(sql);
		db.exec('COMMIT');
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
	}
	return db;
};

/** Runs statements with node:sqlite, through a file. */
export function onNodeSqlite(file: string): ScriptRunner {
	const runWith = (enableForeignKeyConstraints: boolean) => (db: Database, script: readonly string[]) => {
		writeFileSync(file, bytesOf(db));
		db.close();
		const other = new DatabaseSync(file, {enableForeignKeyConstraints});
		try {
			for (const sql of ['BEGIN IMMEDIATE', ...script, 'COMMIT']) other.exec(sql);
		} finally {
			other.close();
		}
		return openBytes(readFileSync(file));
	};
	return Object.assign(runWith(true), {hasOtherSqlite: true as const, local: runWith(false)});
}

/** Runs a script without the triggers that keep foreign key actions away. */
export const withoutShields: ScriptRunner = Object.assign(
	(db: Database, script: readonly string[]) =>
		onBetterSqlite3(
			db,
			script.filter((sql) => !sql.includes('_lite_migr_keep')),
		),
	{isAblation: true as const},
);

/** True if an upgrade refuses to commit, because rows would have no parent row. Its check does not know which of several keys to the same parent is violated. */
async function leavesOrphans(one: Case, {planned, from, to, fixes}: Upgrade, operations: readonly Operation[]): Promise<boolean> {
	const db = buildDatabase(one, fixes);
	const before = foreignKeyViolations(db, from, 'all');
	const watch = new StatementWatch(db, new TableNames(from));
	for (const step of planned.steps) {
		watch.record.beforeStep('law', step);
		await execute(db, [step]);
		watch.record.afterStep(step, operations);
	}
	const found = newViolations(before, foreignKeyViolations(db, to, 'all'), watch.record.names);
	db.close();
	return found.length > 0;
}

/**
 * True for an error about a generated column of a STRICT table. If the table has a BEFORE UPDATE trigger, SQLite checks the type of the column before it
 * converts the value: `g INTEGER AS (quote(a))` then fails for every UPDATE, although an INSERT succeeds.
 */
function isStrictUpdateError(error: unknown, tables: readonly Table[]): boolean {
	const name = /cannot store \w+ value in \w+ column (.+)/.exec(String(error))?.[1];
	return tables.some(
		({name: table, strict, columns}) => strict && columns.some((column) => column.generated !== undefined && name === `${table}.${column.name}`),
	);
}
