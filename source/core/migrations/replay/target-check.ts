import {MigrError} from '../../errors.ts';
import type {Plan} from '../../plan/plan.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import {mendedStrings} from '../files/mended-strings.ts';
import {type SchemaDifference, schemaDifferences} from './schema-differences.ts';

/**
 * The schema that stands there after the steps must be the one that was planned. Of views and triggers that SQLite rewrites itself in a rename only
 * the names are known beforehand.
 *
 * @throws MigrError `guard` that names what differs
 */
export function checkTarget({target, rewritten}: Plan, actual: Schema): void {
	const byNameOnly = new Set(rewritten.map(nameKey));
	const isTold = ({name, kind}: SchemaDifference) => kind !== 'changed' || !byNameOnly.has(nameKey(name));
	if (!schemaDifferences(target, actual).some(isTold)) return;
	// A rewrite puts the string literals of an old definition into single quotes, where the plan may still have them in double ones.
	const differences = schemaDifferences(mendedStrings(target), mendedStrings(actual)).filter(isTold);
	if (differences.length === 0) return;
	throw new MigrError('guard', 'the schema did not become what was planned', {
		details: differences.map(({object, name, kind}) => `${object} ${clean(name)} is ${kind}`),
		hint: 'this is a mistake of lite-migr; please report it with the migration',
	});
}
