import {nameKey} from '../schema/identifiers.ts';
import type {Decisions, FillDecision, RenameDecision, Target} from './question.ts';

/** Looks up decisions for the differ. Tracks which decisions were used, so that mistyped ones can be reported. */
export interface Answers {
	readonly noRenames: boolean;
	/** True if any rename of a column was decided. Otherwise `renamedFrom` returns nothing for columns. */
	readonly hasColumnRenames: boolean;
	/** Returns the old name of the object now named `to`: a column of the table, or a table if `tables` is omitted. */
	renamedFrom(to: string, tables?: readonly string[]): string | undefined;
	/** True if dropping a whole object was confirmed. */
	dropsObject(name: string): boolean;
	/** True if dropping a column was confirmed by name. `tables` are the old and the new name of the table. */
	dropsColumn(tables: readonly string[], column: string): boolean;
	/** True if all drops were confirmed. */
	readonly allowDrops: boolean;
	/** True if any fill was given. Otherwise `fill` returns nothing. */
	readonly hasFills: boolean;
	fill(tables: readonly string[], column: string): string | undefined;
	/** Returns decisions that answered no question. */
	unused(): readonly Decision[];
}

/** A decision that answers a question. */
export type Decision = RenameDecision | FillDecision | Target;

export function answersFrom(decisions: Decisions): Answers {
	const used = new Set<Decision>();
	const use = <T extends Decision>(decision: T | undefined): T | undefined => {
		if (decision !== undefined) used.add(decision);
		return decision;
	};
	const tableRenames = firstBy(
		decisions.renames.filter(({column}) => column === undefined),
		({to}) => [to],
	);
	const columnRenames = firstBy(
		decisions.renames.filter(({column}) => column !== undefined),
		({table, to}) => [table, to],
	);
	const drops = firstBy(decisions.drops, ({table, column}) => (column === undefined ? [table] : [table, column]));
	const fills = firstBy(decisions.fills, ({table, column}) => [table, column]);
	const ofColumn = <T extends Decision>(known: ReadonlyMap<string, T>, tables: readonly string[], column: string): T | undefined => {
		if (known.size === 0) return undefined;
		for (const table of tables) {
			const found = known.get(keyOf([table, column]));
			if (found !== undefined) return use(found);
		}
		return undefined;
	};
	return {
		noRenames: decisions.noRenames,
		allowDrops: decisions.allowDrops,
		hasColumnRenames: columnRenames.size > 0,
		renamedFrom(to, tables) {
			return tables === undefined ? use(tableRenames.get(keyOf([to])))?.table : ofColumn(columnRenames, tables, to)?.column;
		},
		dropsObject(name) {
			return use(drops.get(keyOf([name]))) !== undefined;
		},
		dropsColumn(tables, column) {
			return ofColumn(drops, tables, column) !== undefined;
		},
		hasFills: fills.size > 0,
		fill(tables, column) {
			return ofColumn(fills, tables, column)?.expression;
		},
		unused() {
			return [...decisions.renames, ...decisions.drops, ...decisions.fills].filter((decision) => !used.has(decision));
		},
	};
}

function keyOf(names: readonly string[]): string {
	return names.map(nameKey).join('\0');
}

/** Returns the first decision for each name. */
function firstBy<T>(decisions: readonly T[], names: (decision: T) => readonly string[]): ReadonlyMap<string, T> {
	return new Map(decisions.toReversed().map((decision) => [keyOf(names(decision)), decision]));
}
