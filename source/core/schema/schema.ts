/**
 * A database schema as plain readonly objects.
 *
 * The CREATE readers in `ddl/` create every part, regardless of its origin (a database, a model, a migration file). So differences in spelling are
 * removed in one place, and two schemas are equal if their normal forms are equal (`equality.ts`).
 *
 * An optional property may be present with the value `undefined`, so read it instead of testing it with `in`. JSON omits such properties.
 */
export interface Schema {
	readonly tables: readonly Table[];
	readonly virtualTables: readonly VirtualTable[];
	readonly indexes: readonly Index[];
	readonly views: readonly View[];
	readonly triggers: readonly Trigger[];
}

/** Any object of a schema. */
export type SchemaObject = Table | VirtualTable | Index | View | Trigger;

/** The position of a part in a model file. Absent for parts read from a database. */
export interface Source {
	readonly file: string;
	/** 1-based. */
	readonly line: number;
}

/** A piece of SQL: the original text, and the normal form used in comparisons. */
export interface Sql {
	readonly text: string;
	/** Tokens without comments, whitespace, unnecessary quotes and outer parentheses. Keywords and unquoted names are in lower case. */
	readonly normal: string;
}

/** A table with its columns and constraints. */
export interface Table {
	readonly kind: 'table';
	readonly name: string;
	/** In the order of the stored row. The order of columns does not matter in comparisons. */
	readonly columns: readonly Column[];
	readonly primaryKey?: PrimaryKey | undefined;
	readonly uniques: readonly Unique[];
	readonly checks: readonly Check[];
	readonly foreignKeys: readonly ForeignKey[];
	readonly strict: boolean;
	readonly withoutRowid: boolean;
	/** The whole CREATE TABLE statement, without a semicolon: as stored, as written by hand, or rendered from the parts. */
	readonly sql: string;
	/** The table's name before a rename, as stated in the model. */
	readonly renamedFrom?: string | undefined;
	/** Set for a model in a language that cannot state everything about a table. */
	readonly writtenIn?: 'drizzle 0' | 'drizzle 1' | 'prisma' | undefined;
	readonly source?: Source | undefined;
}

/** A column of a table. */
export interface Column {
	readonly name: string;
	/** The declared type as written, with whitespace folded. Empty if there is none. */
	readonly type: string;
	/** Set if NOT NULL is written, even if it is implied. */
	readonly notNull?: NotNull | undefined;
	/** The expression after DEFAULT, without outer parentheses of the syntax: `0`, `'x'`, `CURRENT_TIMESTAMP`, `lower('X')`. */
	readonly default?: Sql | undefined;
	/** Set in a model if the default changes each time the model is loaded (`.default(new Date())`), so it cannot be compared with a database. */
	readonly hasMovingDefault?: true;
	/** True for a model that says that the database has a default, but not which one: Prisma's `dbgenerated()`. */
	readonly hasUnstatedDefault?: true | undefined;
	/** True for a model that states the type only by a Python annotation. */
	readonly hasInferredType?: true | undefined;
	/** The collating sequence as written. Undefined for none or BINARY. */
	readonly collate?: string | undefined;
	readonly generated?: Generated | undefined;
	/** The column's name before a rename, as stated in the model. */
	readonly renamedFrom?: string | undefined;
	readonly source?: Source | undefined;
}

/** A NOT NULL constraint. */
export interface NotNull {
	readonly name?: string | undefined;
	readonly onConflict?: ConflictClause;
}

/** The expression of a generated column. */
export interface Generated {
	readonly expression: Sql;
	readonly stored: boolean;
}

/** Absent for the default, ABORT. */
export type ConflictClause = 'ROLLBACK' | 'FAIL' | 'IGNORE' | 'REPLACE';

