import {conditional} from '../../ddl/create-head.ts';
import {readColumn, readStatement} from '../../ddl/read.ts';
import {advanceAll} from '../../operations/advance.ts';
import type {ChangeTable, Operation} from '../../operations/operation.ts';
import {sameTable} from '../../schema/equality.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {findIndex, findTable, findTrigger, findView, findVirtualTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';

/**
 * Rewrites operations that were planned for a drifted database so that they also fit a database built only from the migrations. There, an object to
 * drop may be missing, an object to create may exist, and a table may have a different definition.
 *
 * @param drifted the schema that the operations were planned for
 * @param built the schema that the migrations build
 * @returns undefined if an operation renames a drifted table or one of its columns, because that rename fits only the drifted database
 */
export function correctiveOperations(operations: readonly Operation[], drifted: Schema, built: Schema): readonly Operation[] | undefined {
	const target = advanceAll(drifted, operations);
	const whole = new Map<string, ChangeTable>();
	for (const operation of operations) {
		if (operation.kind === 'renameTable' || operation.kind === 'renameColumn') {
			if (differs(operation.table, drifted, built)) return undefined;
			continue;
		}
		if (!isOfColumns(operation) || !differs(operation.table, drifted, built)) continue;
		const reached = findTable(target, operation.table);
		if (reached === undefined) return undefined;
		const key = nameKey(operation.table);
		whole.set(key, {kind: 'changeTable', table: operation.table, sql: reached.sql, fill: {...whole.get(key)?.fill, ...fillOf(operation)}});
	}
	return operations.flatMap((operation, index) => {
		const change = 'table' in operation && isOfColumns(operation) ? whole.get(nameKey(operation.table)) : undefined;
		if (change === undefined) return tolerated(operation, built);
		const isLast = !operations.slice(index + 1).some((later) => isOfColumns(later) && nameKey(later.table) === nameKey(change.table));
		return isLast ? [change] : [];
	});
}

type OfColumns = Extract<Operation, {readonly kind: 'addColumn' | 'dropColumn' | 'changeTable'}>;

function isOfColumns(operation: Operation): operation is OfColumns {
	return operation.kind === 'addColumn' || operation.kind === 'dropColumn' || operation.kind === 'changeTable';
}

function differs(name: string, drifted: Schema, built: Schema): boolean {
	const [here, there] = [findTable(drifted, name), findTable(built, name)];
	return here === undefined || there === undefined || !sameTable(here, there, drifted, built);
}

function fillOf(operation: OfColumns): Readonly<Record<string, string>> {
	if (operation.kind === 'changeTable') return operation.fill;
	if (operation.kind === 'dropColumn' || operation.fill === undefined) return {};
	return {[readColumn(operation.definition).column.name]: operation.fill};
}

function tolerated(operation: Operation, built: Schema): readonly Operation[] {
	switch (operation.kind) {
		case 'dropTable':
			return [isTable(built, operation.table) ? operation : {...operation, ifExists: true}];
		case 'dropIndex':
			return [findIndex(built, operation.index) === undefined ? {...operation, ifExists: true} : operation];
		case 'dropView':
			return [findView(built, operation.view) === undefined ? {...operation, ifExists: true} : operation];
		case 'dropTrigger':
			return [findTrigger(built, operation.trigger) === undefined ? {...operation, ifExists: true} : operation];
		case 'createTable': {
			const name = readStatement(operation.sql)?.name ?? '';
			if (!isTable(built, name)) return [operation];
			const created: Operation = {kind: 'createTable', sql: conditional(operation.sql)};
			const isVirtual = findVirtualTable(built, name) !== undefined;
			return isVirtual ? [created] : [created, {kind: 'changeTable', table: name, sql: operation.sql, fill: {}}];
		}
		// These objects contain no rows, so an existing one with a different definition can be dropped first.
		case 'createIndex':
		case 'createView':
		case 'createTrigger': {
			const object = readStatement(operation.sql);
			if (object?.kind === 'index' && findIndex(built, object.name) !== undefined)
				return [{kind: 'dropIndex', index: object.name, ifExists: true}, operation];
			if (object?.kind === 'view' && findView(built, object.name) !== undefined)
				return [{kind: 'dropView', view: object.name, ifExists: true}, operation];
			if (object?.kind === 'trigger' && findTrigger(built, object.name) !== undefined)
				return [{kind: 'dropTrigger', trigger: object.name, ifExists: true}, operation];
			return [operation];
		}
		default:
			return [operation];
	}
}

function isTable(schema: Schema, name: string): boolean {
	return (findTable(schema, name) ?? findVirtualTable(schema, name)) !== undefined;
}
