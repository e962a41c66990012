import {MigrError} from '../errors.ts';
import {clean} from '../text/clean.ts';
import {nearest} from '../text/nearest.ts';

type Check = readonly [expected: string, fits: (value: unknown) => boolean];

const path: Check = ['a path', (value) => typeof value === 'string'];
const callback: Check = ['a function', (value) => typeof value === 'function'];
const trueOrFalse: Check = ['true or false', (value) => typeof value === 'boolean'];

const checks = {
	driver: ["'better-sqlite3' or 'node:sqlite'", (value) => value === 'better-sqlite3' || value === 'node:sqlite'],
	config: path,
	migrations: path,
	models: path,
	seed: callback,
	seedKey: ['a string', (value) => typeof value === 'string'],
	before: callback,
	after: callback,
	downgrade: ['true, false or a function', (value) => typeof value === 'boolean' || typeof value === 'function'],
	consent: trueOrFalse,
} satisfies Readonly<Record<string, Check>>;

export type TestOption = keyof typeof checks;

/** The options that name the migrations, and the ones of each function of `lite-migr/test`. */
export const migrationOptions = ['driver', 'config', 'migrations'] as const satisfies readonly TestOption[];
export const databaseOptions = [...migrationOptions, 'models', 'seed', 'seedKey'] as const satisfies readonly TestOption[];
export const releaseOptions = [...migrationOptions, 'consent', 'after'] as const satisfies readonly TestOption[];
export const migrationTestOptions = [...releaseOptions, 'before', 'downgrade'] as const satisfies readonly TestOption[];

/**
 * Checks the options of a test, because a test with a misspelled `after` would check nothing.
 *
 * @throws MigrError `usage` for an unknown option or an invalid value
 */
export function checkOptions(given: unknown, known: readonly TestOption[]): void {
	if (typeof given !== 'object' || given === null)
		throw new MigrError('usage', 'the options must be an object', {hint: `it can have ${known.join(', ')}`});
	for (const [name, value] of Object.entries(given)) {
		const option = known.find((one) => one === name);
		if (option === undefined) {
			const near = nearest(name, known);
			throw new MigrError('usage', `there is no option ${clean(name)}`, {
				hint: near === undefined ? `use ${known.join(', ')}` : `did you mean ${near}?`,
			});
		}
		const [expected, fits] = checks[option];
		if (value !== undefined && !fits(value)) throw new MigrError('usage', `${name} must be ${expected}`, {hint: `correct the option ${name}`});
	}
}
