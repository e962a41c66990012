import {BatchFailure, type Connection, localFeatures, type Row} from '../connection.ts';

/** A database of expo-sqlite, as `openDatabaseAsync` returns it. */
export interface ExpoSqliteDatabase {
	getAllAsync(sql: string): Promise<unknown[]>;
	withExclusiveTransactionAsync(task: (transaction: {execAsync(sql: string): Promise<void>}) => Promise<void>): Promise<void>;
}

/** Returns a connection of expo-sqlite. Its exclusive transactions cannot switch foreign keys off, which the script does not need. */
export function expoSqlite(db: ExpoSqliteDatabase): Connection {
	return {
		name: 'expo-sqlite',
		features: {...localFeatures, foreignKeysOff: false},
		query: async (sql) => (await db.getAllAsync(sql)) as Row[],
		async batch(statements) {
			await db.withExclusiveTransactionAsync(async (transaction) => {
				for (const [index, sql] of statements.entries()) {
					try {
						await transaction.execAsync(sql);
					} catch (error) {
						throw new BatchFailure(error, index);
					}
				}
			});
		},
	};
}
