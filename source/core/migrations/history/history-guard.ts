import {cursorOver} from '../../ddl/cursor.ts';
import {nameOf} from '../../ddl/lexer.ts';
import {MigrError} from '../../errors.ts';
import type {Operation} from '../../operations/operation.ts';
import {sameName} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {callText} from '../files/call-text.ts';
import {historyTable} from './foreign-tools.ts';

/** The definition and the rows of our bookkeeping table, to be held against what they are later. */
export function historyContents(db: Database): string {
	const [definition] = db.tuples(`SELECT type, sql FROM sqlite_schema WHERE name = ? COLLATE NOCASE`, historyTable);
	if (definition === undefined) return '';
	return JSON.stringify([definition, db.tuples(`SELECT * FROM ${historyTable} ORDER BY 1`)], (_key, value: unknown) =>
		typeof value === 'bigint' ? String(value) : value,
	);
}

/**
 * A migration may do nothing to the table in which lite-migr notes what was applied: it would run again, or never.
 *
 * @throws MigrError `guard` with the place of the operation
 */
export function checkHistory(
	before: string,
	db: Database,
	{path, operations}: {readonly path: string; readonly operations: readonly Operation[]},
): void {
	if (historyContents(db) === before) return;
	const culprit = operations.find(namesHistory) ?? operations.find(({kind}) => kind === 'run');
	throw new MigrError('guard', `the migration changes ${historyTable}, in which lite-migr notes what was applied`, {
		location: {file: path, ...culprit?.origin},
		...(culprit === undefined ? {} : {details: [callText(culprit)]}),
		hint: 'take that out of the migration; lite-migr downgrade, baseline and squash change what is noted',
	});
}

function namesHistory(operation: Operation): boolean {
	if ('table' in operation)
		return sameName(operation.table, historyTable) || (operation.kind === 'renameTable' && sameName(operation.to, historyTable));
	return 'sql' in operation && cursorOver(operation.sql).tokens.some((token) => sameName(nameOf(token), historyTable));
}
