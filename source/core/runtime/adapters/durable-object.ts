import {BatchFailure, type Connection, cloudflareFeatures, type Row} from '../connection.ts';

/** The storage of a Durable Object with SQLite: `ctx.storage`. */
export interface DurableObjectStorage {
	readonly sql: {exec(sql: string): {toArray(): unknown[]}};
	transactionSync<T>(run: () => T): T;
}

/** Returns a connection of a Durable Object's storage. */
export function durableObject(storage: DurableObjectStorage): Connection {
	const all = (sql: string) => storage.sql.exec(sql).toArray() as Row[];
	return {
		name: 'the Durable Object',
		features: cloudflareFeatures,
		query: all,
		batch(statements) {
			storage.transactionSync(() => {
				for (const [index, sql] of statements.entries()) {
					try {
						all(sql);
					} catch (error) {
						throw new BatchFailure(error, index);
					}
				}
			});
		},
	};
}
