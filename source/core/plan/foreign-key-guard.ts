import {nameKey} from '../schema/identifiers.ts';
import type {Schema} from '../schema/schema.ts';
import type {Step} from './step.ts';

const guardTable = '_lite_migr_guard';

/** The message that other programs show. SQLite reports a failed CHECK by its name. */
export const foreignKeysMustBeOff =
	'foreign keys must be off, or dropping a table deletes rows that refer to it; run PRAGMA foreign_keys=OFF before the transaction';

/**
 * Statements that fail on a connection with foreign keys on, and do nothing on any other. They go before statements that drop a table with references
 * from other rows. With foreign keys on, SQLite first deletes all its rows, which cascades (https://www.sqlite.org/lang_droptable.html). A pragma in the
 * script cannot prevent that, because it has no effect inside a transaction.
 */
export const foreignKeyGuard: readonly string[] = [
	`CREATE TEMP TABLE IF NOT EXISTS ${guardTable} (foreign_keys INTEGER CONSTRAINT "${foreignKeysMustBeOff}" CHECK (foreign_keys = 0))`,
	`INSERT OR ABORT INTO temp.${guardTable} SELECT foreign_keys FROM pragma_foreign_keys`,
	`DROP TABLE temp.${guardTable}`,
];

/** True for a statement of the guard. lite-migr itself always runs with foreign keys off, so it skips them. */
export function isForeignKeyGuard(sql: string): boolean {
	return foreignKeyGuard.includes(sql);
}

/**
 * True if steps could lose rows on a connection with foreign keys on: they drop or rewrite a table that a foreign key refers to, or statements of the
 * migration itself write to a database with foreign keys.
 *
 * @param schemas the schemas before and after the steps
 */
export function needsForeignKeyGuard(steps: readonly Step[], schemas: readonly Schema[]): boolean {
	const parents = new Set(schemas.flatMap(({tables}) => tables.flatMap(({foreignKeys}) => foreignKeys.map(({parent}) => nameKey(parent)))));
	if (parents.size === 0) return false;
	// After a rename, the name in a step may be in neither schema.
	const isRenamed = steps.some((step) => step.kind === 'statements' && step.statements.some((sql) => /^ALTER TABLE .* RENAME TO /is.test(sql)));
	return steps.some((step) => {
		if (step.kind === 'execute') return !/^\s*(?:CREATE|SELECT|PRAGMA|EXPLAIN)\b/i.test(step.operation.sql);
		if (step.kind !== 'rewrite' && step.strategy !== 'drop') return false;
		return isRenamed || [step.object, step.table ?? ''].some((name) => parents.has(nameKey(name)));
	});
}
