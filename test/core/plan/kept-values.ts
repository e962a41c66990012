import {readTable} from '../../../source/core/ddl/read.ts';
import type {Operation} from '../../../source/core/operations/operation.ts';
import {columnAffinity} from '../../../source/core/schema/affinity.ts';
import {quoted, sameName} from '../../../source/core/schema/identifiers.ts';
import {findColumn, findTable} from '../../../source/core/schema/lookup.ts';
import type {Schema, Table} from '../../../source/core/schema/schema.ts';
import type {Database} from '../../../source/core/sqlite/database.ts';

/** A table that operations keep, and the columns whose values they must not change, with the names before and after. */
export interface KeptTable {
	readonly before: string;
	readonly after: string;
	readonly columns: readonly {readonly before: string; readonly after: string}[];
}

interface Fate {
	readonly before: Table;
	name: string | undefined;
	columns: {readonly before: string; name: string | undefined}[];
}

/** Follows tables and columns through renames and drops. Omits columns that are filled, converted or generated. */
export function keptTables(from: Schema, to: Schema, operations: readonly Operation[]): readonly KeptTable[] {
	const fates = from.tables.map((before): Fate => ({before, name: before.name, columns: before.columns.map(({name}) => ({before: name, name}))}));
	for (const operation of operations) follow(fates, operation);
	const filled = operations.flatMap((operation) => (operation.kind === 'changeTable' ? Object.keys(operation.fill) : []));
	return fates.flatMap(({before, name, columns}) => {
		const after = name === undefined ? undefined : findTable(to, name);
		if (after === undefined) return [];
		const kept = columns.flatMap((column) => {
			const was = findColumn(before, column.before);
			const is = column.name === undefined ? undefined : findColumn(after, column.name);
			if (was === undefined || is === undefined || was.generated !== undefined || is.generated !== undefined) return [];
			if (filled.some((one) => sameName(one, is.name)) || columnAffinity(was.type, before.strict) !== columnAffinity(is.type, after.strict))
				return [];
			return [{before: was.name, after: is.name}];
		});
		const isRowidKept = [before, after].every(({withoutRowid, primaryKey}) => !withoutRowid && primaryKey?.rowidAlias !== true);
		return [{before: before.name, after: after.name, columns: isRowidKept ? [...kept, {before: 'rowid', after: 'rowid'}] : kept}];
	});
}

function follow(fates: readonly Fate[], operation: Operation): void {
	if (!('table' in operation)) return;
	const fate = fates.find(({name}) => name !== undefined && sameName(name, operation.table));
	if (fate === undefined) return;
	const column = (wanted: string) => fate.columns.find(({name}) => name !== undefined && sameName(name, wanted));
	switch (operation.kind) {
		case 'dropTable':
			fate.name = undefined;
			break;
		case 'renameTable':
			fate.name = operation.to;
			break;
		case 'renameColumn': {
			const renamed = column(operation.column);
			if (renamed !== undefined) renamed.name = operation.to;
			break;
		}
		case 'dropColumn': {
			const dropped = column(operation.column);
			if (dropped !== undefined) dropped.name = undefined;
			break;
		}
		case 'changeTable': {
			const definition = readTable(operation.sql);
			for (const one of fate.columns) if (one.name !== undefined && findColumn(definition, one.name) === undefined) one.name = undefined;
		}
	}
}

/** Returns all rows of the kept tables as text: exact values with their types, regardless of order. */
export function keptValues(db: Database, tables: readonly KeptTable[], side: 'before' | 'after'): Readonly<Record<string, readonly string[]>> {
	return Object.fromEntries(
		tables.map((table) => {
			const values = table.columns.map((column) => `typeof(${quoted(column[side])}) || ' ' || quote(${quoted(column[side])})`);
			const rows = db.tuples(`SELECT ${['1', ...values].join(', ')} FROM ${quoted(table[side])}`);
			return [`${table.before} → ${table.after}`, rows.map((row) => row.join(' | ')).sort()];
		}),
	);
}