/** The PRIMARY KEY of a table. */
export interface PrimaryKey {
	readonly name?: string | undefined;
	readonly columns: readonly KeyColumn[];
	readonly autoincrement: boolean;
	readonly onConflict?: ConflictClause;
	/**
	 * True if the column is the rowid (https://www.sqlite.org/lang_createtable.html#rowid): a single column whose declared type is exactly INTEGER, in a
	 * rowid table, and not written as the column constraint `PRIMARY KEY DESC`.
	 */
	readonly rowidAlias: boolean;
}

/** A column in PRIMARY KEY or UNIQUE. */
export interface KeyColumn {
	readonly name: string;
	readonly collate?: string | undefined;
	readonly descending: boolean;
}

/** A UNIQUE constraint. */
export interface Unique {
	readonly name?: string | undefined;
	readonly columns: readonly KeyColumn[];
	readonly onConflict?: ConflictClause;
}

/** A CHECK constraint. */
export interface Check {
	readonly name?: string | undefined;
	readonly expression: Sql;
	/** The column it was written after, if it was a column constraint. Used for rendering only, without a difference in meaning. */
	readonly column?: string;
}

/** A FOREIGN KEY constraint. */
export interface ForeignKey {
	readonly name?: string | undefined;
	readonly columns: readonly string[];
	readonly parent: string;
	/** Empty if the key refers to the parent's primary key without naming its columns. */
	readonly parentColumns: readonly string[];
	/** Absent for NO ACTION. */
	readonly onDelete?: ForeignKeyAction | undefined;
	readonly onUpdate?: ForeignKeyAction | undefined;
	readonly match?: string | undefined;
	/** DEFERRABLE INITIALLY DEFERRED. */
	readonly deferred: boolean;
}

export type ForeignKeyAction = 'SET NULL' | 'SET DEFAULT' | 'CASCADE' | 'RESTRICT';

/** An index, with or without UNIQUE. */
export interface Index {
	readonly kind: 'index';
	readonly name: string;
	readonly table: string;
	readonly unique: boolean;
	readonly columns: readonly IndexColumn[];
	readonly where?: Sql | undefined;
	readonly sql: string;
	readonly source?: Source | undefined;
}

/** A column or an expression of an index. */
export interface IndexColumn {
	/** A column's name or an expression, without COLLATE, ASC and DESC. */
	readonly expression: Sql;
	/** Set if the expression is only a name. */
	readonly column?: string | undefined;
	readonly collate?: string | undefined;
	readonly descending: boolean;
}

/** A view. */
export interface View {
	readonly kind: 'view';
	readonly name: string;
	/** The names in parentheses after the view's name, if there are any. */
	readonly columns: readonly string[];
	readonly select: Sql;
	/** Names in lower case that the SELECT may read from: every identifier in it. May contain too many names, but never too few. */
	readonly mentions: readonly string[];
	readonly sql: string;
	readonly source?: Source | undefined;
}

/** A trigger on a table or view. */
export interface Trigger {
	readonly kind: 'trigger';
	readonly name: string;
	/** The table or view of the trigger. */
	readonly table: string;
	readonly timing: 'BEFORE' | 'AFTER' | 'INSTEAD OF';
	readonly event: 'INSERT' | 'UPDATE' | 'DELETE';
	/** The columns of UPDATE OF. Empty for any column. */
	readonly updateOf: readonly string[];
	readonly when?: Sql | undefined;
	/** The statements between BEGIN and END. */
	readonly body: Sql;
	/** Every identifier in WHEN and the body, in lower case, as for views. */
	readonly mentions: readonly string[];
	readonly sql: string;
	readonly source?: Source | undefined;
}

/** A virtual table. */
export interface VirtualTable {
	readonly kind: 'virtualTable';
	readonly name: string;
	readonly module: string;
	/** The text of the module's arguments, as written. */
	readonly arguments: readonly Sql[];
	readonly sql: string;
	readonly source?: Source | undefined;
}

/** A schema without objects. */
export const emptySchema: Schema = {tables: [], virtualTables: [], indexes: [], views: [], triggers: []};
