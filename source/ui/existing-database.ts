/** What screens show of a database that exists before a project is set up, and of any database in the browser. */
import type {FoundD1} from '../core/engines/d1/wrangler-config.ts';
import type {FoundModels} from '../core/models/found-models.ts';
import type {PulledFile, PullFormat} from '../core/pull/pull.ts';
import type {FoundObject} from '../core/pull/pull-text.ts';

export interface BeforeSetUp {
	/** Database files in the working folder, and where the existing models have theirs. */
	readonly databases: readonly FoundDatabase[];
	/** The existing migrate.toml. Null if there is none. */
	readonly existing: string | null;
	/** The D1 databases in wrangler's configuration. */
	readonly d1: readonly LocalD1[];
	/** Models of Drizzle or Prisma that the project has. Null if there are none for SQLite. */
	readonly models: FoundModels | null;
}

/** A D1 database, of which wrangler keeps a copy on this machine. */
export interface LocalD1 extends FoundD1 {
	/** False if wrangler has not created it on this machine yet. */
	readonly isCreated: boolean;
}

/** A database file that exists before a project is set up. */
export interface FoundDatabase {
	readonly name: string;
	readonly bytes: number;
	/** The number of tables that lite-migr would manage. Null if the file cannot be read. */
	readonly tables: number | null;
	/** The tool that has migrated it so far. Null if there is no sign of one. */
	readonly tool: string | null;
}

/** A table or view, with what belongs to it, as text. */
export interface BrowsedObject {
	readonly name: string;
	/** `table`, `view`, `virtual table (fts5)`. */
	readonly kind: string;
	/** Null for a view. */
	readonly rows: number | null;
	readonly columns: readonly {readonly name: string; readonly text: string}[];
	/** UNIQUE and CHECK constraints, and primary keys of several columns. */
	readonly constraints: readonly string[];
	readonly indexes: readonly string[];
	/** Its foreign keys, and those of other tables that refer to it. */
	readonly keysOut: readonly string[];
	readonly keysIn: readonly string[];
	readonly triggers: readonly string[];
	readonly sql: string;
	/** Why its columns cannot be read, such as a view on a table that no longer exists. */
	readonly problem?: string;
}

export interface FirstRows {
	readonly columns: readonly string[];
	readonly rows: readonly (readonly string[])[];
	/** Why the rows cannot be read, such as a view that calls a function of the application. */
	readonly problem?: string;
}

/** Models generated from an existing database. */
export interface PullPreview {
	readonly format: PullFormat;
	readonly database: string;
	/** `2 tables, 1 index, 1 view, 1 trigger`. */
	readonly found: string;
	readonly objects: readonly FoundObject[];
	/** Differences between the models and the database, one per line. */
	readonly notes: readonly string[];
	readonly files: readonly (PulledFile & {readonly path: string})[];
	/** Other model files in the folder, which would stay. */
	readonly others: readonly string[];
}

export interface InitRequest {
	readonly db?: string | undefined;
	readonly migrations?: string;
	readonly models?: string | readonly string[] | undefined;
	readonly casing?: FoundModels['casing'];
	/** A model to start from. */
	readonly firstModel: 'ts' | 'sql' | null;
}
