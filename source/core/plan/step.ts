import type {Operation} from '../operations/operation.ts';

/**
 * How a change reaches the file, from cheapest to dearest:
 * `instant` reads no row, `scan` reads rows once, `index` builds or drops an index, `rewrite` copies rows once,
 * `drop` drops a table, `data` is a statement or code of the migration itself.
 */
export type Strategy = 'instant' | 'scan' | 'index' | 'rewrite' | 'drop' | 'data';

/** What is executed for one or more operations. All of it is plain SQL but for `run`. */
export type Step = StatementsStep | EditSchemaStep | RewriteStep | ExecuteStep | RunStep;

interface Base {
	readonly strategy: Strategy;
	/** The object it is about, by its name after the step. */
	readonly object: string;
	/** The table whose rows are read or written, by its name before the step, where there is one. */
	readonly table?: string;
	/** What it does, short: `add column age`, `copy rows: zip TEXT → INTEGER, email NOT NULL`. */
	readonly summary: string;
	/** Why it is done this way, in words. */
	readonly reason: string;
	/** The operations it carries out: indexes into the list that was planned. */
	readonly operations: readonly number[];
}

export interface StatementsStep extends Base {
	readonly kind: 'statements';
	readonly statements: readonly string[];
}

/**
 * New text in `sqlite_schema`, for what has no ALTER and leaves the stored rows as they are
 * (https://www.sqlite.org/lang_altertable.html#otheralter, the second procedure).
 * Executed with `writable_schema=ON`, a new `schema_version`, then `integrity_check` of the table.
 */
export interface EditSchemaStep extends Base {
	readonly kind: 'editSchema';
	readonly table: string;
	/** The new CREATE TABLE text, with the columns in the stored order. */
	readonly sql: string;
	/** Queries that must return no row before the edit; what they return breaks the new rule. */
	readonly scans: readonly Scan[];
}

export interface Scan {
	/** Returns the offending rows. */
	readonly sql: string;
	/** What a row breaks: `FOREIGN KEY (user_id) REFERENCES user(id)`. */
	readonly rule: string;
}

/** The procedure of https://www.sqlite.org/lang_altertable.html#otheralter: create new, copy, drop old, rename new. */
export interface RewriteStep extends Base {
	readonly kind: 'rewrite';
	readonly table: string;
	/** A name that nothing in the schema has. */
	readonly temporary: string;
	/** CREATE TABLE under the temporary name; self-references name the final table. */
	readonly create: string;
	readonly copy: Copy;
	/** True when the AUTOINCREMENT mark must be carried over. */
	readonly carrySequence: boolean;
	/** CREATE INDEX statements after the copy. */
	readonly indexes: readonly string[];
	/** CREATE TRIGGER statements of the table, byte for byte, after the rename. What a rename of the same plan makes of them is known when it has run. */
	readonly triggers: readonly string[];
	/** True where the copy gives columns other names, in the triggers as well. */
	readonly renamesColumns?: true;
}

export interface Copy {
	/** Quoted target columns, with the rowid alias first where the implicit rowid is carried. */
	readonly columns: readonly string[];
	/** One SQL expression over the old row for each of `columns`. */
	readonly expressions: readonly string[];
	/** A name by which the old table's rowid can be read (`rowid`, `_rowid_`, `oid` or the alias column); absent for WITHOUT ROWID. */
	readonly range?: string;
	/** For WITHOUT ROWID: the primary key of both tables, by which the rows can be copied in parts. */
	readonly key?: CopyKey;
}

/** A primary key whose columns all run in one direction, and are compared in it as everywhere else. */
export interface CopyKey {
	/** Quoted, in the order of the key. */
	readonly columns: readonly string[];
	readonly descending: boolean;
}

export interface ExecuteStep extends Base {
	readonly kind: 'execute';
	readonly operation: Extract<Operation, {kind: 'execute'}>;
}

export interface RunStep extends Base {
	readonly kind: 'run';
	readonly operation: Extract<Operation, {kind: 'run'}>;
}
