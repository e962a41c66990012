import {withoutIgnored} from '../../diff/ignore.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import {bookkeepingTables} from './foreign-tools.ts';

/**
 * The schema without what no migration is about: our bookkeeping, that of other tools, and what the project ignores (`*` stands for any
 * characters), each with its indexes and triggers.
 */
export function managedSchema(schema: Schema, patterns: readonly string[] = []): Schema {
	return withoutIgnored(schema, [...bookkeepingTables, ...patterns], emptySchema);
}
