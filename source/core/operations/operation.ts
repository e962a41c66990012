import type {RunDatabase} from './run-database.ts';

/**
 * One change, in the only vocabulary that there is: what the diff yields, what a migration file holds, what the planner takes.
 * Definitions are SQLite DDL, since only DDL says all that SQLite can do.
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

/** Where an operation was written, for errors: a line of a migration file. */
export interface OperationOrigin {
	readonly file: string;
	/** 1-based. */
	readonly line?: number;
}

interface Base {
	readonly origin?: OperationOrigin;
}

/** CREATE TABLE or CREATE VIRTUAL TABLE. */
export interface CreateTable extends Base {
	readonly kind: 'createTable';
	readonly sql: string;
}

/** Drops a table or a virtual table, with its indexes and triggers. */
export interface DropTable extends Base {
	readonly kind: 'dropTable';
	readonly table: string;
	/** Where there is no such table, nothing is done. */
	readonly ifExists?: true;
}

export interface RenameTable extends Base {
	readonly kind: 'renameTable';
	readonly table: string;
	readonly to: string;
}

export interface AddColumn extends Base {
	readonly kind: 'addColumn';
	readonly table: string;
	/** A column definition as in CREATE TABLE: `age INTEGER NOT NULL DEFAULT 0`. */
	readonly definition: string;
	/** An SQL expression over the row, for the rows that are there. */
	readonly fill?: string;
}

export interface DropColumn extends Base {
	readonly kind: 'dropColumn';
	readonly table: string;
	readonly column: string;
}

export interface RenameColumn extends Base {
	readonly kind: 'renameColumn';
	readonly table: string;
	readonly column: string;
	readonly to: string;
}

/**
 * Reach this definition the cheapest safe way. Columns that the definition lacks are dropped, new ones are added.
 * `fill` maps a column to an SQL expression over the old row: for a column that is kept, where its declared type changes the expression converts
 * every row, otherwise it replaces NULL; for a new column it gives the value of every row.
 */
export interface ChangeTable extends Base {
	readonly kind: 'changeTable';
	readonly table: string;
	readonly sql: string;
	readonly fill: Readonly<Record<string, string>>;
	/** The definitions that it may meet, as `tableHash` of each; any if left out. Since it states the whole table, it would undo what another migration changed. */
	readonly from?: readonly string[];
	/** The table's indexes go, but for those that operations behind this one make anew: the `rebuild_table` of pylite-orm. */
	readonly dropsIndexes?: true;
}

export interface CreateIndex extends Base {
	readonly kind: 'createIndex';
	readonly sql: string;
}

export interface DropIndex extends Base {
	readonly kind: 'dropIndex';
	readonly index: string;
	/** Where there is no such index, nothing is done. */
	readonly ifExists?: true;
}

export interface CreateView extends Base {
	readonly kind: 'createView';
	readonly sql: string;
}

export interface DropView extends Base {
	readonly kind: 'dropView';
	readonly view: string;
	/** Where there is no such view, nothing is done. */
	readonly ifExists?: true;
}

export interface CreateTrigger extends Base {
	readonly kind: 'createTrigger';
	readonly sql: string;
}

export interface DropTrigger extends Base {
	readonly kind: 'dropTrigger';
	readonly trigger: string;
	/** Where there is no such trigger, nothing is done. */
	readonly ifExists?: true;
}

/** Plain SQL, one statement, executed as it stands. */
export interface Execute extends Base {
	readonly kind: 'execute';
	readonly sql: string;
	readonly parameters: readonly SqlValue[];
	/** Tables that this statement and those after it rewrite, with the definitions that they may meet, as in `ChangeTable.from`. */
	readonly writtenFor?: readonly WrittenFor[];
}

export interface WrittenFor {
	readonly table: string;
	readonly from: readonly string[];
}

/** The one operation that is code: for changes of data. It must not change the schema. */
export interface Run extends Base {
	readonly kind: 'run';
	readonly run: (context: {readonly db: RunDatabase}) => void | Promise<void>;
}

export type SqlValue = string | number | bigint | Uint8Array | null;
