/** What the ALTER TABLE of a given SQLite can do (https://www.sqlite.org/changes.html). */
export interface Features {
	/** 3.35: ALTER TABLE … DROP COLUMN. */
	readonly dropColumn: boolean;
	/** 3.53: ALTER COLUMN … SET NOT NULL and DROP NOT NULL, ADD CONSTRAINT … CHECK, DROP CONSTRAINT. */
	readonly alterConstraints: boolean;
	/** Whether the stored definition may be edited where there is no ALTER. */
	readonly schemaEdits: boolean;
	/** For plain SQL: the features of the SQLite that runs the same without it. What that does in place leaves columns in an order that a copy must keep. */
	readonly native?: Features;
}

/** For SQL that other programs run, with a SQLite that may be older: plain statements only. */
export function portableFeatures(version?: string): Features {
	return {dropColumn: true, alterConstraints: false, schemaEdits: false, native: featuresOf(version)};
}

/** @param version as `sqlite_version()` gives it; the newest known when left out */
export function featuresOf(version = '3.54.0'): Features {
	const [, minor = 0] = version.split('.').map(Number);
	return {dropColumn: minor >= 35, alterConstraints: minor >= 53, schemaEdits: true};
}
