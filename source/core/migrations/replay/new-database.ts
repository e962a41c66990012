import {changesSchema} from '../../ddl/statements/changes-schema.ts';
import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import {type ErrorLocation, MigrError, restated} from '../../errors.ts';
import {TableNames} from '../../operations/table-names.ts';
import type {ExecuteStep, Step} from '../../plan/step.ts';
import {literal} from '../../schema/identifiers.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import {readConnectionState, resetConnection} from '../../sqlite/connection-state.ts';
import type {Database} from '../../sqlite/database.ts';
import {executeStep} from '../../sqlite/execute-step.ts';
import {introspect} from '../../sqlite/introspect.ts';
import {memoryCopy} from '../../sqlite/memory-copy.ts';
import {parkedSchema} from '../../sqlite/parked-schema.ts';
import type {StepContext, StepResult, StepRun} from '../../sqlite/step-context.ts';
import {attempt} from '../../sqlite/step-error.ts';
import {reassertSettings} from '../../sqlite/transaction.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/numbers.ts';
import {StatementWatch} from '../effects/statement-watch.ts';
import type {Migration} from '../files/migration.ts';
import {placeOfBrokenDefinition} from './broken-definition.ts';
import {type PerformOptions, perform} from './perform.ts';
import {checkReadAgain} from './target-check.ts';

/** The result of running all migrations on an empty database. */
export interface NewDatabase {
	/** The schema that they build. Undefined if a schema change fails. */
	readonly schema: Schema | undefined;
	/** Why `upgrade` cannot build a new database, in the order of the migrations, each with its file and line. Empty if it can. */
	readonly problems: readonly MigrError[];
}

/**
 * Builds a new database in memory from migrations, with the settings of `upgrade`. Unlike `replayFromNothing`, it also executes statements about rows,
 * because the tables they use must exist. If such a statement fails, it continues, to find all failing statements.
 *
 * Code (`op.run`) is not executed, because it may have side effects. From the first migration with code on, the rows are unknown, so statements about
 * rows are only compiled.
 */
export async function buildNewDatabase(
	migrations: readonly Migration[],
	{from = emptySchema, onDone}: NewDatabaseOptions = {},
): Promise<NewDatabase> {
	const problems: MigrError[] = [];
	const firstCode = migrations.findIndex(({upgrade}) => upgrade.some(({kind}) => kind === 'run'));
	const exact = firstCode === -1 ? migrations : migrations.slice(0, firstCode);
	const rest = migrations.slice(exact.length);
	const built = await buildOn(from, exact, {problems, onDone, execute: (step, context) => executeStep(step, context)});
	if (built === undefined || rest.length === 0) return {schema: built, problems};
	return {schema: await buildOn(built, rest, {problems, onDone, execute: compileStep}), problems};
}

export interface NewDatabaseOptions {
	/** The schema that earlier migrations have built without rows. Default: empty. */
	readonly from?: Schema;
	/** Called with the database after the last migration. */
	readonly onDone?: ((db: Database) => void) | undefined;
}

const nothing: StepResult = {rows: null};

type Executor = (step: Step, context: StepContext) => StepRun;

/** Returns the schema afterwards. Undefined if a migration failed: its error is then the last of `problems`. */
async function buildOn(
	from: Schema,
	migrations: readonly Migration[],
	{problems, onDone, execute}: {readonly problems: MigrError[]; readonly execute: Executor} & Pick<NewDatabaseOptions, 'onDone'>,
): Promise<Schema | undefined> {
	const db = memoryCopy(from);
	try {
		db.exec('PRAGMA foreign_keys = OFF; BEGIN');
		reassertSettings(db);
		const state = readConnectionState(db);
		let before = introspect(db);
		const watch = new StatementWatch(db, new TableNames(before));
		const parked = parkedSchema(db);
		for (const migration of migrations) {
			try {
				before = await performOne(db, migration, {execute, before, watch, parked, report: (problem) => problems.push(problem)});
			} catch (error) {
				if (!(error instanceof MigrError)) throw error;
				problems.push(withFix(placed(error, migration)));
				return undefined;
			}
			// Operations leave the connection unchanged.
			if (!migration.upgrade.some(({kind}) => kind === 'execute')) continue;
			parked.restore();
			resetConnection(db, state);
		}
		parked.restore();
		problems.push(...orphansIn(db));
		onDone?.(db);
		const read = introspect(db);
		try {
			checkReadAgain(read, before);
		} catch (error) {
			if (!(error instanceof MigrError)) throw error;
			problems.push(error);
			return undefined;
		}
		return read;
	} finally {
		db.close();
	}
}

