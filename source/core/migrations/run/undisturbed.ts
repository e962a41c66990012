import {MigrError} from '../../errors.ts';
import {nativeOf} from '../../sqlite/connection.ts';
import type {Database} from '../../sqlite/database.ts';
import {isReading} from '../../sqlite/open-connection.ts';
import type {ApplyEvent} from '../event.ts';

/** The program used its connection in the middle of a run, which cannot continue. */
export class Disturbed extends MigrError {
	/** @param state the state of the database, in words */
	constructor(what: string, state: string) {
		super('database', `the program used the connection during the run: ${what}`, {
			hint: 'until the run has ended, use another connection',
			state,
		});
	}
}

/**
 * Yields the events of a run on a connection of the program. After each event, checks that the program has not ended the open transaction, closed the
 * connection or begun to read rows, and otherwise stops the run, which rolls back.
 *
 * @param isOpen true while the program has not closed the connection
 * @throws Disturbed with the state of the database
 */
export async function* undisturbed(
	db: Database,
	isOpen: () => boolean,
	run: () => AsyncGenerator<ApplyEvent, void, void>,
): AsyncGenerator<ApplyEvent, void, void> {
	const isOwn = !db.inTransaction;
	for await (const event of run()) {
		const isLast = event.type === 'done' || event.type === 'failed';
		const isMarked = !isLast && mark(db);
		let isOver = true;
		try {
			yield event;
			isOver = isLast;
		} finally {
			// The program has left the loop, and the transaction may be its own.
			if (isOver && isMarked && isOpen()) removeMark(db);
		}
		if (isOver) continue;
		if (!isOpen()) throw new Disturbed('it is closed', isOwn ? 'uncommitted changes were rolled back' : 'nothing was written');
		requireIdle(db);
		if (isMarked && removeMark(db)) continue;
		if (isMarked) {
			const state = isOwn ? 'changes so far may be committed: lite-migr check shows the state' : 'nothing was written';
			throw new Disturbed('it ended the open transaction', state);
		}
	}
}

const savepoint = 'lite_migr_event';

/** Marks the open transaction with a savepoint, which ends with it. False if no transaction is open. */
function mark(db: Database): boolean {
	return db.inTransaction && attempt(() => db.exec(`SAVEPOINT ${savepoint}`));
}

/** False if the marked transaction has ended. */
function removeMark(db: Database): boolean {
	return attempt(() => db.exec(`RELEASE ${savepoint}`));
}

/** @throws Disturbed if better-sqlite3 refuses to write while the program reads rows one by one */
function requireIdle(db: Database): void {
	if (!isReading(db)) return;
	// Otherwise, the run could not be rolled back either.
	nativeOf(db).unsafeMode(true);
	throw new Disturbed('it is in the middle of reading rows', 'uncommitted changes were rolled back');
}

/** True if a function succeeds. */
function attempt(work: () => void): boolean {
	try {
		work();
		return true;
	} catch {
		return false;
	}
}
