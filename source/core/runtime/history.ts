import {MigrError} from '../errors.ts';
import type {Connection} from './connection.ts';
import {completeHistory, createHistory, createHistoryIfMissing, historyTable, ownColumns, withoutExtension} from './history-table.ts';

export interface AppliedRow {
	/** The name in the table, which may have an extension. */
	readonly stored: string;
	readonly name: string;
	/** Null if pylite-orm applied it. */
	readonly checksum: string | null;
	/** True if it was marked as applied without being run. */
	readonly adopted: boolean;
	/** Its downgrade, as the history stores it. Null if it was not read. */
	readonly downgrade: string | null;
}

/** The history of a database, as it was read. */
export interface History {
	/** In the order they were applied. */
	readonly applied: readonly AppliedRow[];
	/** The number of rows and the last id. A later state of the history has a different text. */
	readonly state: string;
	/** Statements that create or complete the table. */
	readonly setup: readonly string[];
}

/**
 * Reads the history. Writes nothing.
 *
 * @param withDowngrades true to read the downgrades too, which are most of its size
 * @throws MigrError `history` if another object has the name of the history table, or if the table has a trigger
 */
export async function readHistory(connection: Connection, withDowngrades: boolean): Promise<History> {
	const objects = await connection.query(
		`SELECT type, name, sql FROM sqlite_schema WHERE name = '${historyTable}' COLLATE NOCASE OR (type = 'trigger' AND tbl_name = '${historyTable}' COLLATE NOCASE)`,
	);
	if (objects.length === 0) return {applied: [], state: '0 0', setup: [createHistoryIfMissing]};
	const trigger = objects.find(({type}) => type === 'trigger');
	if (trigger !== undefined) {
		throw new MigrError('history', `the migration history table ${historyTable} has a trigger: ${String(trigger.name)}`, {
			hint: 'check what it does, then drop it',
		});
	}
	const columns = objects[0]?.sql === createHistory ? definedColumns : await columnsOf(connection);
	if (objects[0]?.type !== 'table' || !['id', 'name', 'applied_at'].every((column) => columns.includes(column))) {
		throw new MigrError('history', `${historyTable} exists, but is not a migration history table of lite-migr`, {
			hint: `rename it: lite-migr needs the name ${historyTable} for its own table`,
		});
	}
	const isRead = (column: string) => columns.includes(column) && (withDowngrades || column !== 'downgrade');
	const own = Object.keys(ownColumns).map((column) => (isRead(column) ? column : `NULL AS ${column}`));
	const rows = await connection.query(`SELECT id, name, ${own.join(', ')} FROM ${historyTable} ORDER BY id`);
	return {
		applied: rows.map(({name, checksum, duration_ms, adopted, downgrade}) => ({
			stored: String(name),
			name: withoutExtension(String(name)),
			checksum: textOf(checksum),
			// In earlier versions, only the duration shows that a migration was not run.
			adopted: Number(adopted ?? (duration_ms !== null && Number(duration_ms) === 0)) !== 0,
			downgrade: textOf(downgrade),
		})),
		state: `${rows.length} ${String(rows.at(-1)?.id ?? 0)}`,
		setup: [createHistoryIfMissing, ...completeHistory(columns)],
	};
}

/** The columns of a table that was created with `createHistory`. */
const definedColumns: readonly string[] = ['id', 'name', 'applied_at', ...Object.keys(ownColumns)];

async function columnsOf(connection: Connection): Promise<readonly string[]> {
	return (await connection.query(`SELECT lower(name) AS name FROM pragma_table_info('${historyTable}')`)).map(({name}) => String(name));
}

/** A query for the state of the history, as `readHistory` returns it. */
export const historyState = `SELECT count(*) || ' ' || coalesce(max(id), 0) FROM ${historyTable}`;

function textOf(value: unknown): string | null {
	return value === null || value === undefined ? null : String(value);
}
