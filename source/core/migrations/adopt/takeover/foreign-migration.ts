import type {Database} from '../../../sqlite/database.ts';

/** A migration in plain SQL as another tool wrote it. */
export interface ForeignMigration {
	/** As the tool calls it, without extension; they are in the tool's order. */
	readonly name: string;
	readonly up: string;
	/** Absent where the tool's file has no way down. */
	readonly down?: string;
	readonly isApplied: boolean;
}

/** One tool's folder of migrations. */
export interface ForeignFolder {
	readonly tool: string;
	readonly migrations: readonly ForeignMigration[];
}

/** Reads a folder if it is this tool's, otherwise gives nothing. The database tells what was applied. */
export type FolderReader = (folder: string, db: Database) => ForeignFolder | undefined;
