/** The migration table of lite-migr. */
export const historyTable = '_lite_migr';

/** The columns that lite-migr adds to the three of pylite-orm. A table created by pylite-orm gets them added. */
export const ownColumns = {checksum: 'TEXT', duration_ms: 'INTEGER', tool_version: 'TEXT', adopted: 'INTEGER', downgrade: 'TEXT'} as const;

const columns = `(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    checksum TEXT,
    duration_ms INTEGER,
    tool_version TEXT,
    adopted INTEGER,
    downgrade TEXT
)`;

export const createHistory = `CREATE TABLE ${historyTable} ${columns}`;

export const createHistoryIfMissing = `CREATE TABLE IF NOT EXISTS ${historyTable} ${columns}`;

/** Returns the statements that add missing columns. `present` are the names of its columns, in lower case. */
export function completeHistory(present: readonly string[]): readonly string[] {
	return Object.entries(ownColumns)
		.filter(([column]) => !present.includes(column))
		.map(([column, type]) => `ALTER TABLE ${historyTable} ADD COLUMN ${column} ${type}`);
}

/** Removes the extension. Some tools record migrations with it. */
export function withoutExtension(name: string): string {
	return name.replace(/\.(py|sql|ts|js)$/, '');
}
