import {withoutIgnored} from '../../diff/ignore.ts';
import {emptySchema, type Schema} from '../../schema/schema.ts';
import {bookkeepingTables, hiddenBookkeeping} from './foreign-tools.ts';

/**
 * Returns the schema without the objects that lite-migr does not manage: migration tables, and objects that match `patterns` (`*` matches any
 * characters). Their indexes and triggers are removed as well.
 */
export function managedSchema(schema: Schema, patterns: readonly string[] = []): Schema {
	return withoutIgnored(schema, [...bookkeepingTables, ...hiddenBookkeeping(schema), ...patterns], emptySchema);
}
