import {splitStatements} from '../ddl/split.ts';
import {statementFacts} from '../ddl/statements/statement-facts.ts';
import type {Run, SqlValue} from '../operations/operation.ts';
import type {RunDatabase, RunStatement} from '../operations/run-database.ts';
import type {RunStep} from '../plan/step.ts';
import {clean} from '../text/clean.ts';
import {thrownText} from '../text/thrown.ts';
import {fromNative, nativeOf, toNative} from './connection.ts';
import type {Database} from './database.ts';
import type {NativeStatement} from './driver/driver.ts';
import {watchForStandstill} from './event-loop.ts';
import {checkStillOpen, refuseTransactionControl} from './execute-statement.ts';
import {schemaRows} from './introspect.ts';
import type {StatementObserver, StepContext, StepResult} from './step-context.ts';
import {StepError, stepError} from './step-error.ts';
import {cancelledError} from './transaction.ts';

const doing = 'running code';

/**
 * Runs the code of `op.run` on the connection of the migration, then checks that it followed the rules: the schema is unchanged, the transaction is
 * still open, and no savepoint or temporary table is left.
 *
 * @throws StepError if the code throws anything, breaks a rule, or awaits a promise that can never settle
 */
export async function runCode({db, signal, observer, inTransaction = true}: StepContext, {operation}: RunStep): Promise<StepResult> {
	const schemaBefore = snapshot(db);
	const handle = openHandle(db, inTransaction, observer);
	try {
		await settled(operation.run, handle.db, signal);
	} catch (error) {
		throw stepError(db.path, doing, error, (cause) => new StepError('migration', clean(thrownText(cause)), doing, {cause}));
	} finally {
		handle.close();
	}
	if (inTransaction) {
		checkStillOpen(db, doing);
		if (handle.savepoints.length > 0) {
			throw new StepError('migration', `the code left savepoint ${clean(handle.savepoints.join(', '))} open`, doing, {
				hint: 'RELEASE it, or ROLLBACK TO it and RELEASE it',
			});
		}
	}
	checkSchema(schemaBefore, snapshot(db));
	checkTemporary(db);
	return {rows: null};
}

