/** The migrations of a project as data, as `lite-migr bundle` writes them. Everything is planned and compiled: nothing is read or decided on a device. */
export interface Bundle {
	/** The version of this format. */
	readonly format: 1;
	/** In the order of their names. */
	readonly migrations: readonly BundledMigration[];
}

/** One migration of a bundle. */
export interface BundledMigration {
	readonly name: string;
	/** The checksum of the migration file. */
	readonly checksum: string;
	/** For a squash: the migrations that it replaces. */
	readonly replaces?: readonly string[];
	/** The tables that it reads or changes, in lower case. Two migrations without a common table can be applied in any order. */
	readonly tables: readonly string[];
	/** Null for a squash that the bundle contains in its parts. */
	readonly up: Script | null;
	/** The downgrade as operations, as the history stores it for `lite-migr downgrade`. */
	readonly downgrade: string;
	/** The downgrade as a script. Null if it has none, or if it cannot run on a device. */
	readonly down: Script | null;
}

/** SQL statements that run in one transaction, in order and all or nothing. They keep every row, whether foreign keys are on or off. */
export interface Script {
	/** Features that not every SQLite has. Absent if the script runs everywhere. */
	readonly needs?: Needs;
	readonly statements: readonly Statement[];
}

/** The features that a script needs. */
export interface Needs {
	/** Foreign keys that SQLite cannot enforce: they must be off while the script runs. */
	readonly foreignKeysOff?: true;
	/** `PRAGMA legacy_alter_table` must work. */
	readonly legacyAlterTable?: true;
	/** The size of the largest statement, if it is larger than Cloudflare accepts. */
	readonly statementBytes?: number;
	/** The most columns of a table, if there are more than Cloudflare accepts. */
	readonly columns?: number;
	/** Modules of virtual tables, such as `fts5`. */
	readonly modules?: readonly string[];
}

/** An SQL statement, or one that finds a loss. */
export type Statement = string | LossStatement;

/** A statement that finds losses of a migration. It does not run if the loss was confirmed. */
export interface LossStatement {
	/**
	 * With `loss`: a query for the number of rows or values that are lost. Otherwise a statement that saves the previous state, or removes it again.
	 */
	readonly sql: string;
	readonly loss?: LossKind;
	/** The migration that created the table or column. Nothing is lost if it is applied in the same run. */
	readonly createdBy?: string;
}

/** A kind of loss, and the table or column that it is about. */
export interface LossKind {
	readonly kind: 'dropTable' | 'dropColumn' | 'convert' | 'deleteRows' | 'valuesGone' | 'valuesMerged';
	readonly table: string;
	readonly column?: string;
}

/** A loss that needs consent. */
export interface Loss {
	/** The name of the migration. */
	readonly migration: string;
	/** `undo`: a migration that a newer version of the program has applied is undone. */
	readonly kind: LossKind['kind'] | 'undo';
	/** Empty for `undo`. */
	readonly table: string;
	readonly column: string | null;
	/** The number of rows, or of values if there is a column. */
	readonly rows: number;
	/** `user.nick: 3 values would be lost`. */
	readonly message: string;
}
