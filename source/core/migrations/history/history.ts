import {MigrError} from '../../errors.ts';
import {quoted} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import type {AppliedMigration} from '../files/migration.ts';
import {historyTable} from './foreign-tools.ts';
import type {RenamedMigration} from './renamed.ts';

/** Our columns behind the three that pylite-orm's own tool makes; a table of that tool gets them added. */
const ownColumns = {checksum: 'TEXT', duration_ms: 'INTEGER', tool_version: 'TEXT', adopted: 'INTEGER', downgrade: 'TEXT'} as const;

const definition = `CREATE TABLE ${historyTable} (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    checksum TEXT,
    duration_ms INTEGER,
    tool_version TEXT,
    adopted INTEGER,
    downgrade TEXT
)`;

/**
 * The migrations that a database says were applied, in the order in which they were. A database without the table has none.
 *
 * @throws MigrError `history` where something else bears the table's name
 */
export function readApplied(db: Database): readonly AppliedMigration[] {
	const columns = historyColumns(db);
	if (columns.length === 0) return [];
	const own = Object.keys(ownColumns).map((column) => (columns.includes(column) ? column : `NULL AS ${column}`));
	return db.all(`SELECT name, applied_at, ${own.join(', ')} FROM ${historyTable} ORDER BY id`).map(
		(row): AppliedMigration => ({
			name: withoutExtension(String(row.name)),
			appliedAt: String(row.applied_at),
			checksum: row.checksum === null ? null : String(row.checksum),
			durationMs: row.duration_ms === null ? null : Number(row.duration_ms),
			toolVersion: row.tool_version === null ? null : String(row.tool_version),
			adopted: row.adopted === null ? undefined : Number(row.adopted) !== 0,
			downgrade: row.downgrade === null ? undefined : String(row.downgrade),
		}),
	);
}

export interface HistoryEntry {
	readonly name: string;
	readonly checksum: string;
	readonly durationMs: number;
	readonly toolVersion: string;
	/** Its downgrade, in the form of `storedDowngrade`; left out if it is not known. */
	readonly downgrade?: string | undefined;
	/** True if it is marked as applied without being run. */
	readonly adopted?: boolean | undefined;
}

/** Notes a migration as applied, in the open transaction; makes the table, or takes over that of pylite-orm, where need be. */
export function recordApplied(db: Database, {name, checksum, durationMs, toolVersion, downgrade, adopted}: HistoryEntry): void {
	ensureHistory(db);
	db.run(
		`INSERT INTO ${historyTable} (name, checksum, duration_ms, tool_version, adopted, downgrade) VALUES (?, ?, ?, ?, ?, ?)`,
		name,
		checksum,
		Math.round(durationMs),
		toolVersion,
		adopted === true ? 1 : 0,
		downgrade ?? null,
	);
}

/**
 * Marks migrations as applied without running them, in its own transaction: all or none. To undo one only removes its row (`isAdopted`), so its
 * stored downgrade does nothing.
 */
export function recordAdopted(db: Database, migrations: readonly Pick<HistoryEntry, 'name' | 'checksum'>[], toolVersion: string): void {
	db.exec('BEGIN IMMEDIATE');
	try {
		for (const {name, checksum} of migrations) recordApplied(db, {name, checksum, durationMs: 0, toolVersion, adopted: true, downgrade: '[]'});
		db.exec('COMMIT');
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
	}
}

/** Records the present text of an applied migration as the one that was applied, in its own transaction. */
export function recordChecksum(db: Database, {name, checksum}: Pick<HistoryEntry, 'name' | 'checksum'>): void {
	db.exec('BEGIN IMMEDIATE');
	try {
		ensureHistory(db);
		const stored = db.tuples(`SELECT name FROM ${historyTable}`).map(([value]) => String(value));
		for (const candidate of stored.filter((one) => withoutExtension(one) === name)) {
			db.run(`UPDATE ${historyTable} SET checksum = ? WHERE name = ?`, checksum, candidate);
		}
		db.exec('COMMIT');
	} finally {
		if (db.inTransaction) db.exec('ROLLBACK');
	}
}

/** Notes that a migration was undone. */
export function removeApplied(db: Database, name: string): void {
	const stored = db.tuples(`SELECT name FROM ${historyTable}`).map(([value]) => String(value));
	for (const candidate of stored) if (withoutExtension(candidate) === name) db.run(`DELETE FROM ${historyTable} WHERE name = ?`, candidate);
}

/**
 * True if undoing the migration must only remove its row, because the migration did not make what the database has. Earlier versions did not record
 * it: they gave an adopted migration a duration of 0 ms, which a run hardly ever takes. Such a row counts as adopted, since no table may be dropped
 * when in doubt.
 */
export function isAdopted({adopted, durationMs}: Pick<AppliedMigration, 'adopted' | 'durationMs'>): boolean {
	return adopted ?? durationMs === 0;
}

/** Gives applied migrations the names that their files have now, in the open transaction. */
export function recordNames(db: Database, renamed: readonly RenamedMigration[]): void {
	const stored = renamed.length === 0 ? [] : db.tuples(`SELECT name FROM ${historyTable}`).map(([value]) => String(value));
	for (const {from, to} of renamed)
		for (const name of stored) if (withoutExtension(name) === from) db.run(`UPDATE ${historyTable} SET name = ? WHERE name = ?`, to, name);
}

/** Creates the history table, or adds the columns that it lacks, in the open transaction. */
export function ensureHistory(db: Database): void {
	for (const statement of historyStatements(db)) db.exec(statement);
}

/** What makes the table ready, as SQL: nothing where it is. */
export function historyStatements(db: Database): readonly string[] {
	const columns = historyColumns(db);
	if (columns.length === 0) return [definition];
	return Object.entries(ownColumns)
		.filter(([column]) => !columns.includes(column))
		.map(([column, type]) => `ALTER TABLE ${historyTable} ADD COLUMN ${column} ${type}`);
}

/** The table's columns in lower case; none where there is no table. */
function historyColumns(db: Database): readonly string[] {
	const type = db.value('SELECT type FROM sqlite_schema WHERE name = ? COLLATE NOCASE', historyTable);
	if (type === undefined) return [];
	const columns = db.tuples('SELECT lower(name) FROM pragma_table_info(?)', historyTable).map(([name]) => String(name));
	requireNoTrigger(db);
	if (type === 'table' && ['id', 'name', 'applied_at'].every((column) => columns.includes(column))) return columns;
	throw new MigrError('history', `${historyTable} is not the table in which lite-migr notes what was applied`, {
		location: {table: historyTable},
		hint: `rename it: lite-migr needs ${historyTable} for itself`,
	});
}

/** Each run writes into the table behind its guards: a trigger on it could do anything unseen. */
function requireNoTrigger(db: Database): void {
	const trigger = db.value(`SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE`, historyTable);
	if (trigger === undefined) return;
	throw new MigrError('history', `${historyTable}, in which lite-migr notes what was applied, has a trigger: ${clean(String(trigger))}`, {
		location: {table: historyTable},
		hint: `look at what it does, then drop it: DROP TRIGGER ${quoted(String(trigger))}`,
	});
}

/** A tool that notes whole file names means the same migration. */
function withoutExtension(name: string): string {
	return name.replace(/\.(py|sql|ts|js)$/, '');
}
