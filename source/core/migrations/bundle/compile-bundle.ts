import {cursorOver, isWord} from '../../ddl/cursor.ts';
import {tokenName} from '../../ddl/lexer.ts';
import {mentionedNames} from '../../ddl/statements/mentioned-names.ts';
import {MigrError} from '../../errors.ts';
import {TableNames} from '../../operations/table-names.ts';
import {statementsOf} from '../../plan/statements.ts';
import type {Bundle, BundledMigration, LossStatement, Needs, Script, Statement} from '../../runtime/bundle.ts';
import {isHarmless} from '../../runtime/stored-script.ts';
import {literal, nameKey, quoted} from '../../schema/identifiers.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import {compile, type Precondition} from '../../script/compile.ts';
import {type EngineFeatures, engineFeatures} from '../../script/engine-features.ts';
import {columnsOf} from '../../script/limits.ts';
import {ScriptNames} from '../../script/names.ts';
import {tableShapePartsQuery, tableShapesQuery} from '../../script/table-shapes.ts';
import type {Database} from '../../sqlite/database.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {memoryCopy} from '../../sqlite/memory-copy.ts';
import {clean} from '../../text/clean.ts';
import {StatementWatch} from '../effects/statement-watch.ts';
import type {WriteRecord} from '../effects/write-record.ts';
import type {MigrationFile} from '../files/list.ts';
import type {Migration} from '../files/migration.ts';
import type {MigrationSource} from '../files/source.ts';
import {squashedBy} from '../history/squashed.ts';
import {storedDowngrade} from '../history/stored-downgrade.ts';
import {type MigrationRun, type ReplayedRun, replayRun} from '../replay/replay.ts';
import {CreatedBy} from './created-by.ts';
import {deviceOperations, requireTransaction} from './device-limits.ts';
import {type LossChecks, lossChecks, storageOfAll} from './loss-checks.ts';

/** A bundle, and the migrations that not every device can run. */
export interface CompiledBundle {
	readonly bundle: Bundle;
	/** Migrations that cannot be undone on a device, with the reason. Not those without a downgrade. */
	readonly withoutDown: readonly {readonly name: string; readonly reason: string}[];
}

/**
 * Compiles all migrations of a source, each to its own script. They are replayed from an empty schema in memory, so the bundle depends on the files
 * alone.
 *
 * @throws MigrError `plan` if a device cannot run a migration, with file and line, or any error of a replay
 */
export async function compileBundle(source: MigrationSource): Promise<CompiledBundle> {
	const {chain, whole} = filesOf(source.list());
	const db = memoryCopy(emptySchema);
	const compiled: BundledMigration[] = [];
	const withoutDown: {readonly name: string; readonly reason: string}[] = [];
	try {
		db.exec('PRAGMA foreign_keys = OFF; BEGIN');
		let creators = new CreatedBy();
		for (const file of chain) {
			const migration = await source.load(file);
			requireTransaction(migration);
			const up = await compileOne(
				db,
				{name: migration.name, path: migration.path, operations: deviceOperations(migration.upgrade, migration)},
				creators,
			);
			creators = creators.after(up.record, up.replayed.performed.after, mayFindTables(migration) ? null : migration.name);
			const down = await downOf(db, migration);
			if ('reason' in down && migration.downgrade !== undefined) withoutDown.push({name: migration.name, reason: down.reason});
			compiled.push(bundled(file, migration, {script: up.script, tables: up.tables}, 'script' in down ? down.script : null));
		}
	} finally {
		db.close();
	}
	for (const file of whole) {
		const parts = new Set(squashedBy(file));
		const tables = new Set(compiled.filter(({name}) => parts.has(name)).flatMap((part) => part.tables));
		compiled.push(bundled(file, await source.load(file), {script: null, tables: [...tables].sort()}, null));
	}
	return {bundle: {format: 1, migrations: compiled.sort((a, b) => (a.name < b.name ? -1 : 1))}, withoutDown};
}

/**
 * Returns the files that are replayed one after the other, and the squashes that are not needed, because all migrations that they replace exist. If
 * one of these is missing, the squash is replayed.
 */
function filesOf(files: readonly MigrationFile[]): {readonly chain: readonly MigrationFile[]; readonly whole: readonly MigrationFile[]} {
	const names = new Set(files.map(({name}) => name));
	const squashes = files.filter((file) => squashedBy(file).length > 0);
	const whole = squashes.filter((file) => squashedBy(file).every((part) => names.has(part)));
	const parts = new Set(squashes.filter((file) => !whole.includes(file)).flatMap(squashedBy));
	return {chain: files.filter((file) => !whole.includes(file) && !parts.has(file.name)), whole};
}

