/** What only a person knows. Pure data: the command line prints it, the terminal UI draws it, a decision answers it. */
export type Question = RenameQuestion | DropQuestion | FillQuestion;

interface Base {
	/** Stable while the schemas stay the same: `rename:user.full_name`. */
	readonly id: string;
	/** The table, by its name in the database; for a question about a whole object, that object's name. */
	readonly table: string;
	readonly message: string;
	/** Every answer as the flags that give it, the likeliest first. */
	readonly flags: readonly string[];
}

/** Something is new and something alike is gone. */
export interface RenameQuestion extends Base {
	readonly kind: 'rename';
	/** The new column; absent when it is about a table, whose new name `to` is. */
	readonly column?: string;
	/** The new name of the table or column. */
	readonly to: string;
	/** What is gone, likeliest first. */
	readonly candidates: readonly Candidate[];
}

export interface Candidate {
	/** The old name of the table or column. */
	readonly name: string;
	/** 0 to 1. */
	readonly likeness: number;
	/** True for at most one: clearly ahead of the others. */
	readonly likely: boolean;
	/** Short facts: `names 71 % alike`, `TEXT = TEXT`, `NOT NULL = NOT NULL`, `index user_name follows`. */
	readonly evidence: readonly string[];
}

/** The database has something that the models do not. */
export interface DropQuestion extends Base {
	readonly kind: 'drop';
	/** Absent when the whole object is meant. */
	readonly column?: string;
	readonly object: 'table' | 'virtualTable' | 'index' | 'view' | 'trigger' | 'column';
}

/** Rows need a value that nothing gives. */
export interface FillQuestion extends Base {
	readonly kind: 'fill';
	readonly column: string;
	/** True when the column is new, so that every row needs a value. */
	readonly isNew: boolean;
}

/** The answers, from flags, the answers file, annotations or prompts. Names as a person gives them; case does not matter. */
export interface Decisions {
	readonly renames: readonly RenameDecision[];
	readonly drops: readonly Target[];
	readonly fills: readonly FillDecision[];
	/** Names or patterns (`legacy_*`) of objects that are not ours. */
	readonly ignore: readonly string[];
	/** Whatever looks like a rename is a drop and an add. */
	readonly noRenames: boolean;
	/** Consent to every drop that is not an open rename question. */
	readonly allowDrops: boolean;
}

export interface Target {
	readonly table: string;
	readonly column?: string;
}

export interface RenameDecision extends Target {
	readonly to: string;
}

export interface FillDecision {
	readonly table: string;
	readonly column: string;
	readonly expression: string;
}

export const noDecisions: Decisions = {renames: [], drops: [], fills: [], ignore: [], noRenames: false, allowDrops: false};
