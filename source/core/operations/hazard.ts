import type {ForeignKey} from '../schema/schema.ts';

/**
 * A way an operation can lose data or fail on existing rows. Derived from the schema alone, without reading rows.
 * Preflight uses the queries of the hazard to find out which rows, if any, are really affected.
 *
 * Names are those of the schema *before* the migration that contains the operation.
 */
export type Hazard = DropTableHazard | DropColumnHazard | ValueHazard;

interface Base {
	readonly table: string;
	/** The operation that causes it, as an index into the given list. */
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
 * Rows that would violate a constraint, or that would be changed.
 *
 * - `null`: NULL under a new NOT NULL; `nullKey`: NULL in an INTEGER PRIMARY KEY or another key that forbids it
 * - `duplicate`: rows that are equal under a new UNIQUE, PRIMARY KEY or unique index
 * - `orphan`: rows without a parent under a new foreign key
 * - `check`: rows that fail a new CHECK
 * - `convert`: values that change under a new type ('007' → 7)
 * - `incompatible`: values that a new type cannot store ('abc' in INTEGER). In a STRICT table they make the migration fail, elsewhere they stay unchanged.
 */
export interface ValueHazard extends Base {
	readonly kind: 'null' | 'nullKey' | 'duplicate' | 'orphan' | 'check' | 'convert' | 'incompatible';
	/** The column, if the hazard is about a single one. */
	readonly column?: string;
	readonly columns: readonly string[];
	/** The new rule: `NOT NULL`, `UNIQUE (a, b)`, `REFERENCES user(id)`, `CHECK (n > 0)`, `TEXT → INTEGER`. */
	readonly rule: string;
	readonly foreignKey?: ForeignKey;
	/** True if the rows make the migration fail. False if they only lose or change data. */
	readonly blocking: boolean;
	/** A boolean SQL expression over a row of the table that is true for the affected rows. For `duplicate`, an empty string means all rows. */
	readonly where: string;
	/** A prefilter: true whenever `where` is true, and cheaper to evaluate. Several hazards of a table may share it. */
	readonly prefilter?: string;
	/** For `duplicate`: the expressions that must be unique together. */
	readonly distinct: readonly string[];
	/** The same expressions in two steps, if all of them are columns, for SQL that contains a long expression only once. */
	readonly computed?: readonly ComputedValue[];
	/** The affected value, as SQL over the old row, if it is a single one. */
	readonly from?: string;
	/** The affected values, as SQL over the old row, if only their combination is wrong. */
	readonly valueTuple?: readonly string[];
	/** For `convert` and `incompatible`: the new value. */
	readonly to?: string;
	/** True if a `--fill` for this column would fix it. */
	readonly fillable: boolean;
	/** Set if a fill counts as the conversion only if it reads the column: see `isForMissing`. */
	readonly keepsExisting?: true;
	/** For `convert`: a fill turns these values into NULL, or several values into the same one. */
	readonly byFill?: true;
	/** Other tables that the SQL of the hazard reads. */
	readonly reads?: readonly string[];
}

/** A value that must be unique, computed from a row. */
export interface ComputedValue {
	/** The column. */
	readonly name: string;
	/** The assigned value, over the old row. */
	readonly raw: string;
	/** The value after conversion to the declared type, as SQL over `name`. */
	readonly stored: string;
	/** The value as it is compared, as SQL over `name`. */
	readonly compared: string;
}
