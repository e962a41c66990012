import {nameKey} from '../schema/identifiers.ts';
import type {Decision} from './answers.ts';
import {type Decisions, noDecisions} from './question.ts';

/** Several sources of decisions as one; the first that says something about a thing wins. What is said twice counts once. */
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
	const said = new Set<string>();
	return decisions.filter((decision) => {
		const {table, column = ''} = decision;
		const key = JSON.stringify([
			nameKey(table),
			nameKey(column),
			'to' in decision ? decision.to : '',
			'expression' in decision ? decision.expression : '',
		]);
		if (said.has(key)) return false;
		said.add(key);
		return true;
	});
}
