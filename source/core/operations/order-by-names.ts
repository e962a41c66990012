import {nameKey} from '../schema/identifiers.ts';

/**
 * Things with those that they need before them, each by the names, in lower case, of what it needs; within a circle the given order stays.
 * Near linear, however many there are.
 */
export function orderByNames<T extends {readonly name: string}>(items: readonly T[], needs: (item: T) => readonly string[]): readonly T[] {
	const byName = new Map(items.map((item) => [nameKey(item.name), item]));
	const ordered: T[] = [];
	const entered = new Set<T>();
	for (const first of items) {
		// A stack of its own: a chain of a thousand tables is no reason to run out of the other one.
		const stack: {readonly item: T; readonly waiting: string[]}[] = [];
		const enter = (item: T) => {
			if (entered.has(item)) return;
			entered.add(item);
			stack.push({item, waiting: [...needs(item)].reverse()});
		};
		enter(first);
		for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
			const name = top.waiting.pop();
			const needed = name === undefined ? undefined : byName.get(name);
			if (needed !== undefined) enter(needed);
			else if (name === undefined) ordered.push((stack.pop() as (typeof stack)[number]).item);
		}
	}
	return ordered;
}
