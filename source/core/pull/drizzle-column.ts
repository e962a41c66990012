import {asDefault} from '../models/drizzle/expression.ts';
import type {Column, ForeignKey, Sql, Table} from '../schema/schema.ts';
import {objectKey, property, textLiteral} from '../text/typescript.ts';
import {columnKey, columnSource, exportOf, objectSource, sqlSource, type Writing} from './drizzle-writing.ts';

/** The calls after the column builder. */
export interface ColumnExtras {
	/** Written as `.primaryKey()`. */
	readonly isKey: boolean;
	readonly autoincrement: boolean;
	/** Written as `.unique()`. */
	readonly isUnique: boolean;
	/** The name of the constraint or index, if it differs from drizzle-orm's default name. */
	readonly uniqueName: string | undefined;
	/** Written as `.references()`. */
	readonly references: readonly ForeignKey[];
}

/** Returns the source of a table column: `name: text('name').notNull()`. */
export function columnProperty(writing: Writing, table: Table, column: Column, extras: ColumnExtras): string {
	if (column.notNull?.name !== undefined || column.notNull?.onConflict !== undefined) {
		writing.limitations.push({object: `${table.name}.${column.name}`, what: 'the name or the conflict clause of NOT NULL'});
	}

	const calls = [columnSource(writing, column)];
	if (extras.isKey) calls.push(extras.autoincrement ? 'primaryKey({autoIncrement: true})' : 'primaryKey()');
	// Whether .primaryKey() implies NOT NULL depends on the drizzle-orm version. A key column is written without .notNull().
	if (column.notNull !== undefined && !extras.isKey) calls.push('notNull()');
	if (column.default !== undefined) calls.push(`default(${defaultSource(writing, column, column.default)})`);
	if (extras.isUnique) calls.push(`unique(${extras.uniqueName === undefined ? '' : textLiteral(extras.uniqueName)})`);
	if (column.generated !== undefined) {
		calls.push(
			`generatedAlwaysAs(${sqlSource(writing, column.generated.expression.text)}, {mode: '${column.generated.stored ? 'stored' : 'virtual'}'})`,
		);
	}

	return `${objectKey(columnKey(writing, table.name, column.name))}: ${[...calls, ...extras.references.map((key) => referenceCall(writing, table, key))].join('.')}`;
}

/** Returns a plain value if drizzle-orm generates the same SQL for it, and an SQL expression otherwise. */
function defaultSource(writing: Writing, column: Column, {text, normal}: Sql): string {
	const type = column.collate === undefined ? column.type.toUpperCase() : '';
	if ((type === 'INTEGER' || type === 'REAL') && /^-?\d+(\.\d+)?$/.test(normal) && String(Number(normal)) === normal) return normal;
	if (type === 'TEXT' && /^'(?:[^']|'')*'$/.test(normal)) return textLiteral(normal.slice(1, -1).replaceAll("''", "'"));
	return sqlSource(writing, asDefault(text));
}

function referenceCall(writing: Writing, table: Table, key: ForeignKey): string {
	const parent = exportOf(writing, key.parent);
	const column = property(parent, columnKey(writing, key.parent, key.parentColumns[0] ?? ''));
	const actions = objectSource({onUpdate: actionSource(key.onUpdate), onDelete: actionSource(key.onDelete)});
	// TypeScript cannot infer the type of a table that refers to itself or to a later table, so the type is annotated.
	const isForward = !writing.written.has(parent) || parent === exportOf(writing, table.name);
	if (isForward) writing.core.add('AnySQLiteColumn');
	return `references(()${isForward ? ': AnySQLiteColumn' : ''} => ${column}${actions === '' ? '' : `, ${actions}`})`;
}

export function actionSource(action: ForeignKey['onDelete']): string | undefined {
	return action === undefined ? undefined : textLiteral(action.toLowerCase());
}