async function performOne(
	db: Database,
	{upgrade, transaction}: Migration,
	{
		execute,
		report,
		before,
		watch,
		parked,
	}: {readonly execute: Executor; readonly report: (problem: MigrError) => void} & Required<Pick<PerformOptions, 'before' | 'watch' | 'parked'>>,
): Promise<Schema> {
	const run = (step: Step, context: StepContext) => tolerantly(step, context, isOutside(step, transaction) ? skipStep : execute, report);
	const performing = perform(db, upgrade, {execute: run, parked, isComparedLater: true, before, watch, reassert: () => reassertSettings(db)});
	let next = await performing.next();
	while (next.done !== true) next = await performing.next();
	return next.value.after;
}

/** True for a statement such as BEGIN or VACUUM in a migration that runs outside the transaction. */
function isOutside(step: Step, transaction: boolean): boolean {
	return !transaction && step.kind === 'execute' && ['transaction', 'file'].includes(statementFacts(step.operation.sql).kind);
}

/** Reports a failing statement about rows and continues, because only statements about the same rows depend on it. */
async function* tolerantly(step: Step, context: StepContext, execute: Executor, report: (problem: MigrError) => void): StepRun {
	try {
		return yield* execute(step, context);
	} catch (error) {
		const isAboutRows = step.kind === 'execute' && !changesSchema(step.operation.sql);
		if (!isAboutRows || !(error instanceof MigrError) || !context.db.inTransaction) throw error;
		const details = [clean(oneLine(step.operation.sql)), ...error.details];
		report(withFix(restated(error, {location: {...step.operation.origin, ...error.location}, details})));
		return nothing;
	}
}

/** Executes schema changes, and only compiles every other statement. */
async function* compileStep(step: Step, context: StepContext): StepRun {
	if (step.kind === 'run') return nothing;
	if (step.kind !== 'execute' || changesSchema(step.operation.sql))
		return yield* executeStep(step, {...context, isCopy: true, hasExtension: () => false});
	return compile(step, context.db);
}

async function* skipStep(): StepRun {
	yield* [];
	return nothing;
}

/** Compiles a data statement with `EXPLAIN`, which executes nothing. It would execute a PRAGMA. */
function compile({operation}: ExecuteStep, db: Database): StepResult {
	if (statementFacts(operation.sql).kind === 'data') {
		attempt(db.path, 'compiling the statement', () => db.all(`EXPLAIN ${operation.sql}`, ...operation.parameters));
	}
	return nothing;
}

function placed(error: MigrError, {path, upgrade}: Migration): MigrError {
	if (error.location?.file !== undefined) return error;
	const place = error.code === 'syntax' ? placeOfBrokenDefinition(upgrade, error.location ?? {}) : undefined;
	return restated(error, {location: place ?? ({...error.location, file: path} satisfies ErrorLocation)});
}

/** Returns an error for each table with rows without a parent row, because the last check of a run rejects them. */
function orphansIn(db: Database): readonly MigrError[] {
	return introspect(db).tables.flatMap(({name, foreignKeys}) => {
		const rows = foreignKeys.length === 0 ? 0 : countOrphans(db, name);
		if (rows === 0) return [];
		return new MigrError('migration', `the migrations would leave ${plural(rows, 'row')} in ${clean(name)} without a parent row`, {
			location: {table: name},
			hint: 'insert the parent rows in the migration that inserts these rows',
		});
	});
}

/** Returns 0 if the parent columns are not unique, because such a key cannot be checked: https://www.sqlite.org/foreignkeys.html#fk_schemaerrors. */
function countOrphans(db: Database, table: string): number {
	try {
		return Number(db.value('SELECT count(DISTINCT rowid) FROM pragma_foreign_key_check(?)', table));
	} catch {
		return 0;
	}
}

function oneLine(sql: string): string {
	const line = sql.trim().replace(/\s+/g, ' ');
	return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

/** Adds a hint for SQL that runs in other programs, but not in lite-migr's SQLite. */
function withFix(error: MigrError): MigrError {
	const {message, details} = error;
	const text = /^no such column: "(.+)" - should this be a string literal/s.exec(message)?.[1];
	if (text !== undefined) {
		const value = clean(literal(text));
		return restated(error, {
			hint: `write ${value} for the text, or NULL. Column ${clean(text)} does not exist, and only other programs let SQLite read "${clean(text)}" as text`,
		});
	}
	const name = /^no such function: (.+)$/s.exec(message)?.[1];
	if (name !== undefined) {
		return restated(error, {
			hint: `remove the statement, because a new database has no old rows, or write it without ${clean(name)}(), which is a function of another program`,
		});
	}
	// SQLite before 3.53 has no ALTER COLUMN at all.
	if (/^near "(?:TO|ALTER)"/.test(message) && details.some((line) => /\bALTER\s+COLUMN\b/i.test(line))) {
		return restated(error, {
			hint: 'create a new table, copy the rows with INSERT INTO … SELECT, drop the old table and rename the new one: ALTER COLUMN … TO is an extension of libSQL',
		});
	}
	return error;
}
