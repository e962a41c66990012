import {writeFileSync} from 'node:fs';
import type {ApplyEvent, TableEffect} from '../migrations/event.ts';
import type {Finding} from '../migrations/finding.ts';
import {resolveName} from '../migrations/history/select.ts';
import type {DriverConnections, DriverName} from '../sqlite/driver/driver-connections.ts';
import {migrationTestOptions} from './check-options.ts';
import type {MigrationOptions} from './options.ts';
import {inNewFolder, withConnection} from './private-file.ts';
import {runMigrations, withDriverFor} from './run-migrations.ts';
import {requireSchema, schemaOfFile} from './same-schema.ts';
import {templateFor} from './template.ts';
import {readTemplateSource} from './template-source.ts';

/** The test of one migration. */
export interface MigrationTest<Driver extends DriverName = 'better-sqlite3'> extends MigrationOptions<Driver> {
	/** Inserts rows into the database just before the migration. Foreign keys are on. */
	readonly before?: (database: DriverConnections[Driver]) => unknown;
	/** Checks the database after the migration. */
	readonly after?: (database: DriverConnections[Driver], outcome: MigrationOutcome) => unknown;
	/** True to run the downgrade afterwards. The schema must then be the one before the migration. A function checks the rows. */
	readonly downgrade?: boolean | ((database: DriverConnections[Driver]) => unknown);
	/** True if the migration may lose or change rows. By default, the test fails if it does, as `upgrade` would without consent. */
	readonly consent?: boolean;
}

/** The effects of migrations. */
export interface MigrationOutcome {
	/** The migrations that ran. */
	readonly migrations: readonly string[];
	/** The problems found in the rows before the run. */
	readonly findings: readonly Finding[];
	/** The effects of statements and code on rows. */
	readonly effects: readonly TableEffect[];
}

/** Runs one migration on the rows that `before` inserts. */
export async function testMigration<Driver extends DriverName = 'better-sqlite3'>(
	name: string,
	given: MigrationTest<Driver>,
	cwd: string,
): Promise<void> {
	await withDriverFor(given, migrationTestOptions, cwd, async (driver) => {
		const {driver: _, before, after, downgrade = false, consent = false, ...options} = given;
		const {names, path, wranglerTable, ignore} = readTemplateSource({...options, cwd});
		const migration = resolveName(name, names);
		const template = await templateFor(driver, {...options, cwd, before: migration});
		await inNewFolder(async (database) => {
			writeFileSync(database, template.content);
			if (before !== undefined) await withConnection(driver, database, 'before', before);
			const schemaBefore = schemaOfFile(database, ignore);
			const request = {database, migrationsDir: path, ...(wranglerTable === undefined ? {} : {wranglerTable})};
			const outcome = outcomeOf(await runMigrations({...request, to: migration, consent}));
			if (after !== undefined) await withConnection(driver, database, 'after', (connection) => after(connection, outcome));
			if (downgrade === false) return;
			await runMigrations({...request, direction: 'downgrade', steps: 1, consent: true});
			requireSchema(schemaBefore, schemaOfFile(database, ignore), `the downgrade of ${migration} does not restore the schema`);
			if (typeof downgrade === 'function') await withConnection(driver, database, 'downgrade', downgrade);
		});
	});
}

/** Returns the results in the events of a run. */
export function outcomeOf(events: readonly ApplyEvent[]): MigrationOutcome {
	return {
		migrations: events.flatMap((event) => (event.type === 'done' ? event.applied.map(({name}) => name) : [])),
		findings: events.flatMap((event) => (event.type === 'preflight' ? event.findings : [])),
		effects: events.flatMap((event) => (event.type === 'effects' ? event.tables : [])),
	};
}
