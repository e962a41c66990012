import {changesSchema} from '../../ddl/statements/changes-schema.ts';
import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import type {TableNames, TrackedTable} from '../../operations/table-names.ts';
import {nativeOf} from '../../sqlite/connection.ts';
import type {Database} from '../../sqlite/database.ts';
import type {NativeStatement} from '../../sqlite/driver/driver.ts';
import type {StatementObserver} from '../../sqlite/step-context.ts';
import {StepError} from '../../sqlite/step-error.ts';
import {type WriteSet, writeSetOf} from '../../sqlite/write-set.ts';
import {KeptRowids} from './kept-rowids.ts';
import {aroundSchemaChange} from './schema-change.ts';
import {definitionsIn} from './table-definitions.ts';
import {WriteRecord} from './write-record.ts';

/**
 * How to read this file: `before` is called around each statement and code of a migration, and records which tables it writes. The compiled statement
 * decides (`write-set.ts`), not its words. A statement that can no longer change the record is not measured again.
 */
export class StatementWatch implements StatementObserver {
	readonly record: WriteRecord;
	readonly #db: Database;
	readonly #writeSets = new Map<string, WriteSet>();
	readonly #rowids: KeptRowids;
	#schemaReadsChanges: boolean | undefined;
	#counter: NativeStatement | undefined;

	constructor(db: Database, names: TableNames) {
		this.#db = db;
		this.record = new WriteRecord(names);
		this.#rowids = new KeptRowids(db);
	}

	/** The smallest value that the last rowid of a table has had (`kept-rowids.ts`). */
	get keptRowids(): ReadonlyMap<TrackedTable, number | bigint> {
		return this.#rowids.last;
	}

	before(sql: string, parameters: readonly unknown[]): () => void {
		const facts = statementFacts(sql);
		if (changesSchema(sql)) {
			this.#forget(sql);
			return aroundSchemaChange(this.#db, this.record, sql, facts.verb);
		}
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
		if (!isAppend && tables.every((table) => this.record.isFullyKnown(table, isUpdate))) return () => {};
		const before = this.#countChanges().total;
		return () => {
			const {total, last} = this.#countChanges();
			const changes = total - before;
			// A full-text index may write entries that an earlier statement has queued.
			const rowsAdded = isAppend ? Math.min(changes, last) : changes;
			for (const table of tables) if (changes > 0 || table.isVirtual) this.record.write(table, {isAppend, isUpdate, rowsAdded}, sql);
		};
	}

	/** For a replay without rows: records what a statement would write, without running it. Returns the error if it cannot be compiled. */
	assume(sql: string, parameters: readonly unknown[]): unknown {
		const facts = statementFacts(sql);
		if (facts.kind !== 'data' || ['EXPLAIN', 'SELECT', 'VALUES', ''].includes(facts.verb)) return undefined;
		try {
			const set = writeSetOf(this.#db, sql, parameters);
			for (const name of set.tables) {
				const table = this.#tableOf(name);
				this.record.write(table, {isAppend: set.isAppend, isUpdate: false, rowsAdded: 0}, sql);
				if (set.removesRows) this.record.mayLose(table);
			}
			return undefined;
		} catch (error) {
			// The statement itself reports why it cannot be compiled when it runs. Until then, it may write any table.
			this.record.assumeAnything();
			return error;
		}
	}

	/** Called after anything that may change the schema or undo a change of it. */
	#forget(sql: string): void {
		this.#writeSets.clear();
		this.#rowids.forgetStorage();
		if (!/^\s*(?:create\s+(?:unique\s+)?(?:table|index)|alter|drop\s+(?:table|index))\b/i.test(sql)) this.#schemaReadsChanges = undefined;
	}

	#tableOf(name: string): TrackedTable {
		const known = this.record.names.find(name);
		if (known !== undefined) return known;
		const isVirtual = this.#db.value(`SELECT rootpage = 0 FROM sqlite_schema WHERE type = 'table' AND name = ?`, name) === 1;
		this.record.names.add(name, isVirtual);
		return this.record.names.find(name) as TrackedTable;
	}

	#writeSet(sql: string, parameters: readonly unknown[]): WriteSet {
		let set = this.#writeSets.get(sql);
		if (set === undefined) {
			set = this.#readsChanges(sql) ? anyTable(this.#db) : writeSetOf(this.#db, sql, parameters);
			this.#writeSets.set(sql, set);
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

	/**
	 * EXPLAIN sets `changes()` to 0 (measured), so a statement that may read it is not compiled before it runs, and counts as one that may write any
	 * table.
	 */
	#readsChanges(sql: string): boolean {
		if (/\bchanges\b/i.test(sql)) return true;
		this.#schemaReadsChanges ??= schemaReadsChanges(this.#db);
		return this.#schemaReadsChanges;
	}

	/** Prepared once, because code may run a hundred thousand statements. */
	#countChanges(): {readonly total: number; readonly last: number} {
		this.#counter ??= nativeOf(this.#db).prepare('SELECT total_changes(), changes()', 'arrays');
		const [total, last] = this.#counter.get() as [bigint, bigint];
		return {total: Number(total), last: Number(last)};
	}
}

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
