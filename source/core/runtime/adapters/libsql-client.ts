import {type Connection, localFeatures, type Row} from '../connection.ts';

/** A client of @libsql/client, with any kind of URL. */
export interface LibsqlClient {
	execute(sql: string): Promise<{readonly columns: string[]; readonly rows: ArrayLike<ArrayLike<unknown>>}>;
	batch(statements: string[], mode: 'write'): Promise<unknown>;
}

/** Returns a connection of @libsql/client. Foreign keys are left unchanged: the script keeps all rows with foreign keys on or off. */
export function libsqlClient(client: LibsqlClient): Connection {
	return {
		name: 'libSQL',
		features: {...localFeatures, foreignKeysOff: false, legacyAlterTable: false, isRemote: true},
		async query(sql) {
			const {columns, rows} = await client.execute(sql);
			return Array.from(rows, (row): Row => Object.fromEntries(columns.map((column, at) => [column, row[at]])));
		},
		async batch(statements) {
			await client.batch(statements.map(withoutStoring), 'write');
		},
	};
}

/** The client stores texts with fewer characters on a server, which accepts only texts with fewer bytes. */
const maxStored = 5000;

/** Returns a statement that the client does not store if the server would refuse to store it: adds spaces at its end, which SQLite ignores. */
function withoutStoring(sql: string): string {
	const isRefused = sql.length < maxStored && sql.length * 3 >= maxStored && new TextEncoder().encode(sql).length >= maxStored;
	return isRefused ? sql.padEnd(maxStored) : sql;
}
