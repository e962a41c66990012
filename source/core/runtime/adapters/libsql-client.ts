import {type Connection, localFeatures, type Row} from '../connection.ts';

/** A client of @libsql/client, with any kind of URL. */
export interface LibsqlClient {
	execute(sql: string): Promise<{readonly columns: string[]; readonly rows: ArrayLike<ArrayLike<unknown>>}>;
	batch(statements: string[], mode: 'write'): Promise<unknown>;
}

/** Returns a connection of @libsql/client. Foreign keys stay as they are: the script keeps all rows in both cases. */
export function libsqlClient(client: LibsqlClient): Connection {
	return {
		name: 'libSQL',
		features: {...localFeatures, foreignKeysOff: false, legacyAlterTable: false, isRemote: true},
		async query(sql) {
			const {columns, rows} = await client.execute(sql);
			return Array.from(rows, (row): Row => Object.fromEntries(columns.map((column, at) => [column, row[at]])));
		},
		async batch(statements) {
			await client.batch([...statements], 'write');
		},
	};
}
