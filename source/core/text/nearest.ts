/**
 * Returns the known name that is closest to `name`, for "did you mean": the one with the fewest single-letter edits (insert, delete, replace, swap
 * of neighbors). At most a third of the letters may be edited, and at least one must stay. Ignores case. Undefined if no name is close.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
	let best: string | undefined;
	let fewest = Number.POSITIVE_INFINITY;
	for (const candidate of known) {
		const edits = distance(name.toLowerCase(), candidate.toLowerCase());
		const letters = Math.max(name.length, candidate.length);
		const allowed = Math.min(letters - 1, Math.max(1, Math.floor(letters / 3)));
		if (edits <= allowed && edits < fewest) {
			best = candidate;
			fewest = edits;
		}
	}
	return best;
}

/** Returns the optimal string alignment distance. */
function distance(a: string, b: string): number {
	let older: number[] = [];
	let previous = Array.from({length: b.length + 1}, (_, index) => index);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const cost = a[i - 1] === b[j - 1] ? 0 : 1;
			let edits = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, (older[j - 2] ?? 0) + 1);
			row.push(edits);
		}
		older = previous;
		previous = row;
	}
	return previous[b.length] ?? 0;
}
