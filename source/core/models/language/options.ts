import {nearest} from '../../text/nearest.ts';
import {type CallSite, modelError} from './call-site.ts';

/**
 * Throws MigrError('model') for an option that there is not, and for options that are no object: models are run without being checked by
 * TypeScript, and `{ondelete: 'cascade'}` would be a foreign key that does nothing.
 */
export function checkOptions(what: string, options: unknown, known: readonly string[], site: CallSite): void {
	if (typeof options !== 'object' || options === null || Array.isArray(options)) {
		throw modelError(`${what} takes its options as an object`, site, `they are ${known.join(', ')}`);
	}
	const unknown = Object.keys(options).find((key) => !known.includes(key));
	if (unknown === undefined) return;
	const meant = nearest(unknown, known);
	throw modelError(`${what} has no option ${unknown}`, site, meant === undefined ? `its options are ${known.join(', ')}` : `is ${meant} meant?`);
}

export const referenceOptions = ['onDelete', 'onUpdate', 'deferred', 'match', 'name'] as const;
export const uniqueOptions = ['name', 'constraint', 'onConflict'] as const;
