import {nameInExpression} from '../ddl/expression.ts';
import {readStatement} from '../ddl/read.ts';
import {isIdle} from '../operations/advance.ts';
import {hasNoOwnRows, showsOtherTables} from '../operations/full-text.ts';
import type {Operation} from '../operations/operation.ts';
import {identifier, nameKey} from '../schema/identifiers.ts';
import {findTable, findTrigger, findVirtualTable} from '../schema/lookup.ts';
import type {Schema} from '../schema/schema.ts';
import type {Step} from './step.ts';

/**
 * Returns the step of an operation that changes no column, constraint or index of a table. Those are planned together (`table-steps.ts`).
 *
 * @param start the schema before all operations: the definition of a virtual table keeps the names from before a rename
 */
export function simpleStep(operation: Operation, index: number, before: Schema, start: Schema): readonly Step[] {
	if (isIdle(before, operation)) return [];
	const operations = [index];
	const instant = (object: string, summary: string, reason: string, ...statements: string[]): readonly Step[] => [
		{kind: 'statements', strategy: 'instant', object, summary, reason, operations, statements},
	];
	const ifExists = 'ifExists' in operation && operation.ifExists ? 'IF EXISTS ' : '';
	switch (operation.kind) {
		case 'createTable': {
			const name = readStatement(operation.sql)?.name as string;
			return instant(name, 'new table', 'a new table has no rows', operation.sql);
		}
		case 'dropTable': {
			const virtual = findVirtualTable(before, operation.table);
			const {name} = findTable(before, operation.table) ?? virtual ?? {name: operation.table};
			const sql = `DROP TABLE ${ifExists}${identifier(name)}`;
			if (virtual !== undefined && (hasNoOwnRows(virtual, before) || hasNoOwnRows(virtual, start)))
				return instant(name, showsOtherTables(virtual) ? 'drop virtual table' : 'drop full-text index', 'its rows are in another table', sql);
			return [
				{
					kind: 'statements',
					strategy: 'drop',
					object: name,
					table: name,
					summary: virtual !== undefined ? 'drop virtual table' : 'drop table',
					reason: 'its rows are dropped with it; foreign keys are off, so nothing cascades',
					operations,
					statements: [sql],
				},
			];
		}
		case 'renameTable':
			return instant(
				operation.to,
				`rename ${operation.table} → ${operation.to}`,
				'only the schema names the table',
				...tableRename(operation.table, operation.to, before),
			);
		case 'renameColumn': {
			const {table, column, to} = operation;
			// SQLite inserts the new name everywhere as spelled here. In an expression, a bare `true` would be a value.
			const sql = `ALTER TABLE ${identifier(table)} RENAME COLUMN ${identifier(column)} TO ${nameInExpression(to)}`;
			return [
				{
					kind: 'statements',
					strategy: 'instant',
					object: table,
					summary: `rename ${column} → ${to}`,
					reason: 'rows do not contain names',
					operations,
					statements: [sql],
				},
			];
		}
		case 'createView':
			return instant(readStatement(operation.sql)?.name as string, 'new view', 'a view has no rows', operation.sql);
		case 'dropView':
			return instant(operation.view, 'drop view', 'a view has no rows', `DROP VIEW ${ifExists}${identifier(operation.view)}`);
		case 'createTrigger':
			return instant(readStatement(operation.sql)?.name as string, 'new trigger', 'rows are not touched', operation.sql);
		case 'dropTrigger': {
			const {name} = findTrigger(before, operation.trigger) ?? {name: operation.trigger};
			return instant(name, 'drop trigger', 'rows are not touched', `DROP TRIGGER ${ifExists}${identifier(name)}`);
		}
		case 'execute':
			return [
				{
					kind: 'execute',
					strategy: 'data',
					object: firstWords(operation.sql),
					summary: 'execute',
					reason: 'a statement of the migration',
					operations,
					operation,
				},
			];
		case 'run':
			return [{kind: 'run', strategy: 'data', object: 'op.run', summary: 'run code', reason: 'code of the migration', operations, operation}];
		default:
			throw new Error(`${operation.kind} changes a table: it is planned together with the other changes of that table`);
	}
}

/** SQLite refuses to rename a table if only the case changes, so the rename goes through a third name. */
function tableRename(table: string, to: string, before: Schema): string[] {
	if (nameKey(table) !== nameKey(to)) return [`ALTER TABLE ${identifier(table)} RENAME TO ${identifier(to)}`];
	let aside = `${to}_aside`;
	while (findTable(before, aside) !== undefined) aside += '_';
	return [`ALTER TABLE ${identifier(table)} RENAME TO ${identifier(aside)}`, `ALTER TABLE ${identifier(aside)} RENAME TO ${identifier(to)}`];
}

function firstWords(sql: string): string {
	const line = sql.trim().replace(/\s+/g, ' ');
	return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}
