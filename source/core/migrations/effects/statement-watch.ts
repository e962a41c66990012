import {cursorOver, isWord, qualifiedName} from '../../ddl/cursor.ts';
import type {Operation, OperationOrigin} from '../../operations/operation.ts';
import {renamedColumn, type TableNames, type TrackedTable, without} from '../../operations/table-names.ts';
import {changesSchema} from '../../plan/changes-schema.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {nativeOf} from '../../sqlite/connection.ts';
import type {Database} from '../../sqlite/database.ts';
import type {NativeStatement} from '../../sqlite/native.ts';
import {type StatementFacts, statementFacts} from '../../sqlite/statement.ts';
import type {StatementObserver} from '../../sqlite/step-context.ts';
import {StepError} from '../../sqlite/step-error.ts';
import {type WriteSet, writeSetOf} from '../../sqlite/write-set.ts';
import {KeptRowids} from './kept-rowids.ts';
import {columnNames, type Definition, definitionsIn} from './table-definitions.ts';

/** How statements and code of a migration wrote one table. */
export interface Written {
	/** True if rows were only added. */
	readonly isAppend: boolean;
	/** True if only plain UPDATE statements wrote it, so that no row came or went. */
	readonly isUpdate: boolean;
	/** Rows that were added, if rows were only added. */
	readonly rowsAdded: number;
	/** Statements that wrote it, at most three, in the order they ran. */
	readonly by: readonly WritingStatement[];
}

export interface WritingStatement {
	readonly migration: string;
	readonly sql: string;
	readonly origin: OperationOrigin | undefined;
}

/**
 * How to read this file: it records which tables the statements and the code of migrations write (`before`, called around each of them), and which
 * tables and columns their schema changes drop. What SQLite compiles decides (`write-set.ts`), not the words of a statement. Operations that
 * lite-migr carries out itself only move names (`afterStep`): their effects on rows are known from the plan.
 */
export class StatementWatch implements StatementObserver {
	readonly names: TableNames;
	readonly #db: Database;
	readonly #written = new Map<TrackedTable, Written>();
	readonly #droppedTables = new Map<TrackedTable, WritingStatement>();
	readonly #droppedColumns = new Map<TrackedTable, Set<string>>();
	readonly #copied = new Set<TrackedTable>();
	readonly #losers = new Map<string, Set<TrackedTable>>();
	readonly #touched = new Set<TrackedTable>();
	readonly #changed = new Map<TrackedTable, string>();
	readonly #known = new Map<string, WriteSet>();
	readonly #rowids: KeptRowids;
	/** Every table that existed at the start. */
	readonly start: readonly TrackedTable[];
	#current: {readonly migration: string; readonly origin: OperationOrigin | undefined} = {migration: '', origin: undefined};
	#done = new WeakSet<Operation>();
	#hasStatements = false;
	#isUnknown = false;
	#schemaReadsChanges: boolean | undefined;
	#counter: NativeStatement | undefined;

	constructor(db: Database, names: TableNames) {
		this.#db = db;
		this.names = names;
		this.#rowids = new KeptRowids(db);
		this.start = names.all();
	}

	/** Tables that statements wrote, virtual ones included. */
	get written(): ReadonlyMap<TrackedTable, Written> {
		return this.#written;
	}

	/** Tables that statements dropped, with the statement. */
	get droppedTables(): ReadonlyMap<TrackedTable, WritingStatement> {
		return this.#droppedTables;
	}

	/** Columns that statements dropped, by their names at the start. */
	get droppedColumns(): ReadonlyMap<TrackedTable, ReadonlySet<string>> {
		return this.#droppedColumns;
	}

	/** Tables that an operation copied after a statement of the same run, when preflight could not know their rows. */
	get copiedAfterStatements(): ReadonlySet<TrackedTable> {
		return this.#copied;
	}

