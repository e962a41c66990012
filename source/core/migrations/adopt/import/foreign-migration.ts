import type {Database} from '../../../sqlite/database.ts';

/** A migration in plain SQL as another tool wrote it. */
export interface ForeignMigration {
	/** The tool's name for it, without extension. */
	readonly name: string;
	readonly up: string;
	/** Absent if the tool's file has no downgrade. */
	readonly down?: string;
	readonly isApplied: boolean;
	/** Parts that the imported file omits, or states differently from the tool's file. */
	readonly notes?: readonly string[];
}

/** One tool's folder of migrations, in the tool's order. */
export interface ForeignFolder {
	readonly tool: string;
	readonly migrations: readonly ForeignMigration[];
	/** How the folder was read, if that is not obvious. */
	readonly notes?: readonly string[];
}

/** Reads a folder if it belongs to this tool, otherwise returns undefined. Reads from the database which migrations are applied. */
export type FolderReader = (folder: string, db: Database) => ForeignFolder | undefined;
