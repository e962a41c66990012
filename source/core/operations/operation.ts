import type {RunDatabase} from './run-database.ts';

/**
 * One change. The diff yields operations, migration files contain them, and the planner accepts them.
 * Definitions are SQLite DDL, because only DDL can express everything that SQLite supports.
 */
export type Operation =
	| CreateTable
	| DropTable
	| RenameTable
	| AddColumn
	| DropColumn
	| RenameColumn
	| ChangeTable
	| CreateIndex
	| DropIndex
	| CreateView
	| DropView
	| CreateTrigger
	| DropTrigger
	| Execute
	| Run;

/** The line of a migration file that contains an operation, for error messages. */
export interface OperationOrigin {
	readonly file: string;
	/** 1-based. */
	readonly line?: number;
}

interface OperationBase {
	readonly origin?: OperationOrigin;
}

/** CREATE TABLE or CREATE VIRTUAL TABLE. */
export interface CreateTable extends OperationBase {
	readonly kind: 'createTable';
	readonly sql: string;
}

/** Drops a table or a virtual table, with its indexes and triggers. */
export interface DropTable extends OperationBase {
	readonly kind: 'dropTable';
	readonly table: string;
	/** True to do nothing if the table does not exist. */
	readonly ifExists?: true;
}

/** Renames a table. Indexes, triggers and foreign keys follow. */
export interface RenameTable extends OperationBase {
	readonly kind: 'renameTable';
	readonly table: string;
	readonly to: string;
}

/** Adds a column at the end of a table. */
export interface AddColumn extends OperationBase {
	readonly kind: 'addColumn';
	readonly table: string;
	/** A column definition as in CREATE TABLE: `age INTEGER NOT NULL DEFAULT 0`. */
	readonly definition: string;
	/** An SQL expression over the row, for existing rows. */
	readonly fill?: string;
}

/** Drops a column with its values. */
export interface DropColumn extends OperationBase {
	readonly kind: 'dropColumn';
	readonly table: string;
	readonly column: string;
}

/** Renames a column. Constraints, indexes and foreign keys follow. */
export interface RenameColumn extends OperationBase {
	readonly kind: 'renameColumn';
	readonly table: string;
	readonly column: string;
	readonly to: string;
}

/**
 * Changes a table to this definition in the cheapest safe way. Drops columns that are not in the definition, and adds new ones.
 * `fill` maps a column to an SQL expression over the old row. For an existing column whose declared type changes, it converts every row. For any
 * other existing column, it replaces NULL. For a new column, it sets the value of every row.
 */
export interface ChangeTable extends OperationBase {
	readonly kind: 'changeTable';
	readonly table: string;
	readonly sql: string;
	readonly fill: Readonly<Record<string, string>>;
	/**
	 * The definitions that the table may have before, as `tableHash` of each. Any if omitted. The operation states the whole table, so it would otherwise
	 * undo changes from another migration.
	 */
	readonly from?: readonly string[];
	/** True to drop the table's indexes, except those that later operations recreate: the `rebuild_table` of pylite-orm. */
	readonly dropsIndexes?: true;
}

/** CREATE INDEX or CREATE UNIQUE INDEX. */
export interface CreateIndex extends OperationBase {
	readonly kind: 'createIndex';
	readonly sql: string;
}

/** Drops an index. */
export interface DropIndex extends OperationBase {
	readonly kind: 'dropIndex';
	readonly index: string;
	/** True to do nothing if the index does not exist. */
	readonly ifExists?: true;
}

/** CREATE VIEW. */
export interface CreateView extends OperationBase {
	readonly kind: 'createView';
	readonly sql: string;
}

/** Drops a view. */
export interface DropView extends OperationBase {
	readonly kind: 'dropView';
	readonly view: string;
	/** True to do nothing if the view does not exist. */
	readonly ifExists?: true;
}

/** CREATE TRIGGER. */
export interface CreateTrigger extends OperationBase {
	readonly kind: 'createTrigger';
	readonly sql: string;
}

/** Drops a trigger. */
export interface DropTrigger extends OperationBase {
	readonly kind: 'dropTrigger';
	readonly trigger: string;
	/** True to do nothing if the trigger does not exist. */
	readonly ifExists?: true;
}

/** A single SQL statement, executed unchanged. */
export interface Execute extends OperationBase {
	readonly kind: 'execute';
	readonly sql: string;
	readonly parameters: readonly SqlValue[];
	/** Tables that this statement and the following ones rewrite, with the definitions they may have before, as in `ChangeTable.from`. */
	readonly writtenFor?: readonly WrittenFor[];
}

/** A table, and the hashes of the definitions that a change of it was written for. */
export interface WrittenFor {
	readonly table: string;
	readonly from: readonly string[];
}

/** The only operation that is code: for data changes. It must not change the schema. */
export interface Run extends OperationBase {
	readonly kind: 'run';
	readonly run: (context: {readonly db: RunDatabase}) => void | Promise<void>;
}

export type SqlValue = string | number | bigint | Uint8Array | null;
