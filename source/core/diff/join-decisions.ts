import {nameKey} from '../schema/identifiers.ts';
import type {Decision} from './answers.ts';
import {type Decisions, noDecisions} from './question.ts';

/** Joins several sources of decisions. The first decision about an object wins, and duplicates count once. */
export function joinDecisions(...sources: readonly Decisions[]): Decisions {
	return sources.reduce(
		(all, next) => ({
			renames: distinct([...all.renames, ...next.renames]),
			drops: distinct([...all.drops, ...next.drops]),
			fills: distinct([...all.fills, ...next.fills]),
			ignore: [...all.ignore, ...next.ignore],
			noRenames: all.noRenames || next.noRenames,
			allowDrops: all.allowDrops || next.allowDrops,
		}),
		noDecisions,
	);
}

function distinct<One extends Decision>(decisions: readonly One[]): readonly One[] {
	const seen = new Set<string>();
	return decisions.filter((decision) => {
		const {table, column = ''} = decision;
		const key = JSON.stringify([
			nameKey(table),
			nameKey(column),
			'to' in decision ? decision.to : '',
			'expression' in decision ? decision.expression : '',
		]);
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	});
}
