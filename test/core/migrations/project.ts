import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Database} from '../../../source/core/sqlite/database.ts';
import {openDatabase} from '../../../source/core/sqlite/open.ts';
import {temporaryFolder} from '../sqlite/temporary-folder.ts';

export {thrownBy} from '../sqlite/temporary-folder.ts';

/** A project with a database and a migrations folder, new for each test. */
export function temporaryProject() {
	const folder = temporaryFolder();
	return {
		folder,
		get database() {
			return folder.at('app.db');
		},
		get migrationsDir() {
			return folder.at('migrations');
		},
		/** Writes a migration: `upgrade` and `downgrade` are the bodies of its functions, or, for a name that ends in `.sql`, the whole file. */
		migration(name: string, upgrade: string, downgrade?: string, rest = ''): string {
			mkdirSync(folder.at('migrations'), {recursive: true});
			const isSql = name.endsWith('.sql');
			const text = isSql
				? upgrade
				: `import type {MigrationBuilder} from 'lite-migr';\n${rest}\nexport function upgrade(op: MigrationBuilder) {\n${upgrade}\n}\n${
						downgrade === undefined ? '' : `export function downgrade(op: MigrationBuilder) {\n${downgrade}\n}\n`
					}`;
			const path = join(folder.at('migrations'), isSql ? name : `${name}.ts`);
			writeFileSync(path, text);
			return path;
		},
		removeMigration(name: string): void {
			rmSync(join(folder.at('migrations'), `${name}.ts`));
		},
		open(): Database {
			return openDatabase(folder.at('app.db'), {create: true});
		},
		/** Opens the database, does something with it and closes it again. */
		with<T>(work: (db: Database) => T): T {
			const db = openDatabase(folder.at('app.db'), {create: true});
			try {
				return work(db);
			} finally {
				db.close();
			}
		},
		exec(sql: string): void {
			this.with((db) => db.exec(sql));
		},
		all(sql: string) {
			return this.with((db) => db.all(sql));
		},
		value(sql: string) {
			return this.with((db) => db.value(sql));
		},
	};
}
