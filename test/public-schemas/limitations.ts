/** The kinds of parts that a format of models cannot express, each with a pattern for the lines of `pull`. */
const kinds: readonly (readonly [string, RegExp])[] = [
	['UNIQUE, a unique index in drizzle-orm 0.45', /UNIQUE .*, which drizzle-orm .* turns into/],
	['CHECK without a name', /an unnamed CHECK/],
	['names of keys', /the name of /],
	['WITHOUT ROWID', /WITHOUT ROWID/],
	['STRICT', /: STRICT/],
	['COLLATE or DESC in a key', /COLLATE or DESC in /],
	['deferred foreign keys', /DEFERRABLE/],
	['MATCH of a foreign key', /MATCH of/],
	['conflict clauses', /conflict clause/],
	['strings in double quotes', /strings in double quotes/],
];

const other = 'others';

/** Returns how many lines of each kind there are, such as `STRICT: 2`. */
export function countedKinds(lines: readonly string[]): readonly string[] {
	const counts = Map.groupBy(lines, (line) => kindOf(line));
	return [...kinds.map(([kind]) => kind), other].flatMap((kind) => (counts.has(kind) ? [`${kind}: ${counts.get(kind)?.length ?? 0}`] : []));
}

function kindOf(line: string): string {
	return kinds.find(([, pattern]) => pattern.test(line))?.[0] ?? other;
}

/** Returns the sum of the counts. */
export function totalOf(counted: readonly string[]): number {
	return counted.reduce((sum, text) => sum + Number(/\d+$/.exec(text)?.[0]), 0);
}

/** Returns how many of these lists have each kind. */
export function listsWithKind(lists: readonly (readonly string[])[]): readonly (readonly [string, number])[] {
	return [...kinds.map(([kind]) => kind), other]
		.map((kind) => [kind, lists.filter((counted) => counted.some((text) => text.startsWith(`${kind}: `))).length] as const)
		.filter(([, count]) => count > 0);
}
