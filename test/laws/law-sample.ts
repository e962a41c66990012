/** Which generated cases a law is tried on, as fast-check takes it. */
export interface LawSample {
	readonly numRuns: number;
	readonly seed?: number;
	readonly endOnFailure: boolean;
}

/**
 * Returns the cases of a law. Without the variable (`LAWS=1000`), there are few, and they are always the same, so a failure is caused by the change.
 *
 * @param size the number of cases without the variable
 * @param seed the seed without the variable
 */
export function lawSample(size: number, seed: number, variable: 'LAWS' | 'EFFECTS' = 'LAWS'): LawSample {
	const {[variable]: given, LAWS_SEED, LAWS_SHRINK} = process.env;
	const chosen = LAWS_SEED ?? (given === undefined ? seed : undefined);
	return {numRuns: Number(given ?? size), ...(chosen === undefined ? {} : {seed: Number(chosen)}), endOnFailure: LAWS_SHRINK === 'no'};
}
