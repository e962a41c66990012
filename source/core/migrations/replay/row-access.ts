import {readStatement} from '../../ddl/read.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey, quoted} from '../../schema/identifiers.ts';
import type {Index, Trigger} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {statementFacts} from '../../sqlite/statement.ts';
import {type ExplainedTables, explainTables} from '../../sqlite/write-set.ts';

/** The tables whose rows a migration reads and writes, in lower case, under all names that they have in a replay. */
export interface RowAccess {
	readonly reads: ReadonlySet<string>;
	readonly writes: ReadonlySet<string>;
	/** True for code, and for statements that SQLite cannot explain: they may read and write everything. */
	readonly isUnknown: boolean;
}

export interface RowAccesses {
	/** To be called right before each step of a replay. */
	observe(migration: string, db: Database, step: Step): void;
	of(migration: string): RowAccess;
}

/** Finds out which rows migrations read and write, while they are replayed. */
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

/** @throws whatever stops SQLite from explaining a statement */
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

/** True for what reads rows, but makes no other rows of them: an index, statistics. */
function leavesRows(sql: string): boolean {
	const {verb} = statementFacts(sql);
	return verb === 'ANALYZE' || verb === 'REINDEX' || createdBy(sql)?.kind === 'index';
}

/**
 * The table whose later rows are other ones once a statement has run: a trigger acts on them, a unique index refuses or replaces them. For a DROP,
 * those of all that it may name.
 */
function ruledBy(db: Database, sql: string): ReadonlySet<string> {
	const object = createdBy(sql);
	if (object?.kind === 'trigger' || (object?.kind === 'index' && object.unique)) return new Set([nameKey(object.table)]);
	if (statementFacts(sql).verb !== 'DROP') return new Set();
	const objects = db.tuples("SELECT name, tbl_name FROM main.sqlite_schema WHERE type IN ('trigger', 'index')");
	return new Set(objects.filter(([name]) => nameKey(sql).includes(nameKey(String(name)))).map(([, table]) => nameKey(String(table))));
}

/** The index or trigger that a statement creates. */
function createdBy(sql: string): Index | Trigger | undefined {
	if (!/^\s*CREATE\s+(?:UNIQUE\s+)?(?:INDEX|TRIGGER)\b/i.test(sql)) return undefined;
	const object = readStatement(sql);
	return object?.kind === 'index' || object?.kind === 'trigger' ? object : undefined;
}

/** Gives each table one name, whatever it was renamed to. */
export type SameTables = (name: string) => string;

/**
 * The tables whose rows the one migration writes, and the other reads or writes; `unknown` if that may be any. In another order, such migrations make
 * other rows.
 */
export function sharedTables(a: RowAccess, b: RowAccess, same: SameTables): readonly string[] | 'unknown' {
	const [first, second] = [renamed(a, same), renamed(b, same)];
	if (a.isUnknown || b.isUnknown) return touchesRows(a) && touchesRows(b) ? 'unknown' : [];
	return [...new Set([...common(first.writes, second), ...common(second.writes, first)])];
}

/** True if a migration works on the same tables in both orders. */
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

/** Returns which names of tables refer to the same one, by everything that was renamed. */
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
