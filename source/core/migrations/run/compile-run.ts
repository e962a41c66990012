import {MigrError} from '../../errors.ts';
import {foreignKeyGuard, needsForeignKeyGuard} from '../../plan/foreign-key-guard.ts';
import {statementsOf} from '../../plan/statements.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {identifier, literal, nameKey} from '../../schema/identifiers.ts';
import {compile, type Precondition, type ScriptPart} from '../../script/compile.ts';
import type {EngineFeatures} from '../../script/engine-features.ts';
import {requireWithinLimits} from '../../script/limits.ts';
import type {PrintedGroup} from '../../script/print.ts';
import {tableShapesQuery} from '../../script/table-shapes.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {historyStatements} from '../history/history.ts';
import {wranglerRecord} from '../history/wrangler-history.ts';
import type {ApplyOptions} from './apply-options.ts';
import type {PreparedMigration, PreparedRun} from './prepared-run.ts';

export interface ScriptOfRun {
	/** The database of the run, or a copy of it: its history is the precondition. */
	readonly db: Database;
	/** A portable run. */
	readonly prepared: PreparedRun;
	readonly options: ApplyOptions;
	readonly features: EngineFeatures;
	/** The name of the engine, for messages. */
	readonly engine: string;
	/** Preconditions besides the history. */
	readonly preconditions?: readonly Precondition[];
}

/**
 * Compiles a run to groups of statements: one transaction, unless a migration runs outside it.
 *
 * @throws MigrError `plan` if the engine cannot run it
 */
export function compileRun({db, prepared, options, features, engine, preconditions: others = []}: ScriptOfRun): readonly PrintedGroup[] {
	const first = {
		setup: options.direction === 'upgrade' ? historyStatements(db, options.wranglerTable) : [],
		preconditions: [sameHistory(db, options.wranglerTable ?? historyTable), ...sameTables(db, prepared), ...others],
		before: prepared.state.renamed.map(({from, to}) => `UPDATE ${historyTable} SET name = ${literal(to)} WHERE name = ${literal(from)}`),
	};
	const grouped = groupsOf(prepared.migrations);
	const groups = grouped.map((group, index): PrintedGroup => {
		if (!group.isTransaction) return {isTransaction: false, parts: group.migrations.flatMap(alone)};
		const later = {setup: [], preconditions: [earlierRecorded(db, grouped.slice(0, index), options)], before: []};
		const {setup, preconditions, before} = index === 0 ? first : later;
		const records = group.recordedBefore.map((migration) => recordOf(migration, options));
		const sections = group.migrations.map((migration) => ({
			name: clean(migration.name),
			steps: migration.scriptSteps,
			after: migration.after,
			record: [recordOf(migration, options)],
		}));
		return {isTransaction: true, parts: compile({setup, preconditions, before: [...before, ...records], sections}, features)};
	});
	requireWithinLimits(
		groups.flatMap(({parts}) => parts.flatMap((part) => part.statements)),
		features,
		engine,
	);
	return groups;
}

/** @throws MigrError `plan` for a migration that cannot be part of one atomic batch */
export function requireOneBatch(migrations: readonly Pick<PreparedMigration, 'name' | 'path' | 'steps' | 'transaction'>[], engine: string): void {
	for (const {name, path, steps, transaction} of migrations) {
		if (steps.some(({kind}) => kind === 'run')) {
			throw new MigrError('plan', `${name} contains code (op.run), which ${engine} cannot run`, {
				location: {file: path},
				hint: 'write the change as SQL with op.execute',
			});
		}
		if (!transaction) {
			throw new MigrError('plan', `${name} runs outside a transaction, which ${engine} cannot do`, {
				location: {file: path},
				hint: 'remove transaction = false from the migration, or run its statements by hand',
			});
		}
	}
}

interface Group {
	readonly isTransaction: boolean;
	readonly migrations: readonly PreparedMigration[];
	/** Migrations of the group before, which ran outside a transaction and are recorded in this one. */
	readonly recordedBefore: readonly PreparedMigration[];
}