function bundled(
	file: MigrationFile,
	migration: Migration,
	{script, tables}: {readonly script: Script | null; readonly tables: readonly string[]},
	down: Script | null,
): BundledMigration {
	const replaces = squashedBy(file);
	return {
		name: file.name,
		checksum: file.checksum,
		...(replaces.length === 0 ? {} : {replaces}),
		tables,
		up: script,
		downgrade: storedDowngrade(migration),
		down,
	};
}

/** Compiles the downgrade of the migration that was just replayed. The copy is unchanged afterwards. */
async function downOf(db: Database, migration: Migration): Promise<{readonly script: Script} | {readonly reason: string}> {
	const {name, path, downgrade} = migration;
	if (downgrade === undefined) return {reason: 'it has no downgrade'};
	const stored: unknown = JSON.parse(storedDowngrade(migration));
	if (!Array.isArray(stored)) return {reason: (stored as {readonly reason: string}).reason};
	db.exec('SAVEPOINT lite_migr_down');
	try {
		const {script} = await compileOne(db, {name, path, operations: deviceOperations(downgrade, migration)}, undefined);
		const refused = script.statements.map((one) => (typeof one === 'string' ? one : one.sql)).find((sql) => !isHarmless(sql));
		return refused === undefined ? {script} : {reason: `the history cannot store this statement: ${clean(refused.slice(0, 100))}`};
	} catch (error) {
		if (error instanceof MigrError) return {reason: error.message};
		throw error;
	} finally {
		db.exec('ROLLBACK TO lite_migr_down; RELEASE lite_migr_down');
	}
}

interface CompiledMigration {
	readonly script: Script;
	readonly tables: readonly string[];
	readonly record: WriteRecord;
	readonly replayed: ReplayedRun;
}

async function compileOne(db: Database, run: MigrationRun, creators: CreatedBy | undefined): Promise<CompiledMigration> {
	const before = introspect(db);
	const shapes = db.tuples(tableShapePartsQuery()).map(([table, part]) => [String(table), String(part)] as const);
	const storage = run.operations.some(({kind}) => kind === 'execute') ? storageOfAll(db, before) : undefined;
	const watch = new StatementWatch(db, new TableNames(before));
	const replayed = await replayRun(db, run, watch, {portable: true});
	const {record} = watch;
	const {scriptSteps, performed} = replayed;
	const names = new ScriptNames([before, ...scriptSteps.map(({schema}) => schema), performed.after]);
	const checks = lossChecks({db, operations: run.operations, replayed, record, storage, names, creators: creators ?? new CreatedBy()});
	const tables = tablesOf(replayed, record);
	const preconditions = [...sameTables(shapes, replayed, record, before), ...keysWithoutValue(replayed)];
	return {script: scriptOf(run, replayed, checks, preconditions), tables, record, replayed};
}

/** The features that a script may use, from those available everywhere to those of only some engines. */
const attempts: readonly EngineFeatures[] = [
	{...engineFeatures.sqlite, foreignKeysOff: false, legacyAlterTable: false},
	{...engineFeatures.sqlite, foreignKeysOff: false, legacyAlterTable: true},
	{...engineFeatures.sqlite, foreignKeysOff: true, legacyAlterTable: false},
	engineFeatures.sqlite,
];

function scriptOf(run: MigrationRun, {scriptSteps, performed}: ReplayedRun, checks: LossChecks, preconditions: readonly Precondition[]): Script {
	// The compiler handles text only. A number in front finds the statement again.
	const marked = new Map<string, LossStatement>();
	const mark = (statement: LossStatement) => {
		const text = `/*${marked.size}*/${statement.sql}`;
		marked.set(text, statement);
		return text;
	};
	const [before, after] = [checks.before.map(mark), checks.after.map(mark)];
	const section = {name: clean(run.name), steps: scriptSteps, after: performed.after, record: after};
	let refused: unknown;
	for (const features of attempts) {
		try {
			const parts = compile({setup: [], preconditions, before, sections: [section]}, features);
			const statements = parts.flatMap((part) => part.statements).map((sql): Statement => marked.get(sql) ?? sql);
			const needs = needsOf(statements, checks, features);
			return {...(needs === undefined ? {} : {needs}), statements};
		} catch (error) {
			if (!(error instanceof MigrError) || error.code !== 'plan') throw error;
			refused = error;
		}
	}
	throw refused;
}

