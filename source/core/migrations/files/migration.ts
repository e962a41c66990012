import type {Operation} from '../../operations/operation.ts';

/** A migration as read from its file. */
export interface Migration {
	/** The file's name without its extension: `20261122_175200_names`. Migrations are ordered by it. */
	readonly name: string;
	readonly path: string;
	readonly format: 'ts' | 'sql' | 'py';
	/** Of the file's text, without regard to line endings and white space at the ends of lines. */
	readonly checksum: string;
	readonly upgrade: readonly Operation[];
	/** Absent when the file has no way down. */
	readonly downgrade?: readonly Operation[];
	/** False when the file says `export const transaction = false`: it then runs alone. */
	readonly transaction: boolean;
}

/** A row of `_lite_migr`. */
export interface AppliedMigration {
	readonly name: string;
	/** UTC, as SQLite writes it: `2026-11-22 17:52:00`. */
	readonly appliedAt: string;
	/** Null for what pylite-orm's own tool applied. */
	readonly checksum: string | null;
	readonly durationMs: number | null;
	readonly toolVersion: string | null;
	/** True if it was marked as applied without being run, such as a baseline; left out if the version that recorded it did not say. */
	readonly adopted?: boolean | undefined;
	/** Its downgrade as stored in the database (`history/stored-downgrade.ts`); left out if none is stored. */
	readonly downgrade?: string | undefined;
}
