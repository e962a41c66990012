import type {OperationOrigin, SqlValue} from '../operations/operation.ts';
import {clean} from '../text/clean.ts';
import {valueText} from '../text/value.ts';

/** What preflight found in the rows for one hazard. Public: part of the JSON. */
export interface Finding {
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
		| 'misfit'
		| 'brokenObject'
		| 'brokenForeignKey'
		| 'quotedString'
		| 'storedDowngrade';
	readonly table: string;
	readonly column: string | null;
	/** `41 of 12,403 rows have no value`. */
	readonly message: string;
	/** Rows concerned (values for dropColumn); for deleteRows all that may be, where they cannot be counted before. */
	readonly rows: number;
	/** Rows of the table. */
	readonly of: number;
	/** True where the run would fail; otherwise it loses or changes something, or is only to be known. */
	readonly fails: boolean;
	/** True where the run needs consent. */
	readonly destructive: boolean;
	/** At most five. */
	readonly samples: readonly FindingSample[];
	/** Finds them all; null where there is nothing to find. */
	readonly sql: string | null;
	/** Ways to mend it, one a line. */
	readonly mend: readonly string[];
	/** The operation that it is about, in the file of its migration; left out where there is no file yet. */
	readonly location?: OperationOrigin;
}

export interface FindingSample {
	/** `id 17`. */
	readonly row: string;
	readonly value: SqlValue;
	/** What it becomes, for a conversion. */
	readonly becomes?: SqlValue;
}

/** The value of a sample as it is shown. Those of a rule over no single column stand in it as text already. */
export function sampleText({column}: Pick<Finding, 'column'>, value: SqlValue, width?: number): string {
	return column === null && typeof value === 'string' ? clean(value) : valueText(value, width);
}

/** Between rows that hold the same value: they stand in one sample. */
export const sameValue = ' · ';

/** True where rows are concerned that no sample shows. */
export function hasMore({rows, samples}: Pick<Finding, 'rows' | 'samples'>): boolean {
	return rows > samples.reduce((shown, {row}) => shown + row.split(sameValue).length, 0);
}
