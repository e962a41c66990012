import {MigrError} from '../../errors.ts';
import {completeHistory, createHistory, historyTable, ownColumns, withoutExtension} from '../../runtime/history-table.ts';
import {quoted} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import type {TransactionOptions} from '../../sqlite/transaction.ts';
import {writeTransaction} from '../../sqlite/write-transaction.ts';
import {clean} from '../../text/clean.ts';
import type {AppliedMigration} from '../files/migration.ts';
import type {RenamedMigration} from './renamed.ts';
import {readWranglerHistory, wranglerRecord, wranglerTableStatements} from './wrangler-history.ts';

/**
 * Returns the applied migrations that a database records, in the order they were applied. Empty if the history table does not exist.
 *
 * @param wranglerTable wrangler's table, if that is the history of the project
 * @throws MigrError `history` if another object has the name of the history table
 */
export function readApplied(db: Database, wranglerTable?: string): readonly AppliedMigration[] {
	if (wranglerTable !== undefined) return readWranglerHistory(db, wranglerTable);
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
	/** Its downgrade, in the form of `storedDowngrade`. Undefined if it is unknown. */
	readonly downgrade?: string | undefined;
	/** True if it was marked as applied without being run. */
	readonly adopted?: boolean | undefined;
}

/** Records a migration as applied, in the open transaction. Creates the history table, or extends the one of pylite-orm, if needed. */
export function recordApplied(db: Database, entry: HistoryEntry, wranglerTable?: string): void {
	ensureHistory(db, wranglerTable);
	insertApplied(db, entry, wranglerTable);
}

