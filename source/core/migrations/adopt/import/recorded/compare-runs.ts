import {type RecordedStatement, type Recording, skeletonOf} from './recorder.ts';

/** The places of values that differ between two runs, as `statement:value`. Undefined if the statements themselves differ. */
export type DifferingValues = ReadonlySet<string> | undefined;

/** Compares the statements of two runs of a migration, apart from the form of their numbers. */
export function differingValues({statements}: Recording, other: Recording): DifferingValues {
	if (statements.length !== other.statements.length) return undefined;
	const differing = new Set<string>();
	for (const [index, one] of statements.entries()) {
		const two = other.statements[index];
		if (two === undefined || !haveSameText(one, two)) return undefined;
		for (const [place, value] of one.exact.entries()) if (value !== two.exact[place]) differing.add(`${index}:${place}`);
	}
	return differing;
}

function haveSameText(a: RecordedStatement, b: RecordedStatement): boolean {
	return a.exact.length === b.exact.length && (a.sql === b.sql || skeletonOf(a) === skeletonOf(b));
}
