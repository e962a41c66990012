import {syncConnection} from '../../runtime/adapters/sync-connection.ts';
import type {Bundle} from '../../runtime/bundle.ts';
import {type MigrateOptions, migrate} from '../../runtime/migrate.ts';
import type {Database} from '../../sqlite/database.ts';
import type {ApplyEvent} from '../event.ts';
import type {BundleRequest} from './apply-options.ts';
import {agrees} from './consent.ts';

/** Reports the errors of a function of the program like other runs do. */
function checked(consent: NonNullable<MigrateOptions['consent']>): NonNullable<MigrateOptions['consent']> {
	return typeof consent === 'function' ? (losses) => agrees(consent, losses) : consent;
}

function statementsOf({migrations}: Bundle, name: string): number {
	return migrations.find((migration) => migration.name === name)?.up?.statements.length ?? 0;
}

/**
 * Applies a bundle with the runtime, as `migrate` does on a device: in one transaction, or in a savepoint if a transaction is open.
 *
 * Yields the events of `apply` when everything is committed. @throws the errors of `migrate`
 */
export async function* applyBundle(
	db: Database,
	bundle: Bundle,
	{consent = false, acceptEdited = false, wait = 10}: BundleRequest,
): AsyncGenerator<ApplyEvent, void, void> {
	const started = performance.now();
	const connection = syncConnection({name: 'the connection', exec: (sql) => db.exec(sql), all: (sql) => db.all(sql)});
	const {applied, at} = await migrate(connection, bundle, {consent: checked(consent), acceptEdited, wait});
	const durationMs = Math.round(performance.now() - started);
	yield {type: 'start', database: db.path, direction: 'upgrade', migrations: applied, dryRun: false};
	// They run as one script, so only the whole is timed.
	for (const migration of applied) yield {type: 'migrationDone', migration, durationMs: 0, summary: 'applied as part of a bundle'};
	yield {
		type: 'done',
		direction: 'upgrade',
		database: db.path,
		applied: applied.map((name) => ({name, durationMs: 0, steps: statementsOf(bundle, name)})),
		currentMigration: at,
		backup: null,
		plan: null,
		undo: [],
		undoLimits: null,
		durationMs,
		dryRun: false,
	};
}
