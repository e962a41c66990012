import {DatabaseSync} from 'node:sqlite';
import BetterSqlite3 from 'better-sqlite3';
import {betterSqlite3} from '../../../source/core/runtime/adapters/better-sqlite3.ts';
import {nodeSqlite} from '../../../source/core/runtime/adapters/node-sqlite.ts';
import type {Connection} from '../../../source/core/runtime/connection.ts';

/** An open database of a driver, in a file. */
export interface Opened {
	readonly connection: Connection;
	exec(sql: string): void;
	all(sql: string): readonly Readonly<Record<string, unknown>>[];
	close(): void;
}

/** Opens a file with each driver that needs no other process. Foreign keys are on. */
export const fileDrivers: Readonly<Record<string, (file: string) => Opened>> = {
	'better-sqlite3': (file) => {
		const db = new BetterSqlite3(file);
		db.pragma('foreign_keys = ON');
		return {
			connection: betterSqlite3(db),
			exec: (sql) => void db.exec(sql),
			all: (sql) => db.prepare(sql).all() as Readonly<Record<string, unknown>>[],
			close: () => void db.close(),
		};
	},
	'node:sqlite': (file) => {
		const db = new DatabaseSync(file);
		return {
			connection: nodeSqlite(db),
			exec: (sql) => db.exec(sql),
			all: (sql) => db.prepare(sql).all() as Readonly<Record<string, unknown>>[],
			close: () => db.close(),
		};
	},
};
