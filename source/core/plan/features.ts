/** The features of ALTER TABLE in a given SQLite version (https://www.sqlite.org/changes.html). */
export interface Features {
	/** 3.35: ALTER TABLE … DROP COLUMN. */
	readonly dropColumn: boolean;
	/** 3.53: ALTER COLUMN … SET NOT NULL and DROP NOT NULL, DROP CONSTRAINT. */
	readonly alterConstraints: boolean;
	/** 3.54: ADD CONSTRAINT … CHECK. SQLite 3.53 has it, but refuses rows for which the new CHECK is NULL (measured with 3.53.4). */
	readonly addCheck: boolean;
	/** True if the stored definition may be edited when there is no ALTER. */
	readonly schemaEdits: boolean;
	/** For plain SQL: the features of an upgrade with lite-migr. Its changes in place leave columns in an order that a copy in plain SQL must keep. */
	readonly native?: Features;
}

/** Returns the features for SQL that other programs run, possibly with an older SQLite: plain statements only. */
export function portableFeatures(version?: string): Features {
	return {dropColumn: true, alterConstraints: false, addCheck: false, schemaEdits: false, native: featuresOf(version)};
}

/** @param version as returned by `sqlite_version()`. Default: the newest known version. */
export function featuresOf(version = '3.54.0'): Features {
	const [, minor = 0] = version.split('.').map(Number);
	return {dropColumn: minor >= 35, alterConstraints: minor >= 53, addCheck: minor >= 54, schemaEdits: true};
}
