/**
 * A database schema as plain readonly objects.
 *
 * Every part is made by the CREATE readers in `ddl/`, whatever it came from (a database, a model, a migration file):
 * so spelling is settled in one place, and two schemas are equal when their normal forms are (`equality.ts`).
 */
export interface Schema {
	readonly tables: readonly Table[];
	readonly virtualTables: readonly VirtualTable[];
	readonly indexes: readonly Index[];
	readonly views: readonly View[];
	readonly triggers: readonly Trigger[];
}

export type SchemaObject = Table | VirtualTable | Index | View | Trigger;

/** Where a part of a model was written; absent for what comes from a database. */
export interface Source {
	readonly file: string;
	/** 1-based. */
	readonly line: number;
}

/** A piece of SQL: as it was written, and in the normal form by which it is compared. */
export interface Sql {
	readonly text: string;
	/** Tokens without comments and white space, keywords and unquoted names in lower case, needless quotes and outer parentheses gone. */
	readonly normal: string;
}

export interface Table {
	readonly kind: 'table';
	readonly name: string;
	/** In the order of the stored row. Column order alone is no difference. */
	readonly columns: readonly Column[];
	readonly primaryKey?: PrimaryKey;
	readonly uniques: readonly Unique[];
	readonly checks: readonly Check[];
	readonly foreignKeys: readonly ForeignKey[];
	readonly strict: boolean;
	readonly withoutRowid: boolean;
	/** The whole CREATE TABLE statement, without a semicolon: as stored, as written by hand, or rendered from the parts. */
	readonly sql: string;
	/** Stated in the model: the table's name before a rename. */
	readonly renamedFrom?: string;
	readonly source?: Source;
}

export interface Column {
	readonly name: string;
	/** The declared type as written, white space folded; '' when there is none. */
	readonly type: string;
	/** Present when NOT NULL is written, also where it is implied. */
	readonly notNull?: NotNull;
	/** The expression after DEFAULT, without outer parentheses of the syntax: `0`, `'x'`, `CURRENT_TIMESTAMP`, `lower('X')`. */
	readonly default?: Sql;
	/** Of a model: the default is another value each time that it is loaded (`.default(new Date())`), so that it cannot be held against a database. */
	readonly hasMovingDefault?: true;
	/** The collating sequence as written, absent when none or BINARY. */
	readonly collate?: string;
	readonly generated?: Generated;
	/** Stated in the model: the column's name before a rename. */
	readonly renamedFrom?: string;
	readonly source?: Source;
}

export interface NotNull {
	readonly name?: string;
	readonly onConflict?: ConflictClause;
}

export interface Generated {
	readonly expression: Sql;
	readonly stored: boolean;
}

/** Absent stands for the default, ABORT. */
export type ConflictClause = 'ROLLBACK' | 'FAIL' | 'IGNORE' | 'REPLACE';

export interface PrimaryKey {
	readonly name?: string;
	readonly columns: readonly KeyColumn[];
	readonly autoincrement: boolean;
	readonly onConflict?: ConflictClause;
	/**
	 * True where the column is the rowid (https://www.sqlite.org/lang_createtable.html#rowid): one column whose declared type is exactly INTEGER,
	 * in a rowid table, and not written as the column constraint `PRIMARY KEY DESC`.
	 */
	readonly rowidAlias: boolean;
}

/** A column in PRIMARY KEY or UNIQUE. */
export interface KeyColumn {
	readonly name: string;
	readonly collate?: string;
	readonly descending: boolean;
}

export interface Unique {
	readonly name?: string;
	readonly columns: readonly KeyColumn[];
	readonly onConflict?: ConflictClause;
}

export interface Check {
	readonly name?: string;
	readonly expression: Sql;
	/** The column it was written behind, where it was a column constraint. Rendering only; no difference in meaning. */
	readonly column?: string;
}

export interface ForeignKey {
	readonly name?: string;
	readonly columns: readonly string[];
	readonly parent: string;
	/** Empty when the parent's primary key is meant and its columns are not written. */
	readonly parentColumns: readonly string[];
	/** Absent stands for NO ACTION. */
	readonly onDelete?: ForeignKeyAction;
	readonly onUpdate?: ForeignKeyAction;
	readonly match?: string;
	/** DEFERRABLE INITIALLY DEFERRED. */
	readonly deferred: boolean;
}

export type ForeignKeyAction = 'SET NULL' | 'SET DEFAULT' | 'CASCADE' | 'RESTRICT';

export interface Index {
	readonly kind: 'index';
	readonly name: string;
	readonly table: string;
	readonly unique: boolean;
	readonly columns: readonly IndexColumn[];
	readonly where?: Sql;
	readonly sql: string;
	readonly source?: Source;
}

export interface IndexColumn {
	/** A column's name or an expression, without COLLATE, ASC and DESC. */
	readonly expression: Sql;
	/** Set where the expression is nothing but a name. */
	readonly column?: string;
	readonly collate?: string;
	readonly descending: boolean;
}

export interface View {
	readonly kind: 'view';
	readonly name: string;
	/** The names in parentheses after the view's name, if there are any. */
	readonly columns: readonly string[];
	readonly select: Sql;
	/** Names in lower case that the SELECT may read from: every identifier in it. Larger than the truth, never smaller. */
	readonly mentions: readonly string[];
	readonly sql: string;
	readonly source?: Source;
}

export interface Trigger {
	readonly kind: 'trigger';
	readonly name: string;
	/** The table or view that it stands on. */
	readonly table: string;
	readonly timing: 'BEFORE' | 'AFTER' | 'INSTEAD OF';
	readonly event: 'INSERT' | 'UPDATE' | 'DELETE';
	/** The columns of UPDATE OF; empty for any. */
	readonly updateOf: readonly string[];
	readonly when?: Sql;
	/** The statements between BEGIN and END. */
	readonly body: Sql;
	/** As for views: every identifier in WHEN and the body, in lower case. */
	readonly mentions: readonly string[];
	readonly sql: string;
	readonly source?: Source;
}

export interface VirtualTable {
	readonly kind: 'virtualTable';
	readonly name: string;
	readonly module: string;
	/** The text of the module's arguments, as written. */
	readonly arguments: readonly Sql[];
	readonly sql: string;
	readonly source?: Source;
}

export const emptySchema: Schema = {tables: [], virtualTables: [], indexes: [], views: [], triggers: []};
