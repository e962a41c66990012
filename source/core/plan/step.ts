import type {Operation} from '../operations/operation.ts';
import type {Strategy} from './strategy.ts';

/** The execution of one or more operations. Everything except `run` is plain SQL. */
export type Step = StatementsStep | EditSchemaStep | RewriteStep | ExecuteStep | RunStep;

interface StepBase {
	readonly strategy: Strategy;
	/** The object that the step changes, by its name after the step. */
	readonly object: string;
	/** The table whose rows are read or written, by its name before the step, if there is one. */
	readonly table?: string;
	/** A short description: `add column age`, `copy rows: zip TEXT → INTEGER, email NOT NULL`. */
	readonly summary: string;
	/** Why the step uses this strategy. */
	readonly reason: string;
	/** The operations that the step executes, as indexes into the planned list. */
	readonly operations: readonly number[];
}

/** A step of plain SQL statements, executed in order. */
export interface StatementsStep extends StepBase {
	readonly kind: 'statements';
	readonly statements: readonly string[];
}

/**
 * New text in `sqlite_schema`, for changes that have no ALTER and leave the stored rows unchanged
 * (https://www.sqlite.org/lang_altertable.html#otheralter, the second procedure).
 * Executed with `writable_schema=ON` and a new `schema_version`. If rows are read, followed by a `quick_check` of the table.
 */
export interface EditSchemaStep extends StepBase {
	readonly kind: 'editSchema';
	readonly table: string;
	/** The new CREATE TABLE text, with the columns in the stored order. */
	readonly sql: string;
	/** Queries for rows that violate the new rule. They must return no rows before the edit. */
	readonly scans: readonly Scan[];
}

/** A query for rows that violate a new rule. */
export interface Scan {
	/** Returns the offending rows. */
	readonly sql: string;
	/** The violated rule: `FOREIGN KEY (user_id) REFERENCES user(id)`. */
	readonly rule: string;
}

/** The procedure of https://www.sqlite.org/lang_altertable.html#otheralter: create new, copy, drop old, rename new. */
export interface RewriteStep extends StepBase {
	readonly kind: 'rewrite';
	readonly table: string;
	/** A temporary name that is not used in the schema. */
	readonly temporaryName: string;
	/** CREATE TABLE with the temporary name. Self-references use the final name. */
	readonly createSql: string;
	readonly copy: Copy;
	/** True if the AUTOINCREMENT counter must be carried over. */
	readonly carrySequence: boolean;
	/** CREATE INDEX statements after the copy. */
	readonly indexes: readonly string[];
	/** Indexes of the old table that stay valid. Only lite-migr itself can keep them. Printed SQL builds all of `indexes`. */
	readonly keptIndexes: readonly KeptIndex[];
	/** CREATE TRIGGER statements of the table, executed unchanged after the rename. If another rename of the plan rewrites a trigger, the stored text is used. */
	readonly triggers: readonly string[];
	/** Set if the copy renames columns, in the triggers too. */
	readonly renamesColumns?: true;
}

/** An index whose entries a rewrite leaves unchanged. */
export interface KeptIndex {
	readonly name: string;
	/** A condition over the old row that must not be true for any entry. */
	readonly stale: string;
}

/** How a rewrite copies the rows of a table. */
export interface Copy {
	/** Quoted target columns. Starts with the rowid if the implicit rowid is copied. */
	readonly columns: readonly string[];
	/** One SQL expression over the old row per column. */
	readonly expressions: readonly string[];
	/** A name for reading the old table's rowid (`rowid`, `_rowid_`, `oid` or the alias column). Absent for WITHOUT ROWID. */
	readonly range?: string;
	/** For WITHOUT ROWID: the primary key of both tables, used to copy the rows in batches. */
	readonly key?: CopyKey;
}

/** A primary key whose columns all have the same direction and their default collations. */
export interface CopyKey {
	/** Quoted, in the order of the key. */
	readonly columns: readonly string[];
	readonly descending: boolean;
}

/** A statement of a migration, executed unchanged. */
export interface ExecuteStep extends StepBase {
	readonly kind: 'execute';
	readonly operation: Extract<Operation, {kind: 'execute'}>;
}

/** Code of a migration. */
export interface RunStep extends StepBase {
	readonly kind: 'run';
	readonly operation: Extract<Operation, {kind: 'run'}>;
}
