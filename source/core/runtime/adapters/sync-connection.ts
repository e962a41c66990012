import {MigrError} from '../../errors.ts';
import {BatchFailure, type Connection, type ConnectionFeatures, localFeatures, messageOf, type Row} from '../connection.ts';

/** The two functions that every synchronous driver has in some form. */
export interface SyncDriver {
	readonly name: string;
	/** Runs one statement. */
	exec(sql: string): unknown;
	/** Returns the rows of a query as objects. */
	all(sql: string): readonly Row[];
	readonly features?: ConnectionFeatures;
}

/**
 * Returns a connection of a synchronous driver. A batch runs with foreign keys off, in its own transaction, or in a savepoint if a transaction is
 * open. The settings of the connection are restored afterwards.
 */
export function syncConnection(driver: SyncDriver): Connection {
	return {
		name: driver.name,
		features: driver.features ?? localFeatures,
		query: (sql) => driver.all(sql),
		batch: (statements, {foreignKeysOff}) => {
			const before = settings.map((setting) => [setting, settingOf(driver, setting)] as const);
			try {
				for (const [setting] of before) driver.exec(`PRAGMA ${setting}=OFF`);
				transaction(driver, statements, foreignKeysOff);
			} finally {
				for (const [setting, value] of before) if (value === 1) driver.exec(`PRAGMA ${setting}=ON`);
			}
		},
	};
}

const settings = ['foreign_keys', 'legacy_alter_table'] as const;

function settingOf(driver: SyncDriver, setting: string): number {
	const [row = {}] = driver.all(`PRAGMA ${setting}`);
	return Number(Object.values(row)[0] ?? 0);
}

function transaction(driver: SyncDriver, statements: readonly string[], foreignKeysOff: boolean): void {
	const [commit, ...rollback] = begin(driver);
	try {
		if (foreignKeysOff && settingOf(driver, 'foreign_keys') === 1) {
			throw new MigrError('plan', 'foreign keys cannot be switched off in an open transaction, and a migration needs that', {
				hint: 'call migrate before the transaction begins',
			});
		}
		for (const [index, sql] of statements.entries()) {
			try {
				driver.exec(sql);
			} catch (error) {
				throw new BatchFailure(error, index);
			}
		}
		driver.exec(commit);
	} catch (error) {
		for (const sql of rollback) undo(driver, sql);
		throw error;
	}
}

/** Begins a transaction. Returns the statements that commit it and that roll it back. */
function begin(driver: SyncDriver): readonly [commit: string, ...rollback: readonly string[]] {
	try {
		driver.exec('BEGIN IMMEDIATE');
		return ['COMMIT', 'ROLLBACK'];
	} catch (error) {
		if (!messageOf(error).includes('within a transaction')) throw error;
		driver.exec('SAVEPOINT _lite_migr_batch');
		return ['RELEASE _lite_migr_batch', 'ROLLBACK TO _lite_migr_batch', 'RELEASE _lite_migr_batch'];
	}
}

/** Some errors, such as a full disk, have rolled back already (https://www.sqlite.org/lang_transaction.html). */
function undo(driver: SyncDriver, sql: string): void {
	try {
		driver.exec(sql);
	} catch (error) {
		if (!/no transaction is active|no such savepoint/.test(messageOf(error))) throw error;
	}
}