/** Returns the migrations in groups that run together. The first and the last group are transactions. */
function groupsOf(migrations: readonly PreparedMigration[]): readonly Group[] {
	const groups: Group[] = [];
	let together: PreparedMigration[] = [];
	let recordedBefore: PreparedMigration[] = [];
	for (const migration of migrations) {
		if (migration.transaction) {
			together.push(migration);
			continue;
		}
		groups.push({isTransaction: true, migrations: together, recordedBefore}, {isTransaction: false, migrations: [migration], recordedBefore: []});
		[together, recordedBefore] = [[], [migration]];
	}
	return [...groups, {isTransaction: true, migrations: together, recordedBefore}];
}

/** Returns a migration that runs outside a transaction. Its statements commit one by one, so they cannot be guarded, except against foreign keys. */
function alone({name, steps, before, after}: PreparedMigration): readonly ScriptPart[] {
	const guard = needsForeignKeyGuard(steps, [before, after])
		? [{comment: 'The next three statements fail if foreign keys are on.', statements: foreignKeyGuard}]
		: [];
	return [...guard, {comment: clean(name), statements: steps.flatMap(statementsOf)}];
}

/** Returns the precondition that the groups before have been applied, for programs that continue after an error. */
function earlierRecorded(db: Database, before: readonly Group[], {direction, wranglerTable = historyTable}: ApplyOptions): Precondition {
	const recorded = before.reduce(
		(sum, {isTransaction, migrations, recordedBefore}) => sum + (isTransaction ? migrations.length + recordedBefore.length : 0),
		0,
	);
	const rows = historyOf(db, wranglerTable).length + (direction === 'upgrade' ? recorded : -recorded);
	return {message: 'an earlier part of this script was not applied', fails: `(SELECT count(*) FROM ${identifier(wranglerTable)}) <> ${rows}`};
}

/** Returns the names in the history, in the order of its rows. */
function historyOf(db: Database, history: string): readonly string[] {
	const hasHistory = db.value("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", history) !== undefined;
	return hasHistory ? db.tuples(`SELECT name FROM ${identifier(history)} ORDER BY id`).map(([name]) => String(name)) : [];
}

/** Returns the precondition that the history is still the one that the script was written for. */
function sameHistory(db: Database, history: string): Precondition {
	const table = identifier(history);
	const names = historyOf(db, history);
	const last = names.at(-1);
	const expected = last === undefined ? 'a database without migrations' : `a database at ${last}, its migration number ${names.length}`;
	const isLast = last === undefined ? '' : ` OR (SELECT name FROM ${table} ORDER BY id DESC LIMIT 1) IS NOT ${literal(last)}`;
	return {message: `this script was written for ${clean(expected)}`, fails: `(SELECT count(*) FROM ${table}) <> ${names.length}${isLast}`};
}

/** Returns the precondition that the tables of the run still have the columns, indexes, triggers and foreign keys that the script was written for. */
function sameTables(db: Database, {migrations, touched, present}: PreparedRun): readonly Precondition[] {
	const steps = migrations.flatMap(({scriptSteps}) => scriptSteps);
	const names = new Set(steps.flatMap(({step, writes = {tables: []}}) => [nameKey(step.object), ...writes.tables]));
	const tables = present.tables.map(({name}) => name).filter((name) => touched === 'all' || touched.has(nameKey(name)) || names.has(nameKey(name)));
	if (tables.length === 0) return [];
	const query = tableShapesQuery(tables);
	const value = db.value(query);
	const expected = value === null || value === undefined ? 'NULL' : literal(String(value));
	return [
		{message: 'this script was written for tables with other columns, indexes, triggers or foreign keys', fails: `(${query}) IS NOT ${expected}`},
	];
}

function recordOf({name, checksum, downgrade = ''}: PreparedMigration, {direction, toolVersion, wranglerTable}: ApplyOptions): string {
	if (wranglerTable !== undefined) return wranglerRecord(wranglerTable, name, direction);
	if (direction === 'downgrade') return `DELETE FROM ${historyTable} WHERE name = ${literal(name)}`;
	const values = [...[name, checksum, toolVersion].map(literal), '0', literal(downgrade)].join(', ');
	return `INSERT INTO ${historyTable} (name, checksum, tool_version, adopted, downgrade) VALUES (${values})`;
}
