import type {Connection} from '../connection.ts';
import {syncConnection} from './sync-connection.ts';

/** A `Database` of sql.js. */
export interface SqlJsDatabase {
	run(sql: string): unknown;
	exec(sql: string): {readonly columns: string[]; readonly values: unknown[][]}[];
}

/** Returns a connection of sql.js. The database is in memory: save `db.export()` after a migration. */
export function sqlJs(db: SqlJsDatabase): Connection {
	return syncConnection({
		name: 'sql.js',
		exec: (sql) => db.run(sql),
		all: (sql) =>
			db.exec(sql).flatMap(({columns, values}) => values.map((row) => Object.fromEntries(row.map((value, at) => [columns[at] ?? '', value])))),
	});
}