function needsOf(statements: readonly Statement[], checks: LossChecks, features: EngineFeatures): Needs | undefined {
	const texts = statements.map((one) => (typeof one === 'string' ? one : one.sql));
	const bytes = Math.max(0, ...texts.map((sql) => Buffer.byteLength(sql)));
	const columns = Math.max(checks.columns, ...texts.map(columnsOf));
	const modules = [...new Set(texts.flatMap(moduleOf))].sort();
	const needs: Needs = {
		...(features.foreignKeysOff ? {foreignKeysOff: true} : {}),
		...(features.legacyAlterTable ? {legacyAlterTable: true} : {}),
		...(bytes > engineFeatures.d1.maxStatementBytes ? {statementBytes: bytes} : {}),
		...(columns > engineFeatures.d1.maxColumns ? {columns} : {}),
		...(modules.length === 0 ? {} : {modules}),
	};
	return Object.keys(needs).length === 0 ? undefined : needs;
}

function moduleOf(sql: string): readonly string[] {
	if (!/^\s*CREATE\s+VIRTUAL/i.test(sql)) return [];
	const {tokens} = cursorOver(sql);
	const module = tokens[tokens.findIndex((token) => isWord(token, 'USING')) + 1];
	return module === undefined ? [] : [nameKey(tokenName(module))];
}

/** Returns the precondition that the tables of a migration have the columns, indexes, triggers and foreign keys that its script was written for. */
function sameTables(
	shapes: readonly (readonly [table: string, part: string])[],
	{scriptSteps}: ReplayedRun,
	record: WriteRecord,
	before: Schema,
): readonly Precondition[] {
	const used = new Set(scriptSteps.flatMap(({step, writes = {tables: []}}) => [nameKey(step.object), ...writes.tables]));
	for (const {origin} of record.touched) if (origin !== null) used.add(nameKey(origin));
	const tables = before.tables.map(({name}) => name).filter((name) => used.has(nameKey(name)));
	if (tables.length === 0) return [];
	const names = new Set(tables.map(nameKey));
	const parts = shapes.filter(([table]) => names.has(nameKey(table))).map(([, part]) => part);
	const message = 'the script was written for tables with other columns, indexes, triggers or foreign keys';
	return [{message: `${message}: ${tables.map(clean).join(', ')}`, fails: `(${tableShapesQuery(tables)}) IS NOT ${literal(parts.join('\n'))}`}];
}

/** Returns the preconditions for rows without a value in a new INTEGER PRIMARY KEY: SQLite would generate one. */
function keysWithoutValue({performed}: ReplayedRun): readonly Precondition[] {
	return performed.hazards.flatMap(({hazard, origin}) =>
		hazard.kind === 'nullKey' && origin !== null
			? [
					{
						message: `rows of ${origin.table} have no value in their new primary key`,
						// The condition may end with a comment.
						fails: `EXISTS (SELECT 1 FROM ${quoted(origin.table)} WHERE ${hazard.where}\n)`,
					},
				]
			: [],
	);
}

/** Returns the tables and views that a migration may read or change, under all names that they have in it, in lower case. */
function tablesOf({scriptSteps, performed}: ReplayedRun, {names, start}: WriteRecord): readonly string[] {
	const schemas = [performed.before, ...scriptSteps.map(({schema}) => schema), performed.after];
	const known = new Set(schemas.flatMap(({tables, virtualTables, views}) => [...tables, ...virtualTables, ...views].map(({name}) => nameKey(name))));
	const used = new Set<string>();
	const use = (found: Iterable<string>) => {
		for (const name of found) if (known.has(nameKey(name))) used.add(nameKey(name));
	};
	for (const {step, writes} of scriptSteps) {
		use([step.object, ...('table' in step && step.table !== undefined ? [step.table] : []), ...(writes?.tables ?? [])]);
		for (const sql of statementsOf(step)) use(mentionedNames(sql));
	}
	for (const pair of names.renames) use(pair);
	use(start.flatMap(({isDropped, origin}) => (isDropped && origin !== null ? [origin] : [])));
	for (let size = -1; size !== used.size; ) {
		size = used.size;
		for (const {views, triggers} of schemas) {
			for (const {name, mentions} of views) if (used.has(nameKey(name))) use(mentions);
			for (const {table, mentions} of triggers) if (used.has(nameKey(table))) use(mentions);
		}
	}
	return [...used].sort();
}

/** True if a migration may find a table that it would create: the table can have rows from before lite-migr. */
function mayFindTables({upgrade}: Migration): boolean {
	return upgrade.some((operation) => 'sql' in operation && /^CREATE\b.*\bIF\s+NOT\s+EXISTS\b/is.test(operation.sql));
}
