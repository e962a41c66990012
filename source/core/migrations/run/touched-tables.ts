import {cursorOver} from '../../ddl/cursor.ts';
import {nameOf} from '../../ddl/lexer.ts';
import type {Operation} from '../../operations/operation.ts';
import type {Step} from '../../plan/step.ts';
import {nameKey} from '../../schema/identifiers.ts';

/**
 * Tables whose rows the steps may change so that a foreign key breaks, in lower case, under every name that they have in the run. An instant step
 * changes no row, and an edit has scanned them.
 */
export function tablesWithNewRows(
	migrations: readonly {readonly steps: readonly Step[]}[],
	operations: readonly Operation[],
): ReadonlySet<string> | 'all' {
	const tables = new Set<string>();
	for (const step of migrations.flatMap(({steps}) => steps)) {
		if (step.kind === 'run') return 'all';
		if (step.kind === 'execute') for (const token of cursorOver(step.operation.sql).tokens) tables.add(nameKey(nameOf(token)));
		else if (step.strategy === 'rewrite' || step.strategy === 'drop')
			for (const name of [step.table, step.object]) if (name !== undefined) tables.add(nameKey(name));
	}
	const renames = operations.filter((operation) => operation.kind === 'renameTable').map(({table, to}) => [nameKey(table), nameKey(to)] as const);
	for (const [from, to] of renames.toReversed()) if (tables.has(to)) tables.add(from);
	for (const [from, to] of renames) if (tables.has(from)) tables.add(to);
	return tables;
}

/** What all of them do, in order. */
export function operationsOf(migrations: readonly {readonly operations: readonly Operation[]}[]): readonly Operation[] {
	return migrations.flatMap(({operations}) => operations);
}
