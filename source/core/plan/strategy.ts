/**
 * How a change is carried out, from cheapest to most expensive:
 * `instant` reads no row, `scan` reads rows once, `index` builds or drops an index, `data` is a statement or code of the migration itself,
 * `rewrite` copies rows once, `drop` drops a table.
 */
export type Strategy = 'instant' | 'scan' | 'index' | 'data' | 'rewrite' | 'drop';

const cost: Readonly<Record<Strategy, number>> = {instant: 0, scan: 1, index: 2, data: 3, rewrite: 4, drop: 5};

/** Returns the first item with the most expensive strategy. Undefined if there are no items. */
export function mostExpensive<T>(items: Iterable<T>, strategyOf: (item: T) => Strategy): T | undefined {
	const costOf = (item: T) => cost[strategyOf(item)];
	let found: T | undefined;
	for (const item of items) if (found === undefined || costOf(item) > costOf(found)) found = item;
	return found;
}
