import {MigrError} from '../../errors.ts';
import type {Schema} from '../../schema/schema.ts';
import {clean} from '../../text/clean.ts';
import {schemaDifferences} from './schema-differences.ts';

/**
 * Two ways to the same schema, before anything is written that takes one for the other.
 *
 * @throws MigrError `history` with what differs: as seen from what the migrations make, held against the database
 */
export function requireSameSchema(made: Schema, present: Schema, message: string): void {
	const differences = schemaDifferences(made, present);
	if (differences.length === 0) return;
	const words = {missing: 'is not in the database', unexpected: 'is in no migration', changed: 'differs'} as const;
	throw new MigrError('history', message, {
		details: differences.map(({object, name, kind}) => `${object} ${clean(name)} ${words[kind]}`),
		hint: 'nothing was changed',
	});
}
