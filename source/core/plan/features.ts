/** What the ALTER TABLE of a given SQLite can do (https://www.sqlite.org/changes.html). */
export interface Features {
	/** 3.35: ALTER TABLE … DROP COLUMN. */
	readonly dropColumn: boolean;
	/** 3.53: ALTER COLUMN … SET NOT NULL and DROP NOT NULL, ADD CONSTRAINT … CHECK, DROP CONSTRAINT. */
	readonly alterConstraints: boolean;
}

/** @param version as `sqlite_version()` gives it; the newest known when left out */
export function featuresOf(version = '3.54.0'): Features {
	const [, minor = 0] = version.split('.').map(Number);
	return {dropColumn: minor >= 35, alterConstraints: minor >= 53};
}
