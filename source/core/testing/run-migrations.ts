import {relative, sep} from 'node:path';
import {MigrError, restated} from '../errors.ts';
import type {ApplyEvent} from '../migrations/event.ts';
import type {FileRequest} from '../migrations/run/apply-options.ts';
import {inDriver} from '../sqlite/driver/choose.ts';
import type {DriverConnections, DriverName} from '../sqlite/driver/driver-connections.ts';
import {type CloningDriver, cloningDriver} from '../sqlite/driver/in-memory-clone.ts';
import {clean, cleanLines} from '../text/clean.ts';
import {nearPlaces} from '../text/near-places.ts';
import {checkOptions, type TestOption} from './check-options.ts';

/**
 * Runs migrations with the engine of `upgrade`, without backups, and returns all events.
 *
 * @throws MigrError the error of the run
 */
export async function runMigrations(request: FileRequest): Promise<readonly ApplyEvent[]> {
	const [{apply}, {withDefaults}] = await Promise.all([import('../migrations/run/apply.ts'), import('../migrations/run/apply-options.ts')]);
	const events: ApplyEvent[] = [];
	for await (const event of apply(withDefaults({backup: 'never', ...request}))) events.push(event);
	const end = events.at(-1);
	if (end?.type !== 'failed') return events;
	const {code, message, location, details, hint} = end;
	const shown = code === 'answerNeeded' ? 'if this is intended, set the option consent: true' : hint;
	throw new MigrError(code, message, {location: location ?? undefined, details, hint: shown ?? undefined});
}

/**
 * Checks the options of a test, and calls a function with their driver, which also opens all databases of lite-migr in it. An error's message then also
 * contains its place, details and hint, because most test runners print only the message.
 */
export async function withDriverFor<Name extends DriverName, T>(
	options: {readonly driver?: Name},
	known: readonly TestOption[],
	cwd: string,
	work: (driver: CloningDriver<DriverConnections[Name]>) => Promise<T>,
): Promise<T> {
	try {
		checkOptions(options, known);
		const driver = cloningDriver(options.driver ?? ('better-sqlite3' as Name), cwd);
		return await inDriver(driver.driver, () => work(driver));
	} catch (error) {
		throw error instanceof MigrError ? withPlace(error, cwd) : error;
	}
}

function withPlace(error: MigrError, cwd: string): MigrError {
	const {file, line, column, table, row} = error.location ?? {};
	const position = [file === undefined ? undefined : shownPath(file, cwd), line, column].filter((part) => part !== undefined).join(':');
	const place = [position, table === undefined ? '' : `table ${table}`, row ?? ''].filter((part) => part !== '').join(', ');
	const below = [place, ...error.details, error.hint ?? ''].filter((text) => text !== '').flatMap((text) => cleanLines(text).split('\n'));
	return restated(error, {message: nearPlaces([clean(error.message), ...below.map((text) => `  ${text}`)].join('\n'), cwd)});
}

function shownPath(file: string, cwd: string): string {
	const near = relative(cwd, file);
	return near === '..' || near.startsWith(`..${sep}`) ? file : near;
}
