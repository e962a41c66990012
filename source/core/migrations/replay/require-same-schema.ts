import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import {schemaDifferences} from './schema-differences.ts';

/**
 * Checks that the migrations build the schema of the database, before anything is written that relies on it.
 *
 * @throws MigrError `history` with the differences between the migrations and the database
 */
export function requireSameSchema(replayed: Schema, present: Schema, message: string): void {
	const differences = schemaDifferences(replayed, present);
	if (differences.length === 0) return;
	const words = {missing: 'is not in the database', unexpected: 'is not in any migration', changed: 'differs'} as const;
	throw new MigrError('history', message, {
		details: differences.map(({object, name, kind}) => `${object} ${clean(name)} ${words[kind]}`),
		hint: 'nothing was changed',
	});
}