async function settled(run: Run['run'], db: RunDatabase, signal: AbortSignal | undefined): Promise<void> {
	if (signal?.aborted === true) throw cancelledError(signal);
	let onAbort: (() => void) | undefined;
	let stopWatch: (() => void) | undefined;
	try {
		const result: unknown = run({db});
		if (!isThenable(result)) return;
		const never = new Promise<never>((_, reject) => {
			stopWatch = watchForStandstill(() =>
				reject(
					new StepError('migration', 'the code awaits a promise that can never settle', doing, {
						hint: 'look for a promise whose resolve is never called',
					}),
				),
			);
			onAbort = () => reject(cancelledError(signal));
			signal?.addEventListener('abort', onAbort, {once: true});
			if (signal?.aborted === true) onAbort();
		});
		await Promise.race([result, never]);
	} finally {
		stopWatch?.();
		if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
	}
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

interface Handle {
	readonly db: RunDatabase;
	readonly savepoints: readonly string[];
	/** Makes every later use throw, so code that still runs after its step was cancelled cannot write anything. */
	close(): void;
}

function openHandle(db: Database, inTransaction: boolean, observer: StatementObserver | undefined): Handle {
	const native = nativeOf(db);
	const savepoints: string[] = [];
	const iterators = new Set<IterableIterator<unknown>>();
	let isOpen = true;
	const admit = (sql: string): readonly string[] => {
		if (!isOpen) throw new Error('the database of op.run can only be used while op.run is running');
		const statements = splitStatements(sql).map(({text}) => text);
		for (const text of statements) {
			if (!inTransaction) continue;
			const facts = statementFacts(text);
			if (facts.kind === 'transaction' && facts.name !== undefined) trackSavepoint(savepoints, facts.verb, facts.name);
			else refuseTransactionControl(facts, doing);
		}
		return statements;
	};
	const observed = <T>(sql: string, parameters: readonly unknown[], work: () => T): T => {
		const after = observer?.before(sql, parameters);
		try {
			return work();
		} finally {
			// A failed statement may have written rows before it failed (OR FAIL), and the code may catch the error.
			after?.();
		}
	};
	const guardOpen = <T>(work: () => T): T => {
		if (!isOpen) throw new Error('the database of op.run can only be used while op.run is running');
		return work();
	};
	return {
		db: {
			prepare(sql) {
				const [text] = admit(sql);
				const statement = native.prepare(sql);
				const isQuery = text !== undefined && ['SELECT', 'VALUES', 'EXPLAIN'].includes(statementFacts(text).verb);
				const guard: Guard = (parameters, work) => guardOpen(() => (isQuery ? work() : observed(sql, parameters, work)));
				return wrapped(statement, isQuery, guard, iterators);
			},
			exec(sql) {
				for (const text of admit(sql)) observed(text, [], () => native.exec(text));
			},
		},
		savepoints,
		close() {
			isOpen = false;
			// An unfinished iteration keeps the connection busy.
			for (const iterator of iterators) iterator.return?.();
		},
	};
}

/** Tracks open savepoints. SAVEPOINT opens one. RELEASE closes it and all that were opened after it (https://www.sqlite.org/lang_savepoint.html). */
function trackSavepoint(open: string[], verb: string, name: string): void {
	const key = name.toLowerCase();
	if (verb === 'SAVEPOINT') open.push(key);
	const at = open.lastIndexOf(key);
	if (verb === 'RELEASE' && at >= 0) open.splice(at);
	if (verb === 'ROLLBACK' && at >= 0) open.splice(at + 1);
}

type Guard = <T>(parameters: readonly unknown[], work: () => T) => T;

function wrapped(statement: NativeStatement, isQuery: boolean, guard: Guard, iterators: Set<IterableIterator<unknown>>): RunStatement {
	const guarded = <T>(given: readonly unknown[], work: (parameters: readonly unknown[]) => T): T => {
		const parameters = given.map(toParameter);
		return guard(parameters, () => work(parameters));
	};
	return {
		run: (...given) =>
			guarded(given, (parameters) => {
				const {changes, lastInsertRowid} = statement.run(...parameters);
				return {changes, lastInsertRowid: fromNative(lastInsertRowid) as number | bigint};
			}),
		get: (...given) => guarded(given, (parameters) => fromRow(statement.get(...parameters))),
		all: (...given) => guarded(given, (parameters) => statement.all(...parameters).map(fromRow)),
		*iterate(...given) {
			// A statement that writes and returns rows runs to its end first. Otherwise another statement in between would not see all its changes.
			if (!isQuery) {
				yield* guarded(given, (parameters) => statement.all(...parameters).map(fromRow));
				return;
			}
			const rows = guarded(given, (parameters) => statement.iterate(...parameters));
			iterators.add(rows);
			try {
				for (const row of rows) yield fromRow(row);
			} finally {
				iterators.delete(rows);
			}
		},
	};
}

/** Converts a parameter to what drivers accept: a value, an array of values, or an object of named values. True and false become 1 and 0. */
function toParameter(parameter: unknown): unknown {
	if (typeof parameter === 'boolean') return parameter ? 1n : 0n;
	if (parameter === undefined) return null;
	if (typeof parameter !== 'object' || parameter === null || parameter instanceof Uint8Array) return toNative(parameter as SqlValue);
	if (Array.isArray(parameter)) return parameter.map(toParameter);
	const isPlain = Object.getPrototypeOf(parameter) === Object.prototype || Object.getPrototypeOf(parameter) === null;
	return isPlain ? Object.fromEntries(Object.entries(parameter).map(([name, value]) => [name, toParameter(value)])) : parameter;
}

function fromRow(row: unknown): unknown {
	if (typeof row !== 'object' || row === null) return row;
	const values = row as Record<string, SqlValue>;
	for (const name in values) if (typeof values[name] === 'bigint') values[name] = fromNative(values[name]);
	return values;
}

interface Snapshot {
	readonly version: number;
	readonly objects: ReadonlyMap<string, {readonly type: string; readonly name: string; readonly sql: string | null}>;
}

function snapshot(db: Database): Snapshot {
	const rows = schemaRows(db).filter(({name}) => !/^sqlite_/i.test(name));
	return {version: Number(db.value('PRAGMA schema_version')), objects: new Map(rows.map((row) => [`${row.type} ${row.name}`, row]))};
}

function checkSchema(before: Snapshot, after: Snapshot): void {
	if (before.version === after.version) return;
	for (const [key, {type, name}] of after.objects) if (!before.objects.has(key)) throw schemaChanged('created', type, name);
	for (const [key, {type, name}] of before.objects) if (!after.objects.has(key)) throw schemaChanged('dropped', type, name);
	for (const [key, {type, name, sql}] of after.objects) if (before.objects.get(key)?.sql !== sql) throw schemaChanged('changed', type, name);
}

const operations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	created: {table: 'createTable', index: 'createIndex', view: 'createView', trigger: 'createTrigger'},
	dropped: {table: 'dropTable or op.renameTable', index: 'dropIndex', view: 'dropView', trigger: 'dropTrigger'},
	changed: {table: 'changeTable, op.addColumn, op.dropColumn or op.renameColumn', index: 'createIndex', view: 'createView', trigger: 'createTrigger'},
};

function schemaChanged(what: string, type: string, name: string): StepError {
	return new StepError('migration', `the code ${what} ${type} ${clean(name)}, but op.run is only for data changes`, doing, {
		hint: `use op.${operations[what]?.[type] ?? 'execute'} instead, so the schema is known without running the code`,
	});
}

/** Checks that no temporary object is left. A temporary table would hide a table of the same name from later statements. */
function checkTemporary(db: Database): void {
	const left = db.value(`SELECT group_concat(name, ', ') FROM temp.sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'`) as string | null;
	if (left === null) return;
	throw new StepError('migration', `the code left temporary objects: ${clean(left)}`, doing, {hint: 'drop them at the end of op.run'});
}
