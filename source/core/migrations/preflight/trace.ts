import {cursorOver} from '../../ddl/cursor.ts';
import {nameOf} from '../../ddl/lexer.ts';
import {readColumn, readStatement} from '../../ddl/read.ts';
import type {Operation} from '../../operations/operation.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import {findColumn, findTable, findVirtualTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';
import {createdTableIn} from '../replay/created-in.ts';
import {renameIn} from '../replay/rename-in.ts';

/** A table or column of the database by the name that it has now. */
export interface Present {
	readonly table: string;
	readonly column?: string;
}

/**
 * What a table or column, named as it is after some operations, is called in the database before them; undefined for what the operations made
 * themselves, so that no row of it was there.
 */
export function tracePresent(present: Schema, operations: readonly Operation[], table: string, column?: string): Present | undefined {
	let now: Present | undefined = column === undefined ? {table} : {table, column};
	for (const operation of operations.toReversed()) {
		if (now === undefined) return undefined;
		now = before(operation, now);
	}
	if (now === undefined) return undefined;
	const found = findTable(present, now.table);
	if (now.column === undefined) return found === undefined && findVirtualTable(present, now.table) === undefined ? undefined : now;
	return found === undefined || findColumn(found, now.column) === undefined ? undefined : now;
}

function before(operation: Operation, now: Present): Present | undefined {
	const {table, column} = now;
	switch (operation.kind) {
		case 'createTable':
			return isSureToMake(operation.sql, table) ? undefined : now;
		case 'renameTable':
			return sameName(operation.to, table) ? {...now, table: operation.table} : now;
		case 'renameColumn':
			return sameName(operation.table, table) && column !== undefined && sameName(operation.to, column) ? {table, column: operation.column} : now;
		case 'addColumn':
			return sameName(operation.table, table) && column !== undefined && sameName(readColumn(operation.definition).column.name, column)
				? undefined
				: now;
		case 'execute':
			return beforeStatement(operation.sql, now);
		default:
			return now;
	}
}

function beforeStatement(sql: string, now: Present): Present | undefined {
	const rename = renameIn(sql);
	if (rename !== undefined) {
		if (rename.column === undefined) return sameName(rename.to, now.table) ? {...now, table: rename.table} : now;
		const isIt = now.column !== undefined && sameName(rename.table, now.table) && sameName(rename.to, now.column);
		return isIt ? {table: now.table, column: rename.column} : now;
	}
	return isSureToMake(sql, now.table) ? undefined : now;
}

/** Where a table of the name may have been there before, its rows are asked about. */
function isSureToMake(sql: string, table: string): boolean {
	const created = createdTableIn(sql);
	return created !== undefined && !created.isConditional && sameName(created.name, table);
}

/** The tables whose rows or columns operations may change, in lower case; 'all' where code runs. */
export function touchedTables(operations: readonly Operation[]): ReadonlySet<string> | 'all' {
	const touched = new Set<string>();
	for (const operation of operations) {
		switch (operation.kind) {
			case 'run':
				return 'all';
			case 'execute':
				for (const token of cursorOver(operation.sql).tokens) touched.add(nameKey(nameOf(token)));
				break;
			case 'createTable':
				touched.add(nameKey(readStatement(operation.sql)?.name ?? ''));
				break;
			case 'renameTable':
				touched.add(nameKey(operation.table)).add(nameKey(operation.to));
				break;
			case 'dropTable':
			case 'addColumn':
			case 'dropColumn':
			case 'renameColumn':
			case 'changeTable':
				touched.add(nameKey(operation.table));
				break;
			default:
				break;
		}
	}
	return touched;
}
