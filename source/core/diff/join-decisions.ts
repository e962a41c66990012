import {type Decisions, noDecisions} from './question.ts';

/** Several sources of decisions as one; the first that says something about a thing wins. */
export function joinDecisions(...sources: readonly Decisions[]): Decisions {
	return sources.reduce(
		(all, next) => ({
			renames: [...all.renames, ...next.renames],
			drops: [...all.drops, ...next.drops],
			fills: [...all.fills, ...next.fills],
			ignore: [...all.ignore, ...next.ignore],
			noRenames: all.noRenames || next.noRenames,
			allowDrops: all.allowDrops || next.allowDrops,
		}),
		noDecisions,
	);
}
