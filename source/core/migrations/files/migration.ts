import type {Operation} from '../../operations/operation.ts';

/** A migration read from its file. */
export interface Migration {
	/** The file's name without its extension: `20261122_175200_names`. Migrations are ordered by it. */
	readonly name: string;
	readonly path: string;
	readonly format: 'ts' | 'sql' | 'py' | 'wrangler';
	/** The checksum of the file's text, ignoring line endings and trailing whitespace. */
	readonly checksum: string;
	readonly upgrade: readonly Operation[];
	/** Absent if the file has no downgrade. */
	readonly downgrade?: readonly Operation[] | undefined;
	/** False if the file has `export const transaction = false`. The migration then runs outside the shared transaction. */
	readonly transaction: boolean;
}

/** A row of `_lite_migr`. */
export interface AppliedMigration {
	readonly name: string;
	/** UTC, as SQLite writes it: `2026-11-22 17:52:00`. */
	readonly appliedAt: string;
	/** Null if pylite-orm applied it. */
	readonly checksum: string | null;
	readonly durationMs: number | null;
	readonly toolVersion: string | null;
	/** True if it was marked as applied without being run, such as a baseline. Undefined if an earlier version recorded it. */
	readonly adopted?: boolean | undefined;
	/** Its downgrade as stored in the database (`history/stored-downgrade.ts`). Undefined if none is stored. */
	readonly downgrade?: string | undefined;
}
