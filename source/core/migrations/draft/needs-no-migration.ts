import {withoutIgnored} from '../../diff/ignore.ts';
import {sameSchema} from '../../schema/equality.ts';
import type {Schema} from '../../schema/schema.ts';
import {isAnnotated} from '../../sqlite/introspect.ts';
import {requireNoBookkeeping} from '../history/foreign-tools.ts';

/**
 * True if a draft for these models would be empty because they are equal to the schema. False if they must be compared by a draft: annotated renames may
 * have been made already, and what a model cannot state is not a difference.
 *
 * @throws MigrError `model` if a model is a migration table of lite-migr or of another tool
 */
export function needsNoMigration(from: Schema, models: Schema, ignore: readonly string[] = []): boolean {
	requireNoBookkeeping(models);
	return !models.tables.some(isAnnotated) && sameSchema(withoutIgnored(from, ignore, models), models);
}
