import {resolve} from 'node:path';
import {nativeOf} from '../../sqlite/connection.ts';
import type {Database} from '../../sqlite/database.ts';
import {adoptNative} from '../../sqlite/driver/adopt.ts';
import {withDriver} from '../../sqlite/driver/choose.ts';
import {driverOfFile} from '../../sqlite/driver/driver-of-file.ts';
import {type TakenConnection, takeConnection} from '../../sqlite/open-connection.ts';
import {openWithRetry} from '../../sqlite/open-with-retry.ts';
import type {ApplyEvent} from '../event.ts';
import {apply} from './apply.ts';
import {applyBundle} from './apply-bundle.ts';
import {applyInTransaction} from './apply-in-transaction.ts';
import {type ApplyRequest, type BundleRequest, type ConnectionRequest, type FileRequest, withDefaults} from './apply-options.ts';
import {databaseFile} from './apply-target.ts';
import {checkRequest, requireFolder} from './check-request.ts';
import {failedEvent} from './end-events.ts';
import {endedEarly} from './ended-early.ts';
import {startJournal} from './journal.ts';
import {Disturbed, undisturbed} from './undisturbed.ts';

/** Runs the request of a program, with defaults for missing options. Yields the events of `apply`, and never throws. */
export async function* applyRequest(request: ApplyRequest): AsyncGenerator<ApplyEvent, void, void> {
	let taken: TakenConnection | undefined;
	const reported: ApplyEvent[] = [];
	try {
		checkRequest(request);
		const {database} = request;
		const isBundle = isBundled(request);
		if (!isBundle) requireFolder(request.migrationsDir ?? request.migrations.path, request.direction);
		if (typeof database === 'string') {
			const driver = driverOfFile(databaseFile(database), {name: request.driver, project: resolve(projectOf(request))});
			yield* withDriver(driver, () => (isBundle ? bundleInFile(request, database) : apply(withDefaults(request as FileRequest))));
			return;
		}
		taken = takeConnection(database);
		const {db, isOpen} = taken;
		// Every other database of the run comes from the same copy of SQLite, which alone sees the locks of the connection.
		const run = isBundle
			? applyBundle(db, request.migrations, request)
			: undisturbed(db, isOpen, () => withDriver(nativeOf(db).driver, () => applyTo(db, request)));
		for await (const event of run) {
			if (event.type !== 'progress') reported.push(event);
			yield event;
		}
	} catch (error) {
		const named = withDefaults({database: pathOf(request), migrationsDir: ''});
		if (!(error instanceof Disturbed)) yield failedEvent(error, named, startJournal());
		else {
			const event = endedEarly(named, reported, error);
			yield {...event, state: error.state ?? event.state};
		}
	} finally {
		taken?.giveBack();
	}
}

/** Returns the path of the database, for messages. The request may be invalid. */
function pathOf(request: Partial<ApplyRequest> | undefined): string {
	const {database} = request ?? {};
	return typeof database === 'string' ? database : (adoptNative(database)?.path ?? ':memory:');
}

/** The program's own better-sqlite3 is found from its migrations. */
function projectOf({migrationsDir, migrations}: ApplyRequest): string {
	return migrationsDir ?? (migrations !== undefined && 'path' in migrations ? migrations.path : '.');
}

function isBundled(request: ApplyRequest): request is BundleRequest {
	return request.migrations !== undefined && 'format' in request.migrations;
}

function applyTo(db: Database, request: FileRequest | ConnectionRequest): AsyncGenerator<ApplyEvent, void, void> {
	const options = {...withDefaults({...request, database: db.path, backup: 'never'} as FileRequest), connection: db};
	return db.inTransaction ? applyInTransaction(options) : apply(options);
}

async function* bundleInFile(request: BundleRequest, database: string): AsyncGenerator<ApplyEvent, void, void> {
	const db = await openWithRetry(databaseFile(database), {create: true, wait: request.wait});
	try {
		yield* applyBundle(db, request.migrations, request);
	} finally {
		db.close();
	}
}
