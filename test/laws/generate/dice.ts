import fc from 'fast-check';

/** A random number for one decision. 0 always gives the simplest choice, so failing cases shrink to the relevant parts. */
export type Die = number;

export const die = fc.noBias(fc.nat(99_999));

export function dice<K extends string>(...names: readonly K[]): fc.Arbitrary<Readonly<Record<K, Die>>> {
	return fc.record(Object.fromEntries(names.map((name) => [name, die])) as Record<K, fc.Arbitrary<Die>>);
}

/** True in `percent` of all cases, and never for 0. */
export function chance(number: Die, percent: number): boolean {
	return number % 100 >= 100 - percent;
}

/** Returns one of the items, and the first for 0. */
export function pick<T>(from: readonly T[], number: Die): T {
	const picked = from[Math.floor(number / 100) % from.length];
	if (picked === undefined && from.length === 0) throw new Error('the list to pick from is empty');
	return picked as T;
}

/** Returns up to `count` different items. */
export function pickSome<T>(from: readonly T[], number: Die, count: number): T[] {
	const start = Math.floor(number / 100) % Math.max(from.length, 1);
	return [...from.slice(start), ...from.slice(0, start)].slice(0, count);
}
