/** The features that a script may use on an engine, and its limits. */
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

export type EngineKind = 'sqlite' | 'd1' | 'libsql' | 'rqlite';

/** The features of each engine, as measured with real servers (`npm run test:engines`). A connection probes it again. */
export const engineFeatures: Readonly<Record<EngineKind, EngineFeatures>> = {
	// Any SQLite since 3.35, with its default limits (https://www.sqlite.org/limits.html).
	sqlite: {foreignKeysOff: true, legacyAlterTable: true, maxStatementBytes: 1_000_000_000, maxColumns: 2000},
	// https://developers.cloudflare.com/d1/platform/limits/
	d1: {foreignKeysOff: false, legacyAlterTable: true, maxStatementBytes: 100_000, maxColumns: 100},
	libsql: {foreignKeysOff: true, legacyAlterTable: false, maxStatementBytes: 1_000_000_000, maxColumns: 2000},
	rqlite: {foreignKeysOff: true, legacyAlterTable: true, maxStatementBytes: 1_000_000_000, maxColumns: 2000},
};
