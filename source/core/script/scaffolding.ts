/** The objects that a script creates, writes and drops only for its own use: guards, rows without a parent, shields and search indexes. */
const ownObject =
	/^(?:CREATE (?:TABLE|TRIGGER|INDEX)|DROP (?:TABLE|TRIGGER|INDEX)|INSERT(?: OR (?:REPLACE|ROLLBACK))? INTO|DELETE FROM|UPDATE) "?_lite_migr_(?:guard|broken|keep|find)(?:_\d+)?"?(?![\w"])/;

/** The savepoint around the statements of a `.sql` migration, for other programs. */
export const savepoint = '_lite_migr';

/** True for statements about the savepoint. lite-migr runs a migration in its own transaction. */
const ownSavepoint = new RegExp(`^(?:SAVEPOINT|ROLLBACK TO|RELEASE) ${savepoint}$`);

/**
 * True for a statement that a script contains only to keep rows with foreign keys on, and to check that. Without these statements, with foreign keys off,
 * the script has the same effect.
 */
export function isScaffolding(sql: string): boolean {
	return ownObject.test(sql) || ownSavepoint.test(sql) || /^PRAGMA defer_foreign_keys=(?:ON|OFF)$/.test(sql);
}
