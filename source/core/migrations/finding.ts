import type {OperationOrigin, SqlValue} from '../operations/operation.ts';
import {clean} from '../text/clean.ts';
import {valueText} from '../text/value.ts';

/** A problem that preflight found in existing rows. Public: part of the JSON. */
export interface Finding {
	/** The name of the migration. Empty in `create --json` and `diff --json`, because the migration has no name yet. */
	readonly migration: string;
	readonly kind:
		| 'dropTable'
		| 'dropColumn'
		| 'deleteRows'
		| 'valuesGone'
		| 'valuesMerged'
		| 'null'
		| 'nullKey'
		| 'duplicate'
		| 'orphan'
		| 'check'
		| 'convert'
		| 'incompatible'
		| 'brokenForeignKey'
		| 'quotedString'
		| 'storedDowngrade';
	readonly table: string;
	readonly column: string | null;
	/** `41 of 12,403 rows are NULL, but the column becomes NOT NULL`. */
	readonly message: string;
	/** Number of affected rows, or of affected values for `dropColumn`. */
	readonly rows: number;
	/** Number of all rows of the table. */
	readonly totalRows: number;
	/** True if the run would fail. Otherwise the run loses or changes data, or the finding is only for information. */
	readonly blocking: boolean;
	/** True if the run needs consent. */
	readonly destructive: boolean;
	/** At most five. */
	readonly samples: readonly FindingSample[];
	/** A query that finds all of them. Null if nothing matches. */
	readonly sql: string | null;
	/** Suggested fixes, one per line. */
	readonly fixes: readonly string[];
	/** Where the operation is in its migration file. Absent if there is no file yet. */
	readonly location?: OperationOrigin;
}

/** A finding of the next migration, which has no name yet. */
export type DraftFinding = Omit<Finding, 'migration'>;

/** A row that the finding is about, with its value. */
export interface FindingSample {
	/** `id 17`. */
	readonly row: string;
	readonly value: SqlValue;
	/** The value after the conversion. */
	readonly becomes?: SqlValue;
}

/** Returns the text of a sample's value. A sample of a rule over several columns already contains text. */
export function sampleText({column}: Pick<Finding, 'column'>, value: SqlValue, width?: number): string {
	return column === null && typeof value === 'string' ? clean(value) : valueText(value, width);
}

/** Separates rows with the same value, which share one sample. */
export const sameValue = ' · ';

/** True if the samples do not include all affected rows. */
export function hasMore({rows, samples}: Pick<Finding, 'rows' | 'samples'>): boolean {
	return rows > samples.reduce((shown, {row}) => shown + row.split(sameValue).length, 0);
}
