import type {DriverConnections, DriverName} from '../sqlite/driver/driver-connections.ts';
import type {TestDatabaseOptions} from './options.ts';
import {withDriverFor} from './run-migrations.ts';
import {templateFor} from './template.ts';

/** Opens a clone of the template that the options describe. */
export async function openMigrated<Driver extends DriverName = 'better-sqlite3'>(
	{driver, ...options}: TestDatabaseOptions<Driver>,
	cwd: string,
): Promise<DriverConnections[Driver]> {
	return await withDriverFor(driver, cwd, async (cloning) => (await templateFor(cloning, {...options, cwd})).clone());
}
