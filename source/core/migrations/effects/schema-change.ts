import {cursorOver, isWord, qualifiedName} from '../../ddl/cursor.ts';
import {renamedColumn} from '../../operations/table-names.ts';
import {nameKey, sameName} from '../../schema/identifiers.ts';
import type {Database} from '../../sqlite/database.ts';
import {columnNames, type Definition, definitionsIn} from './table-definitions.ts';
import type {WriteRecord} from './write-record.ts';

/**
 * How to read this file: a statement that changes the schema is not parsed. The tables that it may have changed are read from `sqlite_schema` before
 * and after it, and the difference is recorded. For each kind of statement, only the part of the schema that it may have changed is read.
 */

/** Reads the tables before a statement that changes the schema. The returned function records what the statement did to them. */
export function aroundSchemaChange(db: Database, record: WriteRecord, sql: string, verb: string): () => void {
	const {tokens} = cursorOver(sql);
	if (verb === 'CREATE') {
		const createsTable = tokens.slice(1, 3).some((token) => isWord(token, 'TABLE')) || isWord(tokens[1], 'VIRTUAL');
		return createsTable ? aroundCreate(db, record) : () => {};
	}
	if (verb === 'DROP' && !isWord(tokens[1], 'TABLE')) return () => {};
	const altered = verb === 'ALTER' ? qualifiedName(tokens, 2)?.name : undefined;
	return altered === undefined ? aroundAnything(db, record) : aroundAlter(db, record, altered);
}

/** New objects come last in the schema. */
function aroundCreate(db: Database, record: WriteRecord): () => void {
	const last = Number(db.value('SELECT max(rowid) FROM sqlite_schema') ?? 0);
	return () => {
		for (const table of definitionsIn(db, 's.rowid > ?', last)) record.add(table);
	};
}

/** ALTER TABLE changes one table, which keeps its place in the schema even if it is renamed. Other tables change only the names that refer to it. */
function aroundAlter(db: Database, record: WriteRecord, name: string): () => void {
	const [before] = definitionsIn(db, 's.name = ? COLLATE NOCASE', name);
	if (before === undefined) return () => {};
	return () => {
		const [after] = definitionsIn(db, 's.rowid = ?', before.rowid);
		if (after === undefined) return;
		record.change(record.names.find(before.name));
		if (!sameName(before.name, after.name)) record.names.rename(before.name, after.name);
		compareColumns(record, before, after);
	};
}

/** DROP TABLE, and statements that write `sqlite_schema` itself. */
function aroundAnything(db: Database, record: WriteRecord): () => void {
	const tablesByName = () => new Map(definitionsIn(db).map((table) => [nameKey(table.name), table]));
	const tablesBefore = tablesByName();
	return () => {
		const tablesAfter = tablesByName();
		for (const [key, {name}] of tablesBefore) if (!tablesAfter.has(key)) record.drop(name);
		for (const [key, after] of tablesAfter) {
			const before = tablesBefore.get(key);
			if (before === undefined) record.add(after);
			else if (before.sql !== after.sql) {
				record.change(record.names.find(after.name));
				compareColumns(record, before, after);
			}
		}
	};
}

/** A rename keeps the number of columns and changes the name of one of them. Any other column that is missing was dropped. */
function compareColumns(record: WriteRecord, before: Definition, after: Definition): void {
	if (before.isVirtual || after.isVirtual) return;
	const [old, now] = [columnNames(before), columnNames(after)];
	const changed = old.flatMap((name, index) => (name === now[index] ? [] : [index]));
	const [at] = changed;
	if (old.length === now.length && changed.length === 1 && at !== undefined) {
		record.names.changeColumns(after.name, (columns) => renamedColumn(columns, old[at] as string, now[at] as string));
		return;
	}
	for (const name of old.filter((column) => !now.some((other) => sameName(other, column)))) record.dropColumn(after.name, name);
}
