/** What lite-migr does with the database of a public project. Contains nothing that differs between machines. */
export interface ProjectResult {
	readonly name: string;
	readonly repository: string;
	readonly commit: string;
	readonly license: string;
	readonly counts: Counts;
	/** By format of the models: `pull`, and `check` after the database was adopted. */
	readonly pull: Readonly<Record<PullFormat, Outcome>>;
	/** `baseline`, without a change to the schema or a row, and `check`. */
	readonly adopt: Outcome;
	/** `create` and `upgrade` of a change of the models, with every row kept, and `check`. */
	readonly change: Outcome;
	/** `downgrade`, back to the schema and the rows of before. */
	readonly undo: Outcome;
	/** `upgrade` of a new database, which equals the adopted one. */
	readonly build: Outcome;
	/** `baseline --from`, of the project's own migrations. Absent if it has none that lite-migr imports. */
	readonly history?: History;
}

export interface Counts {
	readonly tables: number;
	readonly indexes: number;
	readonly triggers: number;
	readonly views: number;
	readonly virtualTables: number;
	readonly rows: number;
}

export interface History {
	readonly tool: string;
	readonly migrations: number;
	/** All migrations are marked as applied, the database is unchanged, and its models are green. */
	readonly adopt: Outcome;
	/** `upgrade` of a new database with the imported files. */
	readonly build: Outcome;
}

export const pullFormats = ['sql', 'ts', 'drizzle'] as const;
export type PullFormat = (typeof pullFormats)[number];

/** A step that succeeded, with notes about it, that lite-migr refused, or that was not tried because an earlier one was refused. */
export type Outcome = Done | Refused | NotTried;

export interface Done {
	readonly kind: 'done';
	/** The parts of the schema that the format of the models cannot express, counted by kind. */
	readonly notes: readonly string[];
}

export interface Refused {
	readonly kind: 'refused';
	/** The message of lite-migr, in one line. */
	readonly reason: string;
	/** What the user can do. */
	readonly fix: string;
}

export interface NotTried {
	readonly kind: 'notTried';
}

export const notTried: NotTried = {kind: 'notTried'};

export function done(notes: readonly string[] = []): Done {
	return {kind: 'done', notes};
}