	/** Tables that an operation dropped after a statement of the same run, which may have copied their rows. */
	get droppedAfterStatements(): ReadonlySet<TrackedTable> {
		return new Set(this.#hasStatements ? this.start.filter(({isDropped}) => isDropped) : []);
	}

	/** Tables whose rows may have changed, by statements or by operations: their foreign keys are checked at the end. */
	get touched(): ReadonlySet<TrackedTable> {
		return this.#touched;
	}

	/** Tables with any change of rows, columns or names, and the last migration that made one: what preflight found in their rows no longer holds. */
	get changed(): ReadonlyMap<TrackedTable, string> {
		return this.#changed;
	}

	/** The last rowid of a table when it was the smallest (`kept-rowids.ts`). */
	get keptRowids(): ReadonlyMap<TrackedTable, number | bigint> {
		return this.#rowids.last;
	}

	/** True if something may have been written that is unknown: code in a replay, or a statement that could not be compiled there. */
	get isUnknown(): boolean {
		return this.#isUnknown;
	}

	/** Names the step that is executed from now on. */
	beforeStep(migration: string, step: Step): void {
		const origin = step.kind === 'execute' || step.kind === 'run' ? step.operation.origin : undefined;
		this.#current = {migration, origin};
		if (step.kind === 'execute' || step.kind === 'run') this.#hasStatements = true;
	}

	/** Moves the names after a step that lite-migr planned; `operations` are those of the whole plan. */
	afterStep(step: Step, operations: readonly Operation[]): void {
		if (step.kind === 'execute' || step.kind === 'run') return;
		const before = step.table === undefined ? undefined : this.names.find(step.table);
		if (step.strategy === 'rewrite' || step.strategy === 'drop') this.#touch(before);
		if (step.kind === 'rewrite') {
			this.names.rewritten(step.table);
			if (this.#hasStatements && before !== undefined) this.#copied.add(before);
		}
		for (const index of step.operations) {
			const operation = operations[index];
			if (operation === undefined || this.#done.has(operation)) continue;
			this.#done.add(operation);
			if ('table' in operation) this.#change(this.names.find(operation.table));
			this.names.advance(operation);
		}
	}

	before(sql: string, parameters: readonly unknown[]): () => void {
		const facts = statementFacts(sql);
		if (changesSchema(sql)) return this.#aroundSchemaChange(sql, facts);
		if (facts.kind !== 'data') {
			this.#forget(sql);
			return () => {};
		}
		if (['EXPLAIN', 'SELECT', 'VALUES', ''].includes(facts.verb)) return () => {};
		const set = this.#writeSet(sql, parameters);
		const tables = [...set.tables].map((name) => this.#tableOf(name));
		const isAppend = set.isAppend;
		const isUpdate = facts.verb === 'UPDATE' && !set.hasPrograms && !set.mayReplace;
		const mayInsert = !isUpdate && (facts.verb !== 'DELETE' || set.hasPrograms);
		if (mayInsert) this.#rowids.beforeInsert(tables);
		if (!isAppend && !isUpdate) this.#rowids.beforeDelete(tables);
		if (!isAppend && tables.every((table) => this.#isFullyKnown(table, isUpdate))) return () => {};
		const before = this.#countChanges().total;
		return () => {
			const {total, last} = this.#countChanges();
			const changes = total - before;
			// A full-text index may write what was pending since an earlier statement.
			const rowsAdded = isAppend ? Math.min(changes, last) : changes;
			for (const table of tables) if (changes > 0 || table.isVirtual) this.#write(table, {isAppend, isUpdate, rowsAdded}, sql);
		};
	}

	/** For a replay without rows: what a statement would write, without running it. */
	assume(sql: string, parameters: readonly unknown[]): void {
		const facts = statementFacts(sql);
		if (facts.kind !== 'data' || ['EXPLAIN', 'SELECT', 'VALUES', ''].includes(facts.verb)) return;
		try {
			const set = writeSetOf(this.#db, sql, parameters);
			for (const name of set.tables) {
				const table = this.#tableOf(name);
				this.#write(table, {isAppend: set.isAppend, isUpdate: false, rowsAdded: 0}, sql);
				if (set.removesRows) this.#mayLose(table);
			}
		} catch {
			// The statement itself will say why it cannot be compiled, when it runs; until then it may mean any table.
			this.#isUnknown = true;
		}
	}

	/** Tables that statements of a migration may remove rows from, or drop. */
	losersOf(migration: string): ReadonlySet<TrackedTable> {
		return this.#losers.get(migration) ?? new Set();
	}

	#mayLose(table: TrackedTable): void {
		const {migration} = this.#current;
		this.#losers.set(migration, new Set([...(this.#losers.get(migration) ?? []), table]));
	}

	/** For a replay, where code is not run: it may write anything. */
	assumeAnything(): void {
		this.#isUnknown = true;
	}

	/** After anything that may change the schema, or take back a change of it. */
	#forget(sql: string): void {
		this.#known.clear();
		this.#rowids.forgetStorage();
		if (!/^\s*(?:create\s+(?:unique\s+)?(?:table|index)|alter|drop\s+(?:table|index))\b/i.test(sql)) this.#schemaReadsChanges = undefined;
	}

	#isFullyKnown(table: TrackedTable, isUpdate: boolean): boolean {
		const known = this.#written.get(table);
		return known !== undefined && !known.isAppend && (known.isUpdate === false || isUpdate) && known.by.length >= mostStatements;
	}

	#write(table: TrackedTable, now: Omit<Written, 'by'>, sql: string): void {
		const known = this.#written.get(table);
		const by = known?.by ?? [];
		const isKnown = by.some((one) => one.sql === sql && one.origin === this.#current.origin);
		this.#touch(table);
		this.#written.set(table, {
			isAppend: now.isAppend && known?.isAppend !== false,
			isUpdate: now.isUpdate && known?.isUpdate !== false,
			rowsAdded: now.rowsAdded + (known?.rowsAdded ?? 0),
			by: isKnown || by.length >= mostStatements ? by : [...by, {...this.#current, sql}],
		});
	}

	#touch(table: TrackedTable | undefined): void {
		if (table === undefined) return;
		this.#touched.add(table);
		this.#change(table);
	}

	#change(table: TrackedTable | undefined): void {
		if (table !== undefined) this.#changed.set(table, this.#current.migration);
	}

	#tableOf(name: string): TrackedTable {
		const known = this.names.find(name);
		if (known !== undefined) return known;
		const isVirtual = this.#db.value(`SELECT rootpage = 0 FROM sqlite_schema WHERE type = 'table' AND name = ?`, name) === 1;
		this.names.add(name, isVirtual);
		return this.names.find(name) as TrackedTable;
	}

	#writeSet(sql: string, parameters: readonly unknown[]): WriteSet {
		let set = this.#known.get(sql);
		if (set === undefined) {
			set = this.#readsChanges(sql) ? anyTable(this.#db) : writeSetOf(this.#db, sql, parameters);
			this.#known.set(sql, set);
		}
		if (!set.writesElsewhere) return set;
		throw new StepError(
			'migration',
			'the statement writes a database that was attached, which a migration cannot roll back or examine',
			'running the statement',
			{
				hint: 'remove the statement from the migration, or run it outside lite-migr',
			},
		);
	}

