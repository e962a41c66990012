import {conditional} from '../../ddl/create-head.ts';
import {readColumn, readStatement} from '../../ddl/read.ts';
import {advanceAll} from '../../operations/advance.ts';
import type {ChangeTable, Operation} from '../../operations/operation.ts';
import {sameTable} from '../../schema/equality.ts';
import {nameKey} from '../../schema/identifiers.ts';
import {findIndex, findTable, findTrigger, findView, findVirtualTable} from '../../schema/lookup.ts';
import type {Schema} from '../../schema/schema.ts';

/**
 * The same change, written so that it also fits a database that the migrations alone made, where the one at hand was changed by other means: what
 * is dropped may not be there, what is created may be there already, and a table is taken to its definition from whatever it is.
 *
 * @param drifted the schema that the operations were made for
 * @param made what the migrations make
 * @returns undefined where a rename is in the way, which is one only in the drifted database
 */
export function correctiveOperations(operations: readonly Operation[], drifted: Schema, made: Schema): readonly Operation[] | undefined {
	const target = advanceAll(drifted, operations);
	const whole = new Map<string, ChangeTable>();
	for (const operation of operations) {
		if (operation.kind === 'renameTable' || operation.kind === 'renameColumn') {
			if (differs(operation.table, drifted, made)) return undefined;
			continue;
		}
		if (!isOfColumns(operation) || !differs(operation.table, drifted, made)) continue;
		const reached = findTable(target, operation.table);
		if (reached === undefined) return undefined;
		const key = nameKey(operation.table);
		whole.set(key, {kind: 'changeTable', table: operation.table, sql: reached.sql, fill: {...whole.get(key)?.fill, ...fillOf(operation)}});
	}
	return operations.flatMap((operation, index) => {
		const change = 'table' in operation && isOfColumns(operation) ? whole.get(nameKey(operation.table)) : undefined;
		if (change === undefined) return tolerated(operation, made);
		const isLast = !operations.slice(index + 1).some((later) => isOfColumns(later) && nameKey(later.table) === nameKey(change.table));
		return isLast ? [change] : [];
	});
}

type OfColumns = Extract<Operation, {readonly kind: 'addColumn' | 'dropColumn' | 'changeTable'}>;

function isOfColumns(operation: Operation): operation is OfColumns {
	return operation.kind === 'addColumn' || operation.kind === 'dropColumn' || operation.kind === 'changeTable';
}

function differs(name: string, drifted: Schema, made: Schema): boolean {
	const [here, there] = [findTable(drifted, name), findTable(made, name)];
	return here === undefined || there === undefined || !sameTable(here, there, drifted, made);
}

function fillOf(operation: OfColumns): Readonly<Record<string, string>> {
	if (operation.kind === 'changeTable') return operation.fill;
	if (operation.kind === 'dropColumn' || operation.fill === undefined) return {};
	return {[readColumn(operation.definition).column.name]: operation.fill};
}

function tolerated(operation: Operation, made: Schema): readonly Operation[] {
	switch (operation.kind) {
		case 'dropTable':
			return [isTable(made, operation.table) ? operation : {...operation, ifExists: true}];
		case 'dropIndex':
			return [findIndex(made, operation.index) === undefined ? {...operation, ifExists: true} : operation];
		case 'dropView':
			return [findView(made, operation.view) === undefined ? {...operation, ifExists: true} : operation];
		case 'dropTrigger':
			return [findTrigger(made, operation.trigger) === undefined ? {...operation, ifExists: true} : operation];
		case 'createTable': {
			const name = readStatement(operation.sql)?.name ?? '';
			if (!isTable(made, name)) return [operation];
			const created: Operation = {kind: 'createTable', sql: conditional(operation.sql)};
			const isVirtual = findVirtualTable(made, name) !== undefined;
			return isVirtual ? [created] : [created, {kind: 'changeTable', table: name, sql: operation.sql, fill: {}}];
		}
		// What may be there with another definition goes first: these hold no rows of their own.
		case 'createIndex':
		case 'createView':
		case 'createTrigger': {
			const object = readStatement(operation.sql);
			if (object?.kind === 'index' && findIndex(made, object.name) !== undefined)
				return [{kind: 'dropIndex', index: object.name, ifExists: true}, operation];
			if (object?.kind === 'view' && findView(made, object.name) !== undefined)
				return [{kind: 'dropView', view: object.name, ifExists: true}, operation];
			if (object?.kind === 'trigger' && findTrigger(made, object.name) !== undefined)
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
