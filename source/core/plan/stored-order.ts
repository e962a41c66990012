import {cursorOver} from '../ddl/cursor.ts';
import {withColumnOrder} from '../operations/definition-text.ts';
import {identifier, nameKey} from '../schema/identifiers.ts';
import type {Column} from '../schema/schema.ts';
import type {TableWork} from './table-work.ts';

/** Returns the new definition with its columns in the order that changes in place leave: kept columns in stored order, then new ones. */
export function inStoredOrder({before, after, delta}: Pick<TableWork, 'before' | 'after' | 'delta'>): string {
	const positions = new Map([...before.columns, ...delta.added].map(({name}, index) => [nameKey(name), index]));
	const position = ({name}: Column) => positions.get(nameKey(name)) ?? -1;
	const columns = [...after.columns].sort((a, b) => position(a) - position(b));
	return withColumnOrder(
		storedText(after.sql, after.name),
		columns.map(({name}) => name),
	);
}

/** Returns a definition as SQLite stores it: without IF NOT EXISTS, TEMP and a database name. */
export function storedText(sql: string, name: string): string {
	const {tokens} = cursorOver(sql);
	const opening = tokens.find(({text}) => text === '(');
	return `CREATE TABLE ${identifier(name)} ${sql.slice(opening?.start)}`;
}
