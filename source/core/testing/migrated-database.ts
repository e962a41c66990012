import type {DriverConnections, DriverName} from '../sqlite/driver/driver-connections.ts';
import {databaseOptions} from './check-options.ts';
import type {TestDatabaseOptions} from './options.ts';
import {withDriverFor} from './run-migrations.ts';
import {templateFor} from './template.ts';

/** Opens a clone of the template that the options describe. */
export async function openMigrated<Driver extends DriverName = 'better-sqlite3'>(
	options: TestDatabaseOptions<Driver>,
	cwd: string,
): Promise<DriverConnections[Driver]> {
	return await withDriverFor(options, databaseOptions, cwd, async (driver) => {
		const {driver: _, ...request} = options;
		return (await templateFor(driver, {...request, cwd})).clone();
	});
}
