import {nativeOf} from '../../sqlite/connection.ts';
import {driverFor, withDriver} from '../../sqlite/driver/choose.ts';
import {type TakenConnection, takeConnection} from '../../sqlite/open-connection.ts';
import type {ApplyEvent} from '../event.ts';
import {apply} from './apply.ts';
import {applyInTransaction} from './apply-in-transaction.ts';
import {type ApplyRequest, type ConnectionRequest, type FileRequest, withDefaults} from './apply-options.ts';
import {failedEvent} from './end-events.ts';
import {startJournal} from './journal.ts';

/** Runs the request of a program, with defaults for what it does not say. Yields the events of `apply`, and never throws. */
export async function* applyRequest(request: ApplyRequest): AsyncGenerator<ApplyEvent, void, void> {
	const {database} = request;
	try {
		yield* typeof database === 'string' ? applyToFile(request as FileRequest) : applyToConnection(request as ConnectionRequest);
	} catch (error) {
		const named = {database: typeof database === 'string' ? database : ':memory:', migrationsDir: ''};
		yield failedEvent(error, withDefaults(named), startJournal());
	}
}

async function* applyToFile(request: FileRequest): AsyncGenerator<ApplyEvent, void, void> {
	const options = withDefaults(request);
	if (request.driver === undefined) yield* apply(options);
	else yield* withDriver(driverFor({name: request.driver}), () => apply(options));
}

async function* applyToConnection({database: connection, ...request}: ConnectionRequest): AsyncGenerator<ApplyEvent, void, void> {
	let taken: TakenConnection | undefined;
	try {
		taken = takeConnection(connection);
		const {db} = taken;
		const options = {...withDefaults({...request, database: db.path, backup: 'never'} as FileRequest), connection: db};
		// Every other database of the run comes from the same copy of SQLite, which alone sees the locks of the connection.
		yield* withDriver(nativeOf(db).driver, () => (db.inTransaction ? applyInTransaction(options) : apply(options)));
	} finally {
		taken?.giveBack();
	}
}
