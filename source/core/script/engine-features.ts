/** What a script may use on an engine. Known from probing it, never from its version. */
export interface EngineFeatures {
	/** Foreign keys can be switched off. If not, a script is refused if SQLite would stop it because of a foreign key that it cannot enforce. */
	readonly foreignKeysOff: boolean;
	/** `PRAGMA legacy_alter_table` works. Without it, views and triggers that name a rewritten table are dropped and created again. */
	readonly legacyAlterTable: boolean;
	/** The largest statement in bytes. */
	readonly maxStatementBytes: number;
	/** The most columns of a table. */
	readonly maxColumns: number;
}

/** Any SQLite since 3.35 with its default limits (https://www.sqlite.org/limits.html). */
export const anyEngine: EngineFeatures = {foreignKeysOff: true, legacyAlterTable: true, maxStatementBytes: 1_000_000_000, maxColumns: 2000};