	/** EXPLAIN sets `changes()` to 0 (measured), so a statement that may read it is not compiled before it runs: it may write any table. */
	#readsChanges(sql: string): boolean {
		if (/\bchanges\b/i.test(sql)) return true;
		this.#schemaReadsChanges ??= schemaReadsChanges(this.#db);
		return this.#schemaReadsChanges;
	}

	/** Prepared once: code may run a hundred thousand statements. */
	#countChanges(): {readonly total: number; readonly last: number} {
		this.#counter ??= nativeOf(this.#db).prepare('SELECT total_changes(), changes()').raw(true);
		const [total = 0, last = 0] = this.#counter.get() as number[];
		return {total, last};
	}

	/** Sees what a schema change did; each kind reads no more of the schema than it can have changed. */
	#aroundSchemaChange(sql: string, {verb}: StatementFacts): () => void {
		this.#forget(sql);
		const {tokens} = cursorOver(sql);
		if (verb === 'CREATE') return this.#aroundCreate(tokens.slice(1, 3).some((token) => isWord(token, 'TABLE')) || isWord(tokens[1], 'VIRTUAL'));
		if (verb === 'DROP' && !isWord(tokens[1], 'TABLE')) return () => {};
		const altered = verb === 'ALTER' ? qualifiedName(tokens, 2)?.name : undefined;
		return altered === undefined ? this.#aroundAnything() : this.#aroundAlter(altered);
	}

	/** New objects come last in the schema. */
	#aroundCreate(isTable: boolean): () => void {
		if (!isTable) return () => {};
		const last = Number(this.#db.value('SELECT max(rowid) FROM sqlite_schema') ?? 0);
		return () => {
			for (const table of definitionsIn(this.#db, 's.rowid > ?', last)) this.#add(table);
		};
	}

	/** ALTER TABLE changes one table, which keeps its place in the schema under any name; other tables only refer to it by new names. */
	#aroundAlter(name: string): () => void {
		const [was] = definitionsIn(this.#db, 's.name = ? COLLATE NOCASE', name);
		if (was === undefined) return () => {};
		return () => {
			const [is] = definitionsIn(this.#db, 's.rowid = ?', was.rowid);
			if (is === undefined) return;
			this.#change(this.names.find(was.name));
			if (!sameName(was.name, is.name)) this.names.rename(was.name, is.name);
			this.#compareColumns(was, is);
		};
	}

	/** DROP TABLE, and what writes `sqlite_schema` itself. */
	#aroundAnything(): () => void {
		const before = new Map(definitionsIn(this.#db).map((table) => [nameKey(table.name), table]));
		return () => {
			const after = new Map(definitionsIn(this.#db).map((table) => [nameKey(table.name), table]));
			for (const [key, {name}] of before) if (!after.has(key)) this.#drop(name);
			for (const [key, is] of after) {
				const was = before.get(key);
				if (was === undefined) this.#add(is);
				else if (was.sql !== is.sql) {
					this.#change(this.names.find(is.name));
					this.#compareColumns(was, is);
				}
			}
		};
	}

	#add({name, isVirtual}: Definition): void {
		this.names.add(name, isVirtual);
		this.#touch(this.names.find(name));
	}

	#drop(name: string): void {
		const table = this.names.find(name);
		if (table === undefined) return;
		this.#droppedTables.set(table, {...this.#current, sql: `DROP TABLE ${name}`});
		this.#touch(table);
		this.#mayLose(table);
		this.names.drop(name);
	}

	/** A rename keeps the number of columns and gives another name to one of them; any other column that is missing was dropped. */
	#compareColumns(was: Definition, is: Definition): void {
		if (was.isVirtual || is.isVirtual) return;
		const [old, now] = [columnNames(was), columnNames(is)];
		const changed = old.flatMap((name, index) => (name === now[index] ? [] : [index]));
		const [at] = changed;
		if (old.length === now.length && changed.length === 1 && at !== undefined) {
			this.names.changeColumns(is.name, (columns) => renamedColumn(columns, old[at] as string, now[at] as string));
			return;
		}
		const table = this.names.find(is.name);
		for (const name of old.filter((column) => !now.some((other) => sameName(other, column)))) {
			const origin = table?.columns.get(nameKey(name))?.origin;
			if (table !== undefined && origin !== undefined) this.#mayLose(table);
			if (table !== undefined && origin !== undefined) this.#droppedColumns.set(table, new Set([...(this.#droppedColumns.get(table) ?? []), origin]));
			this.names.changeColumns(is.name, (columns) => without(columns, name));
		}
	}
}

const mostStatements = 3;

function schemaReadsChanges(db: Database): boolean {
	const mentions = (schema: string) => `SELECT 1 FROM ${schema}.sqlite_schema WHERE type IN ('trigger', 'view') AND sql LIKE '%changes%'`;
	return db.value(`${mentions('main')} UNION ALL ${mentions('temp')} LIMIT 1`) !== undefined;
}

function anyTable(db: Database): WriteSet {
	const tables = definitionsIn(db).map(({name}) => name);
	return {
		tables: new Set(tables),
		writesSchema: false,
		writesElsewhere: false,
		removesRows: true,
		hasPrograms: true,
		mayReplace: true,
		isAppend: false,
	};
}
