import {nameKey, sameName} from '../schema/identifiers.ts';
import type {Decisions, FillDecision, RenameDecision, Target} from './question.ts';

/** The decisions as the differ asks for them. It remembers which were of use, so that a mistyped one can be told. */
export interface Answers {
	readonly noRenames: boolean;
	/** The old name of what is called `to` now: a column of the table, or a table when `tables` is left out. */
	renamedFrom(to: string, tables?: readonly string[]): string | undefined;
	/** Consent to the drop of a whole object. */
	dropsObject(name: string): boolean;
	/** Consent by name to the drop of a column; tables: the names that the table had and has. */
	dropsColumn(tables: readonly string[], column: string): boolean;
	/** Consent to every drop. */
	readonly allowDrops: boolean;
	fill(tables: readonly string[], column: string): string | undefined;
	/** Decisions that answered nothing. */
	unused(): readonly Decision[];
}

export type Decision = RenameDecision | FillDecision | Target;

export function answersFrom(decisions: Decisions): Answers {
	const used = new Set<Decision>();
	const use = <T extends Decision>(decision: T | undefined): T | undefined => {
		if (decision !== undefined) used.add(decision);
		return decision;
	};
	const isOneOf = (table: string, tables: readonly string[]) => tables.some((name) => sameName(name, table));
	return {
		noRenames: decisions.noRenames,
		allowDrops: decisions.allowDrops,
		renamedFrom(to, tables) {
			const found = decisions.renames.find((rename) =>
				tables === undefined
					? rename.column === undefined && sameName(rename.to, to)
					: rename.column !== undefined && isOneOf(rename.table, tables) && sameName(rename.to, to),
			);
			return tables === undefined ? use(found)?.table : use(found)?.column;
		},
		dropsObject(name) {
			return use(decisions.drops.find((drop) => drop.column === undefined && sameName(drop.table, name))) !== undefined;
		},
		dropsColumn(tables, column) {
			return (
				use(decisions.drops.find((drop) => drop.column !== undefined && isOneOf(drop.table, tables) && sameName(drop.column, column))) !== undefined
			);
		},
		fill(tables, column) {
			return use(decisions.fills.find((fill) => isOneOf(fill.table, tables) && nameKey(fill.column) === nameKey(column)))?.expression;
		},
		unused() {
			return [...decisions.renames, ...decisions.drops, ...decisions.fills].filter((decision) => !used.has(decision));
		},
	};
}
