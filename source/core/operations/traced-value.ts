import type {Column} from '../schema/schema.ts';

/** A value of a row at some point of a migration, as SQL over the row in the database before the migration. */
export interface TracedValue {
	/** The value as stored. */
	readonly sql: string;
	/** The value before the declared type was applied to it in the last change of its column. */
	readonly raw: string;
	/** The column that it comes from, as defined before the migration. */
	readonly origin?: Column | undefined;
	/** True if it is exactly the value of that column. */
	readonly isPlain: boolean;
	/**
	 * The effect of the last change on the column's own value: kept it, converted it with a fill that reads it, or replaced it with a fill that does
	 * not.
	 */
	readonly own?: 'kept' | 'converted' | 'replaced' | undefined;
}
