import {BatchFailure, type Connection, localFeatures, type Row} from '../connection.ts';

/** A database of expo-sqlite, as `openDatabaseAsync` returns it. */
export interface ExpoSqliteDatabase {
	getAllAsync(sql: string): Promise<unknown[]>;
	execAsync(sql: string): Promise<void>;
	withExclusiveTransactionAsync(task: (transaction: {execAsync(sql: string): Promise<void>}) => Promise<void>): Promise<void>;
}

/** Returns a connection of expo-sqlite. Its exclusive transactions cannot switch foreign keys off, which the script does not need. */
export function expoSqlite(db: ExpoSqliteDatabase): Connection {
	return {
		name: 'expo-sqlite',
		features: {...localFeatures, foreignKeysOff: false},
		query: async (sql) => (await db.getAllAsync(sql)) as Row[],
		async batch(statements) {
			const runAll = async (on: {execAsync(sql: string): Promise<void>}): Promise<void> => {
				for (const [index, sql] of statements.entries()) {
					try {
						await on.execAsync(sql);
					} catch (error) {
						throw new BatchFailure(error, index);
					}
				}
			};
			// An exclusive transaction has its own connection, which would be another empty database in memory.
			await (isInMemory(await db.getAllAsync('PRAGMA database_list')) ? inTransaction(db, runAll) : db.withExclusiveTransactionAsync(runAll));
		},
	};
}

function isInMemory(databases: readonly unknown[]): boolean {
	return (databases as readonly {readonly name?: unknown; readonly file?: unknown}[]).some(({name, file}) => name === 'main' && !file);
}

async function inTransaction(db: ExpoSqliteDatabase, work: (db: ExpoSqliteDatabase) => Promise<void>): Promise<void> {
	await db.execAsync('BEGIN');
	try {
		await work(db);
		await db.execAsync('COMMIT');
	} catch (error) {
		await db.execAsync('ROLLBACK');
		throw error;
	}
}
