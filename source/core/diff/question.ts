/** A question that only the user can answer. Pure data: the command line prints it, the terminal UI draws it, a decision answers it. */
export type Question = RenameQuestion | DropQuestion | FillQuestion;

interface Base {
	/** Stable while the schemas do not change: `rename:user.full_name`. */
	readonly id: string;
	/** The table, by its name in the database. For a question about a whole object, that object's name. */
	readonly table: string;
	readonly message: string;
	/** Every answer as a command-line flag, the most likely first. */
	readonly flags: readonly string[];
}

/** Asks whether a new table or column is a similar old one with a new name. */
export interface RenameQuestion extends Base {
	readonly kind: 'rename';
	/** The new column. Absent for a table, whose new name is `to`. */
	readonly column?: string;
	/** The new name of the table or column. */
	readonly to: string;
	/** Old tables or columns that are not in the models, the most likely first. */
	readonly candidates: readonly Candidate[];
}

/** An old table or column that may have been renamed to the new one. */
export interface Candidate {
	/** The old name of the table or column. */
	readonly name: string;
	/** 0 to 1. */
	readonly similarity: number;
	/** True for at most one candidate, which is clearly more likely than the others. */
	readonly likely: boolean;
	/** Short facts: `names 71% similar`, `TEXT = TEXT`, `NOT NULL = NOT NULL`, `index user_name follows`. */
	readonly evidence: readonly string[];
}

/** Asks about an object or column that is in the database but not in the models. */
export type DropQuestion = DropObjectQuestion | DropColumnQuestion;

/** Asks about a whole object, named by `table`. */
export interface DropObjectQuestion extends Base {
	readonly kind: 'drop';
	readonly object: 'table' | 'virtualTable' | 'index' | 'view' | 'trigger';
	readonly column?: never;
}

/** Asks about a column of `table`. */
export interface DropColumnQuestion extends Base {
	readonly kind: 'drop';
	readonly object: 'column';
	readonly column: string;
}

/** Asks for a value that rows need but do not have. */
export interface FillQuestion extends Base {
	readonly kind: 'fill';
	readonly column: string;
	/** True if the column is new, so every row needs a value. */
	readonly isNew: boolean;
	/** The current name of the column in the database. Absent if the migration does not rename it. */
	readonly before?: string | undefined;
	/** The default of the column in the models, as an SQL expression. Absent if there is none. */
	readonly default?: string | undefined;
}

/** The answers, from flags, the answers file, annotations or prompts. Names are spelled as the user writes them, and case does not matter. */
export interface Decisions {
	readonly renames: readonly RenameDecision[];
	readonly drops: readonly Target[];
	readonly fills: readonly FillDecision[];
	/** Names or patterns (`legacy_*`) of objects that lite-migr does not manage. */
	readonly ignore: readonly string[];
	/** True to treat every possible rename as a drop and an add. */
	readonly noRenames: boolean;
	/** True to confirm every drop that is not part of an open rename question. */
	readonly allowDrops: boolean;
}

/** A table, or a column of a table. */
export interface Target {
	readonly table: string;
	readonly column?: string;
}

/** The decision that a table or column was renamed. */
export interface RenameDecision extends Target {
	readonly to: string;
}

/** The decision to set the values of a column with an SQL expression over the old row. */
export interface FillDecision {
	readonly table: string;
	readonly column: string;
	readonly expression: string;
}

/** No decisions: every question is asked. */
export const noDecisions: Decisions = {renames: [], drops: [], fills: [], ignore: [], noRenames: false, allowDrops: false};
