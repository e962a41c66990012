/** What a script creates, writes and drops only for its own use: guards, rows without a parent, shields and search indexes. */
const ownObject =
	/^(?:CREATE (?:TABLE|TRIGGER|INDEX)|DROP (?:TABLE|TRIGGER|INDEX)|INSERT(?: OR (?:REPLACE|ROLLBACK))? INTO|UPDATE) "?_lite_migr_(?:guard|broken|keep|find)(?:_\d+)?"?(?![\w"])/;

/**
 * True for a statement that a script contains only to keep rows with foreign keys on, and to check that. Without these statements, with foreign keys off,
 * the script has the same effect.
 */
export function isScaffolding(sql: string): boolean {
	return ownObject.test(sql) || /^PRAGMA defer_foreign_keys=(?:ON|OFF)$/.test(sql);
}
