import type {ForeignKey} from '../schema/schema.ts';

/**
 * A way in which an operation can lose data or fail on the rows that are there. Pure: found from the schema alone.
 * Whether rows are really affected, and which, preflight finds with the queries that the hazard carries.
 *
 * Names are those of the schema *before* the migration that holds the operation.
 */
export type Hazard = DropTableHazard | DropColumnHazard | ValueHazard;

interface Base {
	readonly table: string;
	/** The operation that it comes from: an index into the list that was given. */
	readonly operation: number;
}

/** All rows of a table are dropped. */
export interface DropTableHazard extends Base {
	readonly kind: 'dropTable';
}

/** All values of a column are dropped. */
export interface DropColumnHazard extends Base {
	readonly kind: 'dropColumn';
	readonly column: string;
}

/**
 * Rows that would break something, or be changed by it.
 *
 * - `null`: NULL under a new NOT NULL; `nullKey`: NULL entering an INTEGER PRIMARY KEY or another key that forbids it
 * - `duplicate`: rows that agree under a new UNIQUE, PRIMARY KEY or unique index
 * - `orphan`: rows without a parent under a new foreign key
 * - `check`: rows that fail a new CHECK
 * - `convert`: values that change under a new type ('007' → 7); `misfit`: values that a new type cannot hold ('abc' in INTEGER);
 *   in a STRICT table a misfit fails, elsewhere it stays as it was
 */
export interface ValueHazard extends Base {
	readonly kind: 'null' | 'nullKey' | 'duplicate' | 'orphan' | 'check' | 'convert' | 'misfit';
	/** The column it is about, where it is one. */
	readonly column?: string;
	readonly columns: readonly string[];
	/** What is new, in words: `NOT NULL`, `UNIQUE (a, b)`, `REFERENCES user(id)`, `CHECK (n > 0)`, `TEXT → INTEGER`. */
	readonly rule: string;
	readonly foreignKey?: ForeignKey;
	/** True where the rows make the migration fail; false where they only lose or change something. */
	readonly fails: boolean;
	/** A boolean SQL expression over a row of the table (and an empty string for `duplicate`), true for the rows in question. */
	readonly where: string;
	/** True wherever `where` is, and cheaper to ask; several hazards of a table may share it. */
	readonly suspects?: string;
	/** For `duplicate`: the expressions that must be distinct together. */
	readonly distinct: readonly string[];
	/** The same in two steps, where all of them are columns: for SQL that says a long expression once. */
	readonly made?: readonly MadeValue[];
	/** The value in question, as SQL over the old row, where there is one. */
	readonly from?: string;
	/** The values in question, likewise, where they are several that only together are wrong. */
	readonly together?: readonly string[];
	/** For `convert` and `misfit`: the value that it becomes. */
	readonly to?: string;
	/** A column whose `--fill` would mend it. */
	readonly fillable: boolean;
	/** Present where a fill is the conversion only if it reads the column: see `isForMissing`. */
	readonly keepsOwn?: true;
	/** For `convert`: a fill makes of these values NULL, or the same value as of others. */
	readonly byFill?: true;
	/** Other tables that its SQL reads. */
	readonly reads?: readonly string[];
}

/** A value that is to be distinct, as it is made of a row. */
export interface MadeValue {
	/** The column. */
	readonly name: string;
	/** What it is given, over the old row. */
	readonly raw: string;
	/** What the declared type makes of that: SQL over `name`. */
	readonly stored: string;
	/** How it is compared: SQL over `name`. */
	readonly compared: string;
}
