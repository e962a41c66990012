import {createdIn} from '../../ddl/statements/created-in.ts';
import {statementFacts} from '../../ddl/statements/statement-facts.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey, quoted} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {type ExplainedTables, explainTables} from '../../sqlite/write-set.ts';

/** The tables whose rows a migration reads and writes, in lower case, under all names they have during a replay. */
export interface RowAccess {
	readonly reads: ReadonlySet<string>;
	readonly writes: ReadonlySet<string>;
	/** True for code and for statements that SQLite cannot explain. They may read and write any table. */
	readonly isUnknown: boolean;
}

export interface RowAccesses {
	/** Records a step. Must be called right before each step of a replay. */
	observe(migration: string, db: Database, step: Step): void;
	of(migration: string): RowAccess;
}

/** Creates a recorder of the rows that migrations read and write during a replay. */
export function rowAccesses(): RowAccesses {
	const found = new Map<string, RowAccess>();
	const accessOf = (migration: string) => found.get(migration) ?? {reads: new Set<string>(), writes: new Set<string>(), isUnknown: false};
	return {
		of: accessOf,
		observe(migration, db, step) {
			const access = accessOf(migration);
			try {
				const {reads, writes} = accessOfStep(db, step);
				found.set(migration, {...access, reads: union(access.reads, reads), writes: union(access.writes, writes)});
			} catch {
				found.set(migration, {...access, isUnknown: true});
			}
		},
	};
}

/** @throws the error of SQLite if it cannot explain a statement */
function accessOfStep(db: Database, step: Step): ExplainedTables {
	switch (step.kind) {
		case 'run':
			throw new TypeError('code may do anything');
		case 'execute': {
			const {sql, parameters} = step.operation;
			if (leavesRows(sql)) return {reads: ruledBy(db, sql), writes: new Set()};
			const {reads, writes} = explainTables(db, sql, parameters);
			return {reads: union(reads, ruledBy(db, sql)), writes};
		}
		case 'rewrite': {
			// The fills of a rewrite may read other tables.
			const {reads} = explainTables(db, `SELECT ${step.copy.expressions.join(', ')} FROM ${quoted(step.table)}`);
			return {reads, writes: new Set([nameKey(step.table)])};
		}
		case 'editSchema':
			return {reads: new Set([nameKey(step.table)]), writes: new Set()};
		case 'statements': {
			const own = new Set(step.table === undefined ? [] : [nameKey(step.table)]);
			if (step.strategy === 'rewrite' || step.strategy === 'drop') return {reads: own, writes: own};
			const ruled = step.statements.flatMap((sql) => [...ruledBy(db, sql)]);
			return {reads: step.strategy === 'scan' ? own : new Set(ruled), writes: new Set()};
		}
	}
}

/** True for statements that read rows without changing any, for an index or for statistics. */
function leavesRows(sql: string): boolean {
	const {verb} = statementFacts(sql);
	return verb === 'ANALYZE' || verb === 'REINDEX' || createdIn(sql)?.kind === 'index';
}

/**
 * Returns the table whose later writes have a different effect after a statement: a new trigger acts on its rows, or a unique index rejects or
 * replaces them. For a DROP, returns the tables of all triggers and indexes that it may name.
 */
function ruledBy(db: Database, sql: string): ReadonlySet<string> {
	const object = createdIn(sql);
	if (object?.kind === 'trigger' || (object?.kind === 'index' && object.unique)) return new Set([nameKey(object.table)]);
	if (statementFacts(sql).verb !== 'DROP') return new Set();
	const objects = db.tuples("SELECT name, tbl_name FROM main.sqlite_schema WHERE type IN ('trigger', 'index')");
	return new Set(objects.filter(([name]) => nameKey(sql).includes(nameKey(String(name)))).map(([, table]) => nameKey(String(table))));
}

/** Maps every name of a table to one common name. */
export type SameTables = (name: string) => string;

/**
 * Returns the tables whose rows one migration writes and the other one reads or writes. Returns `unknown` if that may be any table. In a different
 * order, such migrations may produce different rows.
 */
export function sharedTables(a: RowAccess, b: RowAccess, same: SameTables): readonly string[] | 'unknown' {
	const [first, second] = [renamed(a, same), renamed(b, same)];
	if (a.isUnknown || b.isUnknown) return touchesRows(a) && touchesRows(b) ? 'unknown' : [];
	return [...new Set([...common(first.writes, second), ...common(second.writes, first)])];
}

/** True if a migration uses the same tables in both orders. */
export function sameAccess(a: RowAccess, b: RowAccess, same: SameTables): boolean {
	const [first, second] = [renamed(a, same), renamed(b, same)];
	return a.isUnknown === b.isUnknown && equal(first.reads, second.reads) && equal(first.writes, second.writes);
}

function renamed({reads, writes}: RowAccess, same: SameTables): ExplainedTables {
	return {reads: new Set([...reads].map(same)), writes: new Set([...writes].map(same))};
}

function touchesRows({reads, writes, isUnknown}: RowAccess): boolean {
	return isUnknown || reads.size + writes.size > 0;
}

function common(written: ReadonlySet<string>, {reads, writes}: ExplainedTables): readonly string[] {
	return [...written].filter((table) => reads.has(table) || writes.has(table));
}

function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
	return new Set([...a, ...b]);
}

function equal(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
	return a.size === b.size && [...a].every((one) => b.has(one));
}

/** Returns a function that maps table names to a common name if renames connect them. */
export function sameTables(renames: readonly (readonly [from: string, to: string])[]): SameTables {
	const first = new Map<string, string>();
	const find = (name: string): string => {
		const next = first.get(name);
		return next === undefined ? name : find(next);
	};
	for (const [from, to] of renames) {
		const [a, b] = [find(nameKey(from)), find(nameKey(to))];
		if (a !== b) first.set(b, a);
	}
	return find;
}
