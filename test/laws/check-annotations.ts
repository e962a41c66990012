import {diff} from '../../source/core/diff/diff.ts';
import {MigrError} from '../../source/core/errors.ts';
import type {Operation} from '../../source/core/operations/operation.ts';
import {sameName} from '../../source/core/schema/identifiers.ts';
import type {Column, Schema, Table} from '../../source/core/schema/schema.ts';
import type {Case} from './generate/case.ts';
import {columnOf, type ModelTable, tableOf} from './generate/model.ts';

/** Returns the diff of a case whose renames are annotations in the models. Undefined if these annotations contradict the models. */
export function annotatedDiff(from: Schema, to: Schema, one: Case): readonly Operation[] | undefined {
	const tables = to.tables.map((table): Table => {
		const after = one.to.tables.find(({name}) => name === table.name);
		const before = after && tableOf(one.from, after.id);
		if (after === undefined || before === undefined) return table;
		return annotated({...table, columns: table.columns.map((column) => annotatedColumn(column, before, after))}, before.name);
	});
	try {
		const {operations, questions} = diff(from, {...to, tables}, {...one.decisions, renames: []});
		if (questions.length > 0) throw new Error(`questions are open: ${JSON.stringify(questions)}`);
		return operations;
	} catch (error) {
		if (error instanceof MigrError && error.code === 'model' && /but the models still have/.test(error.message)) return undefined;
		throw error;
	}
}

function annotatedColumn(column: Column, before: ModelTable, after: ModelTable): Column {
	const id = after.columns.find(({name}) => name === column.name)?.id;
	const old = id === undefined ? undefined : columnOf(before, id);
	return old === undefined ? column : annotated(column, old.name);
}

function annotated<T extends {readonly name: string; readonly renamedFrom?: string | undefined}>(item: T, before: string): T {
	return sameName(item.name, before) ? item : {...item, renamedFrom: before};
}
