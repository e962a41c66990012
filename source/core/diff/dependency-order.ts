/** Items with those that they need before them; within a circle the given order stays. */
export function dependencyOrder<T>(items: readonly T[], needs: (item: T, other: T) => boolean): readonly T[] {
	const ordered: T[] = [];
	const entered = new Set<T>();
	const visit = (item: T) => {
		if (entered.has(item)) return;
		entered.add(item);
		for (const other of items) if (other !== item && needs(item, other)) visit(other);
		ordered.push(item);
	};
	for (const item of items) visit(item);
	return ordered;
}
