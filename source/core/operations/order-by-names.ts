import {nameKey} from '../schema/identifiers.ts';

/**
 * Sorts items so that each comes after the items it needs. `needs` returns their names in lower case. Items in a circle keep the given order.
 * The time is nearly linear in the number of items.
 */
export function orderByNames<T extends {readonly name: string}>(items: readonly T[], needs: (item: T) => readonly string[]): readonly T[] {
	const byName = new Map(items.map((item) => [nameKey(item.name), item]));
	const ordered: T[] = [];
	const entered = new Set<T>();
	for (const first of items) {
		// An explicit stack, because a chain of a thousand tables must not overflow the call stack.
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