/** Like `recordApplied`, for a history table that is known to be complete. */
export function insertApplied(
	db: Database,
	{name, checksum, durationMs, toolVersion, downgrade, adopted}: HistoryEntry,
	wranglerTable?: string,
): void {
	if (wranglerTable !== undefined) {
		db.run(wranglerRecord(wranglerTable, name, 'upgrade'));
		return;
	}
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

/** A migration to mark as applied. */
export type Adopted = Pick<HistoryEntry, 'name' | 'checksum'>;

export interface Adoption {
	/** The applied migrations that the adoption was prepared for. */
	readonly seen: readonly string[];
	readonly toolVersion: string;
	readonly wranglerTable?: string | undefined;
}

/**
 * Marks migrations as applied without running them, all or none, in its own transaction. Undoing such a migration only removes its row (see
 * `isAdopted`), so its stored downgrade is empty.
 *
 * @param migrations a function is called in the transaction, once the history is known to be the same
 */
export async function recordAdopted(
	db: Database,
	migrations: readonly Adopted[] | (() => readonly Adopted[]),
	{seen, toolVersion, wranglerTable}: Adoption,
	lock: TransactionOptions,
): Promise<void> {
	await writeTransaction(db, lock, () => {
		const present = readApplied(db, wranglerTable).map(({name}) => name);
		if (present.join('\n') !== seen.join('\n')) {
			throw new MigrError('history', 'another process changed the migration history in the meantime; nothing was recorded', {
				hint: 'run lite-migr status, then run the command again',
			});
		}
		for (const {name, checksum} of typeof migrations === 'function' ? migrations() : migrations) {
			recordApplied(db, {name, checksum, durationMs: 0, toolVersion, adopted: true, downgrade: '[]'}, wranglerTable);
		}
	});
}

/** Records the current checksum of an applied migration as the one that was applied, in its own transaction. */
export async function recordChecksum(
	db: Database,
	{name, checksum}: Pick<HistoryEntry, 'name' | 'checksum'>,
	lock: TransactionOptions,
): Promise<void> {
	await writeTransaction(db, lock, () => {
		ensureHistory(db);
		const stored = db.tuples(`SELECT name FROM ${historyTable}`).map(([value]) => String(value));
		for (const candidate of stored.filter((one) => withoutExtension(one) === name)) {
			db.run(`UPDATE ${historyTable} SET checksum = ? WHERE name = ?`, checksum, candidate);
		}
	});
}

/** Removes a migration from the history, in the open transaction. */
export function removeApplied(db: Database, name: string, wranglerTable?: string): void {
	if (wranglerTable !== undefined) {
		db.run(wranglerRecord(wranglerTable, name, 'downgrade'));
		return;
	}
	for (const stored of spellingsOf(name)) db.run(`DELETE FROM ${historyTable} WHERE name = ?`, stored);
}

/**
 * True if undoing the migration should only remove its row, because the migration never ran on this database. Earlier versions did not record this:
 * they gave an adopted migration a duration of 0 ms. A real run is rarely that fast, so a row with 0 ms counts as adopted. This way, no table is
 * dropped in case of doubt.
 */
export function isAdopted({adopted, durationMs}: Pick<AppliedMigration, 'adopted' | 'durationMs'>): boolean {
	return adopted ?? durationMs === 0;
}

/** Renames applied migrations to the current names of their files, in the open transaction. */
export function recordNames(db: Database, renamed: readonly RenamedMigration[]): void {
	const stored = renamed.length === 0 ? [] : db.tuples(`SELECT name FROM ${historyTable}`).map(([value]) => String(value));
	for (const {from, to} of renamed)
		for (const name of stored) if (withoutExtension(name) === from) db.run(`UPDATE ${historyTable} SET name = ? WHERE name = ?`, to, name);
}

/** Creates the history table, or adds its missing columns, in the open transaction. Returns false if it was complete. */
export function ensureHistory(db: Database, wranglerTable?: string): boolean {
	const statements = historyStatements(db, wranglerTable);
	for (const statement of statements) db.exec(statement);
	return statements.length > 0;
}

/** Returns the SQL that creates or completes the history table. Empty if the table is complete. */
export function historyStatements(db: Database, wranglerTable?: string): readonly string[] {
	if (wranglerTable !== undefined) return wranglerTableStatements(db, wranglerTable);
	const columns = historyColumns(db);
	return columns.length === 0 ? [createHistory] : completeHistory(columns);
}

/** The columns of a table that was created with `createHistory`. */
const definedColumns: readonly string[] = ['id', 'name', 'applied_at', ...Object.keys(ownColumns)];

/** Returns the columns of the table in lower case. Empty if there is no table. */
function historyColumns(db: Database): readonly string[] {
	const found = db.tuples(
		`SELECT type, name, lower(name) = '${historyTable}', sql FROM sqlite_schema
			WHERE name = '${historyTable}' COLLATE NOCASE OR tbl_name = '${historyTable}' COLLATE NOCASE`,
	);
	const [type, , , sql] = found.find(([, , isNamedSo]) => isNamedSo === 1) ?? [];
	if (type === undefined) return [];
	const trigger = found.find(([kind]) => kind === 'trigger');
	if (trigger !== undefined) throw triggerOnHistory(String(trigger[1]));
	if (sql === createHistory) return definedColumns;
	const columns = db.tuples('SELECT lower(name) FROM pragma_table_info(?)', historyTable).map(([name]) => String(name));
	if (type === 'table' && ['id', 'name', 'applied_at'].every((column) => columns.includes(column))) return columns;
	throw new MigrError('history', `${historyTable} exists, but is not a migration history table of lite-migr`, {
		location: {table: historyTable},
		hint: `rename it: lite-migr needs the name ${historyTable} for its own table`,
	});
}

/** Returns the error for a trigger on the history table. A run writes its row after all checks, so the effects of a trigger would go unnoticed. */
function triggerOnHistory(trigger: string): MigrError {
	return new MigrError('history', `the migration history table ${historyTable} has a trigger: ${clean(trigger)}`, {
		location: {table: historyTable},
		hint: `check what it does, then drop it: DROP TRIGGER ${quoted(trigger)}`,
	});
}

/** Returns the names that the history may contain for a migration, with and without an extension. */
function spellingsOf(name: string): readonly string[] {
	return [name, ...['py', 'sql', 'ts', 'js'].map((extension) => `${name}.${extension}`)].filter((stored) => withoutExtension(stored) === name);
}
