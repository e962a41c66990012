import {readStatement} from '../ddl/read.ts';
import type {Operation} from './operation.ts';

/**
 * Returns the tables and views whose definition an operation creates, changes, renames (both names) or drops. Empty for indexes and triggers, which
 * belong to a table but leave its definition unchanged, and for statements and code, whose effect only SQLite knows.
 *
 * Related questions have different answers: `TableNames` follows a table through all its names, the hazards also examine the rows under a new index,
 * and `explainTables` reports the rows that a statement reads and writes.
 */
export function touchedBy(operation: Operation): readonly string[] {
	switch (operation.kind) {
		case 'createTable':
		case 'createView': {
			const created = readStatement(operation.sql);
			return created === undefined ? [] : [created.name];
		}
		case 'renameTable':
			return [operation.table, operation.to];
		case 'dropTable':
		case 'addColumn':
		case 'dropColumn':
		case 'renameColumn':
		case 'changeTable':
			return [operation.table];
		case 'dropView':
			return [operation.view];
		case 'createIndex':
		case 'dropIndex':
		case 'createTrigger':
		case 'dropTrigger':
		case 'execute':
		case 'run':
			return [];
	}
}
