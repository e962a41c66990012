import {nearest} from '../../text/nearest.ts';
import {type CallSite, modelError} from './call-site.ts';

/**
 * Checks that the options are an object with known keys. Models run without a TypeScript check, so a typo such as `{ondelete: 'cascade'}` would
 * otherwise be ignored.
 *
 * @throws MigrError `model` if an option is unknown, or the options are not an object
 */
export function checkOptions(what: string, options: unknown, known: readonly string[], site: CallSite): void {
	if (typeof options !== 'object' || options === null || Array.isArray(options)) {
		throw modelError(`${what} takes its options as an object`, site, `use these options: ${known.join(', ')}`);
	}
	const unknown = Object.keys(options).find((key) => !known.includes(key));
	if (unknown === undefined) return;
	const near = nearest(unknown, known);
	throw modelError(
		`${what} has no option ${unknown}`,
		site,
		near === undefined ? `use one of these options: ${known.join(', ')}` : `did you mean ${near}?`,
	);
}

export const referenceOptions = ['onDelete', 'onUpdate', 'deferred', 'match', 'name'] as const;
export const uniqueOptions = ['name', 'constraint', 'onConflict'] as const;
