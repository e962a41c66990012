import {MigrError} from '../../errors.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {literal, quoted} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import type {AppliedMigration} from '../files/migration.ts';

/**
 * How to read this file: a project with `format = "wrangler"` has one history, the table that `wrangler d1 migrations apply` writes. It contains the file
 * names of applied migrations, and neither checksums nor downgrades. lite-migr reads it and writes it as wrangler does, so both always agree.
 */

/**
 * Returns the migrations that wrangler's table lists, in the order they were applied. Empty if the table does not exist.
 *
 * @throws MigrError `history` if another object has the name of the table, or if only lite-migr's own history has migrations
 */
export function readWranglerHistory(db: Database, table: string): readonly AppliedMigration[] {
	const rows = exists(db, table) ? db.tuples(`SELECT name, applied_at FROM ${quoted(table)} ORDER BY id`) : [];
	if (rows.length === 0) requireNoOwnHistory(db, table);
	return rows.map(
		([name, appliedAt]): AppliedMigration => ({
			name: String(name).replace(/\.sql$/, ''),
			appliedAt: String(appliedAt),
			checksum: null,
			durationMs: null,
			toolVersion: null,
			adopted: false,
		}),
	);
}

/** Returns the statements that create the table as wrangler does. Empty if it exists. */
export function wranglerTableStatements(db: Database, table: string): readonly string[] {
	if (exists(db, table)) return [];
	return [
		`CREATE TABLE ${quoted(table)}(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`,
	];
}

/** Returns the statement that records a migration as applied, or removes it after a downgrade. */
export function wranglerRecord(table: string, name: string, direction: 'upgrade' | 'downgrade'): string {
	const file = literal(`${name}.sql`);
	return direction === 'upgrade' ? `INSERT INTO ${quoted(table)} (name) VALUES (${file})` : `DELETE FROM ${quoted(table)} WHERE name = ${file}`;
}

/** @throws MigrError `history` if lite-migr has applied migrations with a different format: they would be pending */
function requireNoOwnHistory(db: Database, table: string): void {
	const hasOwn = db.value("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", historyTable) !== undefined;
	if (!hasOwn || db.value(`SELECT 1 FROM ${historyTable} LIMIT 1`) === undefined) return;
	throw new MigrError('history', `the applied migrations are in ${historyTable}, but format = "wrangler" reads ${clean(table)}`, {
		location: {table: historyTable},
		hint: `to keep this history, change format in migrate.toml\nto switch to wrangler, insert the file names of the applied migrations into ${clean(table)} and drop ${historyTable}`,
	});
}

function exists(db: Database, table: string): boolean {
	const type = db.value('SELECT type FROM sqlite_schema WHERE name = ? COLLATE NOCASE', table);
	if (type === undefined) return false;
	const columns = db.tuples('SELECT lower(name) FROM pragma_table_info(?)', table).map(([name]) => String(name));
	if (type === 'table' && ['id', 'name', 'applied_at'].every((column) => columns.includes(column))) return true;
	throw new MigrError('history', `${clean(table)} exists, but is not a migration table of wrangler`, {
		location: {table},
		hint: "check migrations_table in wrangler's configuration",
	});
}
