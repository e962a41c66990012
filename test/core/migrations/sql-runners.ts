import {spawnSync} from 'node:child_process';
import {DatabaseSync} from 'node:sqlite';
import Native from 'better-sqlite3';
import {splitStatements} from '../../../source/core/ddl/split.ts';

const hasShell = spawnSync('sqlite3', ['--version']).status === 0;

/** Other programs that run SQL, all with foreign keys on. Each returns the message of the error, or undefined. */
export const runners: Readonly<Record<string, (file: string, sql: string) => string | undefined>> = {
	'better-sqlite3, all at once in a transaction': (file, sql) => messageOf(new Native(file), (db) => db.exec(`BEGIN;${sql};COMMIT`)),
	'better-sqlite3, statement by statement in a transaction': (file, sql) =>
		messageOf(new Native(file), (db) => db.transaction(() => statements(sql).map((one) => db.prepare(one).run()))()),
	'better-sqlite3, statement by statement without a transaction': (file, sql) =>
		messageOf(new Native(file), (db) => statements(sql).map((one) => db.prepare(one).run())),
	'node:sqlite, all at once': (file, sql) => messageOf(new DatabaseSync(file), (db) => db.exec(sql)),
	'node:sqlite, statement by statement in a transaction': (file, sql) =>
		messageOf(new DatabaseSync(file), (db) => ['BEGIN', ...statements(sql), 'COMMIT'].map((one) => db.prepare(one).run())),
	...(hasShell
		? {
				'the sqlite3 shell': (file: string, sql: string) => {
					const {status, stderr} = spawnSync('sqlite3', ['-bail', file], {
						input: `PRAGMA foreign_keys=ON;\nBEGIN;\n${sql}\nCOMMIT;\n`,
						encoding: 'utf8',
					});
					return status === 0 ? undefined : stderr;
				},
			}
		: {}),
};

function messageOf<D extends {exec(sql: string): unknown; close(): unknown}>(db: D, work: (db: D) => unknown): string | undefined {
	db.exec('PRAGMA foreign_keys=ON');
	try {
		work(db);
		return undefined;
	} catch (error) {
		return (error as Error).message;
	} finally {
		db.close();
	}
}

export function statements(sql: string): readonly string[] {
	return splitStatements(sql).map(({text}) => text);
}
