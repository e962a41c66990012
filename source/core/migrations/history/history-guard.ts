import {mentionedNames} from '../../ddl/statements/mentioned-names.ts';
import {MigrError} from '../../errors.ts';
import {changedOwners} from '../../operations/changed-owners.ts';
import type {Operation} from '../../operations/operation.ts';
import {touchedBy} from '../../operations/touched-by.ts';
import {historyTable} from '../../runtime/history-table.ts';
import {nameKey, quoted, sameName} from '../../schema/identifiers.ts';
import type {Schema} from '../../schema/schema.ts';
import type {Database} from '../../sqlite/database.ts';
import {clean} from '../../text/clean.ts';
import {callText} from '../files/call-text.ts';

/**
 * True if operations may change the history table. False for operations on other tables, and for statements that do not name it: then no trigger may
 * name it either. Comparing the whole table with each migration would take longer than applying most of them.
 */
export function mayChangeHistory({operations}: {readonly operations: readonly Operation[]}, schema: Schema, table = historyTable): boolean {
	const key = nameKey(table);
	const isNaming = (operation: Operation) => {
		if (operation.kind === 'run' || touchedBy(operation).some((name) => sameName(name, table))) return true;
		return 'sql' in operation && nameKey(operation.sql).includes(key);
	};
	if (operations.some(isNaming)) return true;
	if (!operations.some(({kind}) => kind === 'execute')) return false;
	return schema.triggers.some(({mentions}) => mentions.includes(key)) || changedOwners(schema, operations, {runsStatements: false}) === undefined;
}

/** Returns the definition and the rows of the history table as text, to compare with a later state. */
export function historyContents(db: Database, table = historyTable): string {
	const [definition] = db.tuples(`SELECT type, sql FROM sqlite_schema WHERE name = ? COLLATE NOCASE`, table);
	if (definition === undefined) return '';
	return JSON.stringify([definition, db.tuples(`SELECT * FROM ${quoted(table)} ORDER BY 1`)], (_key, value: unknown) =>
		typeof value === 'bigint' ? String(value) : value,
	);
}

/**
 * Checks that a migration has not changed the history table. Such a change could make a migration run twice, or never.
 *
 * @throws MigrError `guard` with the location of the operation, if the table differs from `before`
 */
export function checkHistory(
	before: string,
	db: Database,
	{path, operations}: {readonly path: string; readonly operations: readonly Operation[]},
	wranglerTable?: string,
): void {
	const table = wranglerTable ?? historyTable;
	if (historyContents(db, table) === before) return;
	const writer = operations.find((operation) => namesHistory(operation, table)) ?? operations.find(({kind}) => kind === 'run');
	const owner = wranglerTable === undefined ? "lite-migr's" : "wrangler's";
	throw new MigrError('guard', `the migration changes ${clean(table)}, ${owner} migration history table`, {
		location: {file: path, ...writer?.origin},
		details: writer && [callText(writer)],
		hint: 'remove that statement; to change the history, use lite-migr downgrade, baseline or squash',
	});
}

function namesHistory(operation: Operation, history: string): boolean {
	if ('table' in operation) return touchedBy(operation).some((table) => sameName(table, history));
	return 'sql' in operation && mentionedNames(operation.sql).has(nameKey(history));
}
