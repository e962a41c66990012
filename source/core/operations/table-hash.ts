import {sha256} from '@noble/hashes/sha2.js';
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js';
import {doubleQuotedStrings, fixDoubleQuotedStrings, readTable} from '../ddl/read.ts';
import {nameKey} from '../schema/identifiers.ts';
import {normalChecks, normalColumn, normalForeignKeys, normalPrimaryKey, normalUniques} from '../schema/normal-form.ts';
import {emptySchema, type Schema, type Table} from '../schema/schema.ts';

/**
 * A short hash of the meaning of a table's definition: columns, constraints and options, regardless of order and spelling. Two tables have the same
 * hash if they are the same (`sameTable`). Indexes and triggers are not part of it, since `changeTable` keeps them.
 *
 * Migration files contain it, so it must never change for a definition: `test/core/operations/table-hash.test.ts` has fixed values. If a normal form
 * has to change, keep the old one for this.
 *
 * @param schema has the parents of foreign keys that do not name the parent's columns
 */
export function tableHash(table: Table, schema: Schema = emptySchema): string {
	const meant = withSingleQuotes(table);
	const columns = meant.columns.map((column) => {
		const {name, type, notNull, default: standard, collate, generated} = normalColumn(column, meant);
		return [name, type, notNull, standard, collate, generated];
	});
	const parts = [
		nameKey(meant.name),
		columns.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
		meant.primaryKey === undefined ? '' : normalPrimaryKey(meant.primaryKey, meant),
		normalUniques(meant),
		normalChecks(meant),
		normalForeignKeys(meant, schema),
		meant.strict,
		meant.withoutRowid,
	];
	return bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts)))).slice(0, 8);
}

/** True for a text that `tableHash` may return. */
export function isTableHash(text: string): boolean {
	return /^[0-9a-f]{8}$/.test(text);
}

/** True if the table has one of the definitions that a change was written for. */
export function isOneOf(hashes: readonly string[], table: Table, schema: Schema): boolean {
	return hashes.includes(tableHash(table, schema)) || withoutParents(table, schema).some((partial) => hashes.includes(tableHash(table, partial)));
}

/** Returns the schema without some of the parents that are named without their columns, because the change was written without them if a project ignores them. */
function withoutParents(table: Table, schema: Schema): readonly Schema[] {
	const parents = [...new Set(table.foreignKeys.flatMap(({parent, parentColumns}) => (parentColumns.length === 0 ? [nameKey(parent)] : [])))];
	let subsets: readonly (readonly string[])[] = [[]];
	for (const parent of parents.slice(0, mostParents)) subsets = subsets.flatMap((set) => [set, [...set, parent]]);
	return subsets.map((left) => ({...schema, tables: schema.tables.filter(({name}) => !left.includes(nameKey(name)))}));
}

const mostParents = 6;

/** Rewrites the double-quoted string literals of an old definition with single quotes, as a rewrite does. They mean the same. */
function withSingleQuotes(table: Table): Table {
	if (!table.sql.includes('"') || doubleQuotedStrings(table).length === 0) return table;
	const columns = table.columns.map(({name}) => name);
	return readTable(fixDoubleQuotedStrings(table.sql, columns));
}
