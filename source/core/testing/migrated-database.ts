import type {DriverConnections, DriverName} from '../sqlite/driver/driver-connections.ts';
import {cloningDriver} from '../sqlite/driver/in-memory-clone.ts';
import type {TestDatabaseOptions} from './options.ts';
import {withPlaces} from './run-migrations.ts';
import {templateFor} from './template.ts';

/** Opens a clone of the template that the options describe. */
export async function openMigrated<Driver extends DriverName = 'better-sqlite3'>(
	{driver, ...options}: TestDatabaseOptions<Driver>,
	cwd: string,
): Promise<DriverConnections[Driver]> {
	return await withPlaces(cwd, async () => {
		const template = await templateFor(cloningDriver(driver ?? ('better-sqlite3' as Driver)), {...options, cwd});
		return template.clone();
	});
}
