import type {DriverConnections, DriverName} from '../sqlite/driver/driver-connections.ts';

/** The migrations of a test database, and the driver that opens it. */
export interface MigrationOptions<Driver extends DriverName = 'better-sqlite3'> {
	/** The driver of the connection. Default: `better-sqlite3`. */
	readonly driver?: Driver;
	/** The path of `migrate.toml`. By default, it is searched for in the working folder and its parents. */
	readonly config?: string;
	/** The folder of the migrations. Default: `migrations_dir` in `migrate.toml`. */
	readonly migrations?: string;
}

/** The source of a test database, and the driver that opens it. */
export interface TestDatabaseOptions<Driver extends DriverName = 'better-sqlite3'> extends MigrationOptions<Driver> {
	/** A file or folder of models. The database has the schema of the models then, and migrations do not run. Cannot be combined with `migrations`. */
	readonly models?: string;
	/**
	 * Inserts rows into the template, with foreign keys on. It runs once for each function and process, so define it outside the tests. The rows must
	 * not depend on anything that changes later.
	 */
	readonly seed?: (database: DriverConnections[Driver]) => unknown;
	/**
	 * A name for the rows of `seed`, such as `users 3`. With it, seeded templates are kept on disk like others, and `seed` does not run again for
	 * functions with the same name and text. Change the name if code that `seed` calls inserts different rows.
	 */
	readonly seedKey?: string;
}
