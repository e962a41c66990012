import {MigrError} from '../../errors.ts';
import type {Plan} from '../../plan/plan.ts';
import {nameKey} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import {fixedStrings} from '../files/fix-quoted-strings.ts';
import {type SchemaDifference, schemaDifferences} from './schema-differences.ts';

/**
 * Checks that the schema after the steps is the planned one. SQLite itself rewrites views and triggers when it renames something, so only their names
 * are compared.
 *
 * @throws MigrError `guard` that names the differences
 */
export function checkTarget({target, rewritten}: Plan, actual: Schema): void {
	const byNameOnly = new Set(rewritten.map(nameKey));
	const matters = ({name, kind}: SchemaDifference) => kind !== 'changed' || !byNameOnly.has(nameKey(name));
	if (!schemaDifferences(target, actual).some(matters)) return;
	// A rewrite changes string literals of an old definition to single quotes. The plan may still have them in double quotes.
	const differences = schemaDifferences(fixedStrings(target), fixedStrings(actual)).filter(matters);
	if (differences.length > 0) throw notPlanned(differences);
}

/**
 * Checks that the parts of the schema that were read after each change are what the whole schema contains at the end.
 *
 * @throws MigrError `guard` that names the differences
 */
export function checkReadAgain(actual: Schema, read: Schema): void {
	const differences = schemaDifferences(read, actual);
	if (differences.length > 0) throw notPlanned(differences);
}

function notPlanned(differences: readonly SchemaDifference[]): MigrError {
	return new MigrError('guard', 'the schema after the migration is not the planned one', {
		details: differences.map(({object, name, kind}) => `${object} ${clean(name)} is ${kind}`),
		hint: 'please report this bug in lite-migr with the migration',
	});
}
