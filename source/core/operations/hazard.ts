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

/** Rows that would violate a constraint, or that would be changed. */
export type ValueHazard = NullHazard | DuplicateHazard | OrphanHazard | CheckHazard | ConvertHazard | IncompatibleHazard;

interface ValueBase extends Base {
	/** The columns of the new rule. Empty for a CHECK of the whole table. */
	readonly columns: readonly string[];
	/** The new rule: `NOT NULL`, `UNIQUE (a, b)`, `REFERENCES user(id)`, `CHECK (n > 0)`, `TEXT → INTEGER`. */
	readonly rule: string;
	/** True if the rows make the migration fail. False if they only lose or change data. */
	readonly blocking: boolean;
	/** A boolean SQL expression over a row of the table that is true for the affected rows. For `duplicate`, an empty string means all rows. */
	readonly where: string;
	/** For `duplicate`: the expressions that must be unique together. */
	readonly distinct: readonly string[];
	/** True if a `--fill` for this column would fix it. */
	readonly fillable: boolean;
	/** Other tables that the SQL of the hazard reads. */
	readonly reads?: readonly string[];
}

/** Rows are NULL under a new NOT NULL (`null`), or in an INTEGER PRIMARY KEY or another key that forbids NULL (`nullKey`). */
export interface NullHazard extends ValueBase {
	readonly kind: 'null' | 'nullKey';
	readonly column: string;
	readonly blocking: true;
	readonly distinct: readonly [];
}

/** Rows are equal under a new UNIQUE, PRIMARY KEY or unique index. */
export interface DuplicateHazard extends ValueBase {
	readonly kind: 'duplicate';
	/** The column, if the rule has only one. */
	readonly column?: string;
	readonly blocking: true;
	/** The expressions of `distinct` in two steps, if all of them are columns, for SQL that contains a long expression only once. */
	readonly computed?: readonly ComputedValue[];
	readonly fillable: false;
}

/** Rows have no parent under a new foreign key. */
export type OrphanHazard = OrphanBase & (SingleValue | SeveralValues);

/** The common fields of hazards about rows without a parent. */
interface OrphanBase extends ValueBase {
	readonly kind: 'orphan';
	readonly foreignKey: ForeignKey;
	readonly blocking: true;
	readonly distinct: readonly [];
	readonly fillable: false;
}

/** Rows fail a new CHECK. */
export type CheckHazard = CheckBase & (SingleValue | CheckedValues);

/** The common fields of hazards about a new CHECK. */
interface CheckBase extends ValueBase {
	readonly kind: 'check';
	readonly blocking: true;
	readonly distinct: readonly [];
	readonly fillable: false;
}

/** The column of a rule, and its affected value. */
interface SingleValue {
	readonly column: string;
	/** The affected value, as SQL over the old row. */
	readonly from: string;
}

/** The affected values of a rule over several columns. */
interface SeveralValues {
	/** The affected values, as SQL over the old row, if only their combination is wrong. */
	readonly valueTuple: readonly string[];
}

/** The affected values of a CHECK over several columns. */
interface CheckedValues extends SeveralValues {
	/** The column that the CHECK belongs to, if its own value cannot be determined. */
	readonly column?: string;
}

interface TypeBase extends ValueBase, SingleValue {
	/** A prefilter: true whenever `where` is true, and cheaper to evaluate. Several hazards of a table may share it. */
	readonly prefilter?: string;
	readonly distinct: readonly [];
	/** The new value. */
	readonly to: string;
	/** Set if a fill counts as the conversion only if it reads the column: see `isForMissing`. */
	readonly keepsExisting?: true;
}

/** Values change under a new type ('007' → 7). */
export interface ConvertHazard extends TypeBase {
	readonly kind: 'convert';
	readonly blocking: false;
	/** A fill turns these values into NULL, or several values into the same one. */
	readonly byFill?: true;
}

/** A new type cannot store these values ('abc' in INTEGER). In a STRICT table they make the migration fail, elsewhere they stay unchanged. */
export interface IncompatibleHazard extends TypeBase {
	readonly kind: 'incompatible';
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
