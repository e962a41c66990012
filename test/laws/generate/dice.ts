import fc from 'fast-check';

/** A number from which one thing is decided; 0 always decides for the simplest, so that a failing case shrinks to what matters. */
export type Die = number;

export const die = fc.noBias(fc.nat(99_999));

export function dice<K extends string>(...names: readonly K[]): fc.Arbitrary<Readonly<Record<K, Die>>> {
	return fc.record(Object.fromEntries(names.map((name) => [name, die])) as Record<K, fc.Arbitrary<Die>>);
}

/** True in so many of a hundred cases; never for 0. */
export function chance(number: Die, percent: number): boolean {
	return number % 100 >= 100 - percent;
}

/** One of several; the first for 0. */
export function pick<T>(from: readonly T[], number: Die): T {
	const picked = from[Math.floor(number / 100) % from.length];
	if (picked === undefined && from.length === 0) throw new Error('there is nothing to pick from');
	return picked as T;
}

/** Up to `count` different ones. */
export function pickSome<T>(from: readonly T[], number: Die, count: number): T[] {
	const start = Math.floor(number / 100) % Math.max(from.length, 1);
	return [...from.slice(start), ...from.slice(0, start)].slice(0, count);
}
