import {type Connection, cloudflareFeatures, type Row} from '../connection.ts';

/** A D1 binding of a Cloudflare Worker. */
export interface D1Database<Statement extends D1Statement = D1Statement> {
	prepare(sql: string): Statement;
	batch(statements: Statement[]): Promise<unknown>;
}

export interface D1Statement {
	all(): Promise<{readonly results: unknown[]}>;
}

/** Returns a connection of a D1 binding. */
export function d1<Statement extends D1Statement>(database: D1Database<Statement>): Connection {
	return {
		name: 'D1',
		features: {...cloudflareFeatures, isRemote: true},
		query: async (sql) => (await database.prepare(sql).all()).results as Row[],
		async batch(statements) {
			await database.batch(statements.map((sql) => database.prepare(sql)));
		},
	};
}
